"""A real browser: the machine's Chromium, driven by Playwright. `make test` installs one where it may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tools.setup import BROWSERS

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "test-results"
#: Milliseconds until a missing element, or a page that does not come, fails the test.
PATIENCE = 10_000
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


class Complaints(list[str]):
    """What a page did that it should not: errors in its console (breaches of the content security policy are among
    them), uncaught exceptions, requests to another machine. A test that expects one removes it."""

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"exception: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.append(f"request to {address.hostname}: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Skips where there is no Chromium, and the summary says so."""
    program = next((found for name in BROWSERS if (found := which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine; on Debian or Ubuntu: apt install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Those of every page of the test; at its end there must be none."""
    found = Complaints()
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def browsing(browser: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    """A browser of one person: cookies of its own, nothing stored. `browsing.new_page()` opens a page."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Stockholm")
    context.set_default_timeout(PATIENCE)
    context.on("page", complaints.watch)
    yield context
    context.close()


@pytest.fixture
def page(browsing: BrowserContext) -> Page:
    return browsing.new_page()


def picture(page: Page, name: str) -> Path:
    """The whole page as test-results/`name`.png, for people to look at."""
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, full_page=True, timeout=6 * PATIENCE)
    return path


def schemes(page: Page) -> Iterator[str]:
    """The page in light and then in dark, without loading it again; it is light afterwards."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        yield scheme
    page.emulate_media(color_scheme="light")
