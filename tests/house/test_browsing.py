"""The browser that the tests of pages get: real, and it hears what goes wrong in a page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import Complaints

pytestmark = pytest.mark.browser

PAGES = {
    "/good": "<h1>Good</h1>",
    "/inline": "<h1>Inline</h1><script>document.title = 'ran'</script>",
    "/thrown": "<h1>Thrown</h1><script src=thrown.js></script>",
    "/foreign": "<h1>Foreign</h1><img src=http://192.0.2.1/a.png>",
    "/thrown.js": "null.x",
    "/favicon.ico": "",
}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_a_page_is_seen_as_people_see_it(site: str, page: Page) -> None:
    # The site comes first so that it goes last: a page still asking for its icon must not find the door shut.
    page.goto(f"{site}/good")
    assert page.get_by_role("heading").inner_text() == "Good"


@pytest.mark.parametrize(
    ("address", "word"),
    [("/inline", "Content Security Policy"), ("/thrown", "exception"), ("/foreign", "request to 192.0.2.1")],
)
def test_a_page_that_misbehaves_is_heard(browser: Browser, site: str, address: str, word: str) -> None:
    complaints = Complaints()
    with browser.new_context() as context:
        context.on("page", complaints.watch)
        context.new_page().goto(f"{site}{address}")
    assert [complaint for complaint in complaints if word in complaint]
