"""A person's API tokens on their page."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.person import Person

Somebody = Callable[..., Person]


def test_a_token_is_shown_once_and_revoked_with_a_click(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/account/tokens")
    hanna.send("/account/tokens", {"name": "Payroll export", "scope": "read", "days": "30"})
    (secret,) = hanna.page.xpath("//input[@id='secret']/@value")
    assert secret.startswith("onedoor_")
    hanna.open("/account/tokens")
    assert secret not in hanna.answer.text
    assert "Payroll export" in hanna.says("//main")
    hanna.send("/revoke")
    assert "No token yet." in hanna.says("//main")


def test_a_form_that_no_page_gave_out_is_told_what_is_missing(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    answer = hanna.post("/account/tokens", {"name": "x"})
    assert answer.status_code == 422
    assert "Choose what the token may do" in answer.text


def test_a_token_without_a_name_says_what_is_missing_and_keeps_the_rest(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/account/tokens")
    hanna.send("/account/tokens", {"name": " ", "scope": "worker", "days": "30"}, status=422)
    assert "Name the token" in hanna.says("//*[@role='alert']")
    assert hanna.page.xpath("//select[@id='scope']/option[@selected]/@value") == ["worker"]
