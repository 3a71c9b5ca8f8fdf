"""One POST to a webhook: to the address that was checked, under the name that was meant, and nowhere else. Redirects
are not followed and no proxy is asked."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from engine.errors import DeliveryFailed
from engine.outgoing.addresses import allowed_address
from engine.outgoing.settings import Webhook

TIMEOUT_S = 10.0
#: For all of it: an answer that comes a byte at a time is cut off well within the lease of its job (two minutes).
LONGEST_S = 30.0
#: Of an answer that is shown with what went wrong.
SHOWN = 200


def post(hook: Webhook, body: bytes, headers: Mapping[str, str]) -> None:
    """DeliveryFailed unless the answer is a success (2xx)."""
    parts = urlsplit(hook.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = allowed_address(host, port, hook.networks)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(host, port, address, secure=secure)
    ending = threading.Timer(LONGEST_S, connection.cut)
    ending.daemon = True
    ending.start()
    try:
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        said = answer.read(SHOWN).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryFailed(f"Webhook {hook.name} cannot be reached: {error}.") from error
    finally:
        ending.cancel()
        connection.close()
    if not 200 <= answer.status < 300:
        raise DeliveryFailed(f"Webhook {hook.name} answered {answer.status}: {said}")


class _Pinned(http.client.HTTPConnection):
    """Connects to an address; `Host` and the certificate are those of the name."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._address = address
        self._tls = ssl.create_default_context() if secure else None
        if secure:
            self.default_port = 443

    def cut(self) -> None:
        """From another thread: whoever reads is told that it is over."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), TIMEOUT_S)
        self.sock = plain if self._tls is None else self._tls.wrap_socket(plain, server_hostname=self.host)
