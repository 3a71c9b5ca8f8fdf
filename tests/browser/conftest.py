"""A real server on loopback with the demo in it, and people at a real browser."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from api.app import attach, create_app
from api.demo import PASSWORD
from engine import ProcessEngine, Settings, TestClock
from tests.browsing import DESKTOP, PATIENCE, Complaints
from tests.pages.conftest import MONDAY, demo_template, one_app

__all__ = ["demo_template", "one_app"]


@dataclass(frozen=True)
class Site:
    url: str
    engine: ProcessEngine
    clock: TestClock


@pytest.fixture
def site(demo_template: Path, one_app: Flask, tmp_path: Path) -> Iterator[Site]:
    shutil.copy(demo_template, tmp_path / "onedoor.db")
    clock = TestClock(MONDAY)
    engine = ProcessEngine(Settings(f"sqlite:///{tmp_path}/onedoor.db", tmp_path, test_clock=True), clock)
    attach(one_app, engine)
    with serving(engine, clock, app=one_app) as found:
        yield found


@contextlib.contextmanager
def serving(engine: ProcessEngine, clock: TestClock, port: int = 0, app: Flask | None = None) -> Iterator[Site]:
    """Closes the engine too. `app` has it already; a new one is made unless it is given."""
    listening = make_server("127.0.0.1", port, app or create_app(engine, demo=True), threaded=True)
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.server_port}", engine, clock)
    listening.shutdown()
    thread.join(10)
    listening.server_close()
    engine.close()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, site: Site, complaints: Complaints) -> Iterator[SignIn]:
    """Signs a demo person in, in a browser of their own; the page is on Home. The form is sent without its page."""
    contexts = []

    def signed_in(user_id: str, **options: object) -> Page:
        usual = {"viewport": DESKTOP, "locale": "en-GB", "base_url": site.url, "timezone_id": "Europe/Stockholm"}
        context = browser.new_context(**{**usual, **options})
        context.set_default_timeout(PATIENCE)
        context.on("page", complaints.watch)
        contexts.append(context)
        page = context.new_page()
        form = {"user": user_id, "password": PASSWORD}
        answer = context.request.post("/sign-in", form=form, headers={"Origin": site.url}, max_redirects=0)
        assert answer.status == 302, answer.text()
        page.goto("/")
        expect(page).to_have_url(f"{site.url}/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
