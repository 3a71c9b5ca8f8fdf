"""People come in: by the company's identity provider, a certified one, and by the first link of an empty house."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from api.app import create_app
from api.oidc.provider import Provider
from api.oidc.settings import OidcSettings
from engine import SYSTEM, ProcessEngine, Settings, get_user, make_set_up_link, update_user, upgrade
from tests.browsing import PHONE, Complaints, picture
from tests.provider.real import SECRET, real_provider

pytestmark = pytest.mark.browser

ACCOUNTS = {
    "s-hanna": {"email": "hanna@example.org", "email_verified": True, "given_name": "Hanna"},
    "s-liar": {"email": "isak@example.org", "email_verified": False},
}


@contextmanager
def listening(server: BaseWSGIServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def company(demo_template: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a house by the real clock, with a provider beside it."""
    shutil.copy(demo_template, tmp_path / "onedoor.db")
    engine = ProcessEngine(Settings(f"sqlite:///{tmp_path}/onedoor.db", tmp_path))
    with engine.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, "hanna"), email="hanna@example.org"))
    app = create_app(engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with real_provider(f"http://127.0.0.1:{server.server_port}", ACCOUNTS) as issuer:
        app.extensions["onedoor_oidc"] = Provider(OidcSettings(issuer, "onedoor", SECRET, label="Example ID"))
        with listening(server) as url:
            yield url
    engine.close()


def go_in(page: Page, subject: str) -> None:
    page.get_by_role("button", name="Sign in with Example ID").click()
    page.get_by_label("Subject").fill(subject)
    page.get_by_role("button", name="Go in").click()


def test_hanna_signs_in_with_the_company_s_account_and_out_of_it(company: str, page: Page) -> None:
    page.goto(f"{company}/tasks?view=late")
    picture(page, "sign-in-with-provider")
    go_in(page, "s-hanna")
    page.wait_for_url(f"{company}/tasks?view=late")
    expect(page.locator("details.who summary")).to_contain_text("Hanna Berg")
    page.goto(f"{company}/account")
    expect(page.get_by_role("cell", name="Example ID")).to_be_visible()
    picture(page, "account")
    page.set_viewport_size(PHONE)
    picture(page, "account-phone")
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Yes, sign out").click()
    page.wait_for_url(f"{company}/sign-in*")
    page.goto(f"{company}/tasks")
    expect(page).to_have_url(f"{company}/sign-in?next=%2Ftasks")
    go_in(page, "s-hanna")  # asked again: signed out there, too
    page.wait_for_url(f"{company}/tasks")


def test_an_address_that_the_provider_has_not_checked_opens_nothing(
    company: str, page: Page, complaints: Complaints
) -> None:
    page.goto(f"{company}/sign-in")
    go_in(page, "s-liar")
    expect(page.get_by_role("alert")).to_have_text("Nobody here is known by that account. Ask an administrator.")
    picture(page, "sign-in-refused")
    page.goto(f"{company}/tasks")
    expect(page).to_have_url(f"{company}/sign-in?next=%2Ftasks")
    (refused,) = complaints
    assert "403" in refused
    complaints.clear()


def test_an_empty_house_gets_its_first_administrator_by_the_link(
    page: Page, tmp_path: Path, complaints: Complaints
) -> None:
    address = f"sqlite:///{tmp_path}/empty.db"
    upgrade(address)
    engine = ProcessEngine(Settings(address, tmp_path))
    with engine.command(SYSTEM) as context:
        secret = make_set_up_link(context)
    with listening(make_server("127.0.0.1", 0, create_app(engine), threaded=True)) as url:
        page.goto(f"{url}/set-up/{secret}")
        page.get_by_label("User name").fill("anna")
        page.get_by_label("First name").fill("Anna")
        page.get_by_label("Last name").fill("Ek")
        page.get_by_label("Password").fill("anna-ek-2026")
        picture(page, "set-up")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_contain_text("hardly more than a name of yours")
        page.get_by_label("Password").fill("four small green boats")
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url(f"{url}/")
        expect(page.get_by_role("link", name="Administration")).to_be_visible()
        page.goto(f"{url}/set-up/{secret}")
        expect(page.get_by_role("heading", name="This link is used up")).to_be_visible()
    engine.close()
    assert ["422" in each or "404" in each for each in complaints] == [True, True]
    complaints.clear()
