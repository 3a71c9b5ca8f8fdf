"""The API's own pages, offline, under the strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browsing import Complaints, picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("document", "operation"), [("engine-rest", "Takes the task"), ("v1", "One journey")])
def test_both_documents_can_be_read_offline(
    sign_in: SignIn, complaints: Complaints, document: str, operation: str
) -> None:
    page = sign_in("maria")
    page.goto(f"/api/docs?of={document}")
    expect(page.locator("#docs")).to_contain_text(operation, timeout=30_000)
    picture(page, f"docs-{document}")
    assert complaints == []
