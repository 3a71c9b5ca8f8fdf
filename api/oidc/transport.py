"""How we call the identity provider: for so long, for so much, where it said and nowhere else.

Where it said is not believed blindly either: its document could name a machine inside the house. What lies neither on
the issuer's host nor on one that the operator named must be on the open network, as for a webhook.
"""

from __future__ import annotations

import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter

from api.oidc.settings import OidcSettings, is_safe, is_this_machine
from engine import DeliveryFailed, allowed_address

#: Seconds for one call in all, and for each part of it.
DEADLINE_S = 10.0
TIMEOUT_S = 5.0
#: Bytes of an answer; the keys of a large provider are some tens of kilobytes.
LARGEST = 1_000_000
CHUNK = 16_384
HTTPS = 443


class LeadsInside(RequestException):
    """The provider names a machine that it has no business with."""


def refuse_inside(settings: OidcSettings, address: str) -> None:
    """LeadsInside for an address that this provider may not send us to.

    A name that leads elsewhere a moment later comes to nothing: outside the issuer's own machine all is encrypted, and
    who answers must have a certificate for that name."""
    parts = urlsplit(address)
    host, issuer = parts.hostname or "", urlsplit(settings.issuer).hostname or ""
    if host == issuer or host in settings.hosts or (is_this_machine(host) and is_this_machine(issuer)):
        return
    try:
        allowed_address(host, parts.port or HTTPS, ())
    except (DeliveryFailed, ValueError):
        raise LeadsInside(
            f"{host} is not the issuer's host and not on the open network: name it in ONEDOOR_OIDC_HOSTS if it is meant"
        ) from None


class Bounded(HTTPAdapter):
    """Raises RequestException for an address that is not encrypted or leads inside, an answer that is too long or takes
    too long, and a redirect: an endpoint stands where the provider's own document says."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
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
        refuse_inside(self._settings, request.url or "")
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
