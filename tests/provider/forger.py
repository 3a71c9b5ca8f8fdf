"""A provider that says what it is told to: correct by default, so that each lie is told alone."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "onedoor", "a secret between the two"


@dataclass
class Forger:
    """`claims` replaces parts of the ID token and `metadata` of the document; None takes one away. `key` signs,
    `published` is what it tells the world; `token` stands in for the signed one. `now` is in seconds."""

    issuer: str
    key: RSAKey
    now: int
    subject: str = "s-1"
    userinfo: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    published: RSAKey | None = None
    token: str | None = None
    #: code -> what the browser was sent with
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def consent(self, address: str) -> dict[str, str]:
        """Somebody signs in at the address they were led to: what their browser brings back."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = given
        return {"code": code, "state": given["state"], "iss": self.issuer}

    def document(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/bye",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**found, **self.metadata}.items() if value is not None}

    def exchange(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        began = self.codes.pop(asked.get("code", ""), None)
        if began is None or create_s256_code_challenge(asked["code_verifier"]) != began["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "at",
            "token_type": "Bearer",
            "id_token": self.token or self.signed(began["nonce"]),
        }

    def signed(self, nonce: str) -> str:
        usual = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": nonce, "iat": self.now,
            "exp": self.now + 300,
        }  # fmt: skip
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)


def unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg` none, as an attacker would write one."""
    parts = [{"alg": "none"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts) + "."


@contextmanager
def forging(key: RSAKey, now: int, tls: ssl.SSLContext | None = None) -> Iterator[Forger]:
    """`now` is in seconds."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    forger = Forger(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", key, now)
    server.forger = forger  # type: ignore[attr-defined]  # ours, put there for the handler
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        forger: Forger = self.server.forger  # type: ignore[attr-defined]  # ours, put there for the handler
        forger.asked.append(self.path)
        if self.path == "/.well-known/openid-configuration":
            self._say(200, forger.document())
        elif self.path == "/keys":
            self._say(200, {"keys": [(forger.published or forger.key).as_dict(private=False)]})
        elif self.path == "/me":
            self._say(200, {"sub": forger.subject, **forger.userinfo})
        elif self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", f"{forger.issuer}/keys")
            self.end_headers()
        elif self.path == "/endless":
            self._say(200, {"keys": ["x" * 2_000_000]})
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        forger: Forger = self.server.forger  # type: ignore[attr-defined]  # ours, put there for the handler
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(*forger.exchange({name: values[0] for name, values in parse_qs(body).items()}))

    def _say(self, status: int, what: Any) -> None:
        content = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the tests say what went wrong."""
