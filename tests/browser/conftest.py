"""A real server on loopback with the demo in it, and people at a real browser."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from api.app import create_app
from engine import ProcessEngine, Settings, TestClock
from tests.browsing import DESKTOP, PATIENCE, Complaints
from tests.pages.conftest import MONDAY, demo_template

__all__ = ["demo_template"]


@dataclass(frozen=True)
class Site:
    url: str
    engine: ProcessEngine
    clock: TestClock


@pytest.fixture
def site(demo_template: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copy(demo_template, tmp_path / "onedoor.db")
    clock = TestClock(MONDAY)
    engine = ProcessEngine(Settings(f"sqlite:///{tmp_path}/onedoor.db", tmp_path, test_clock=True), clock)
    with serving(engine, clock) as found:
        yield found


@contextlib.contextmanager
def serving(engine: ProcessEngine, clock: TestClock, port: int = 0) -> Iterator[Site]:
    """Closes the engine too."""
    listening = make_server("127.0.0.1", port, create_app(engine, demo=True), threaded=True)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.server_port}", engine, clock)
    listening.shutdown()
    thread.join(10)
    listening.server_close()
    engine.close()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, site: Site, complaints: Complaints) -> Iterator[SignIn]:
    """Signs a demo person in with one click, in a browser of their own; the page is on Home."""
    contexts = []

    def signed_in(user_id: str, **options: object) -> Page:
        usual = {"viewport": DESKTOP, "locale": "en-GB", "base_url": site.url, "timezone_id": "Europe/Stockholm"}
        context = browser.new_context(**{**usual, **options})
        context.set_default_timeout(PATIENCE)
        context.on("page", complaints.watch)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.locator(f"button[name=user][value={user_id}]").click()
        page.wait_for_url(f"{site.url}/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
