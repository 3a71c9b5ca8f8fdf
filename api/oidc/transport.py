"""How we call the identity provider: for so long, for so much, where it said and nowhere else."""

from __future__ import annotations

import ssl
import time
from typing import Any

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter

from api.oidc.settings import is_safe

#: Seconds for one call in all, and for each part of it.
DEADLINE_S = 10.0
TIMEOUT_S = 5.0
#: Bytes of an answer; the keys of a large provider are some tens of kilobytes.
LARGEST = 1_000_000
CHUNK = 16_384


class Bounded(HTTPAdapter):
    """Raises RequestException for an address that is not encrypted, an answer that is too long or takes too long, and a
    redirect: an endpoint stands where the provider's own document says."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        # The certificates that this machine trusts, the company's own among them.
        super().init_poolmanager(*arguments, ssl_context=ssl.create_default_context(), **named)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Left to the context above; the parent would put a list of its own in its place."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(
        self, request: PreparedRequest, stream: bool = False, timeout: object = None, *rest: Any, **named: Any
    ) -> Response:
        if not is_safe(request.url):
            raise RequestException("The identity provider names an address that is not encrypted.")
        began = time.monotonic()
        answer = super().send(request, True, TIMEOUT_S, *rest, **named)
        try:
            answer._content = _body(answer, began)
        finally:
            answer.close()
        if answer.is_redirect:
            raise RequestException("The identity provider sends elsewhere, and that is not followed.")
        return answer


def _body(answer: Response, began: float) -> bytes:
    """Piece by piece as it comes, so that who sends a byte now and then does not hold us."""
    found = bytearray()
    while True:
        piece = answer.raw.read1(CHUNK, decode_content=True)
        if not piece:
            return bytes(found)
        found += piece
        if len(found) > LARGEST:
            raise RequestException("The identity provider's answer is too long.")
        if time.monotonic() - began > DEADLINE_S:
            raise RequestException("The identity provider takes too long.")
