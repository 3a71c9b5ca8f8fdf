"""The identity provider: what it says of itself, where people go to sign in there, and who comes back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from api.oidc.answers import Answer, OidcFailed
from api.oidc.settings import OidcSettings, is_safe
from api.oidc.transport import Bounded, LeadsInside, refuse_inside
from engine import PendingSignIn

#: Seconds for which its document and keys are kept; a key that is not among them makes us look again, once a minute.
KEPT_S = 3_600.0
ASKED_AGAIN_S = 60.0
#: Seconds by which its clock may differ from ours.
LEEWAY_S = 60
#: Signed with a key that only the provider has; never `none`, never one that our own secret could make.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")
#: By us; people's browsers go to the others.
CALLED = ("token_endpoint", "jwks_uri", "userinfo_endpoint")
LONGEST_SUBJECT = 255


class Provider:
    """One to a server process. Thread-safe: what is remembered is replaced as a whole."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    # ------------------------------------------------------------ there

    def begin(self, redirect_uri: str, going_on: str, **more: Any) -> tuple[str, PendingSignIn]:
        """The address to sign in at, and what has to be remembered of this browser until it comes back."""
        pending = PendingSignIn(
            state=generate_token(43), nonce=generate_token(43), verifier=generate_token(64), next=going_on, **more
        )
        with self._session(redirect_uri) as session:
            address, _ = session.create_authorization_url(
                self.metadata()["authorization_endpoint"],
                state=pending.state,
                code_verifier=pending.verifier,
                nonce=pending.nonce,
            )
        return str(address), pending

    def sign_out_address(self, id_token: str | None, back_to: str) -> str | None:
        """Where a person signs out there as well; None if the provider has no such place, or cannot be asked."""
        try:
            place = self.metadata().get("end_session_endpoint")
        except OidcFailed:
            return None
        if not place:
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        if id_token:
            asked["id_token_hint"] = id_token
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    # ------------------------------------------------------------ and back

    def redeem(self, pending: PendingSignIn, given: Mapping[str, str], redirect_uri: str, now: datetime) -> Answer:
        """Who the provider says came back with these parameters. OidcFailed for everything that does not fit."""
        metadata = self.metadata()
        if given.get("state") != pending.state:
            raise OidcFailed("the state is not that of this browser")
        if given.get("iss", self.settings.issuer) != self.settings.issuer:
            raise OidcFailed("the answer comes from another issuer")
        if "iss" not in given and metadata.get("authorization_response_iss_parameter_supported") is True:
            raise OidcFailed("the answer does not say from which issuer it comes")
        if "error" in given:
            raise OidcFailed(f"the provider answered {_word(given['error'])}")
        if not given.get("code"):
            raise OidcFailed("the answer has no code")
        with self._session(redirect_uri) as session:
            token = self._token(session, metadata, given["code"], pending)
            id_token = token.get("id_token")
            if not isinstance(id_token, str):
                raise OidcFailed("the provider gave no ID token")
            claims = self._validated(id_token, token.get("access_token"), pending.nonce, now)
            claims = {**self._userinfo(session, metadata, claims), **claims}
        return Answer(self.settings.issuer, claims["sub"], claims, id_token)

    def metadata(self) -> Mapping[str, Any]:
        """The provider's document, read at most once an hour."""
        kept = self._metadata
        if kept is not None and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        found = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise OidcFailed(f"the document of {self.settings.issuer} is that of another issuer")
        for name in (*ENDPOINTS, *(each for each in OPTIONAL_ENDPOINTS if found.get(each))):
            if not is_safe(found.get(name)):
                raise OidcFailed(f"the document of {self.settings.issuer} has no safe {name}")
            if name in CALLED:
                self._refuse_inside(name, found[name])
        self._metadata = time.monotonic(), found
        return found

    # ------------------------------------------------------------ inside

    def _session(self, redirect_uri: str | None = None) -> OAuth2Session:
        methods = (self._metadata[1] if self._metadata else {}).get("token_endpoint_auth_methods_supported")
        secret = self.settings.client_secret
        basic = methods is None or "client_secret_basic" in methods  # what counts where nothing is said
        session = OAuth2Session(
            client_id=self.settings.client_id,
            client_secret=secret,
            token_endpoint_auth_method="none" if secret is None else f"client_secret_{'basic' if basic else 'post'}",
            scope=self.settings.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, Bounded(self.settings))
        return session

    def _refuse_inside(self, name: str, address: str) -> None:
        try:
            refuse_inside(self.settings, address)
        except LeadsInside as error:
            raise OidcFailed(f"the {name} of {self.settings.issuer} leads inside: {error}") from None

    def _get(self, address: str) -> Mapping[str, Any]:
        try:
            with self._session() as session:
                answer = session.request("GET", address, withhold_token=True)
                answer.raise_for_status()
                found = answer.json()
        except (RequestException, OSError, ValueError) as error:
            raise OidcFailed(f"{address} cannot be read: {type(error).__name__}") from error
        if not isinstance(found, dict):
            raise OidcFailed(f"{address} is no JSON object")
        return found

    def _token(
        self, session: OAuth2Session, metadata: Mapping[str, Any], code: str, pending: PendingSignIn
    ) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=pending.verifier,
                redirect_uri=session.redirect_uri,
            )
        except OAuthError as error:
            raise OidcFailed(f"the provider does not take the code: {_word(error.error)}") from None
        except (RequestException, OSError, ValueError) as error:
            raise OidcFailed(f"the code cannot be redeemed: {type(error).__name__}") from None
        return found

    def _validated(self, id_token: str, access_token: object, nonce: str, now: datetime) -> dict[str, Any]:
        """The claims, if it is signed by the provider, for us, for this sign-in, and still good."""
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        told: dict[str, Any] = {"nonce": nonce, "client_id": self.settings.client_id}
        if isinstance(access_token, str):
            told["access_token"] = access_token
        try:
            token = self._decoded(id_token)
            claims = CodeIDToken(token.claims, token.header, wanted, told)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcFailed(f"the ID token is refused: {type(error).__name__} {_word(str(error))}") from None
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise OidcFailed("the ID token has no usable subject")
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, self._key_set(), registry=registry)
        except (InvalidKeyIdError, ValueError):
            return jwt.decode(id_token, self._key_set(again=True), registry=registry)

    def _key_set(self, *, again: bool = False) -> KeySet:
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys is not None else None
            if self._keys is not None and age is not None and age < (ASKED_AGAIN_S if again else KEPT_S):
                return self._keys[1]
        try:
            found = KeySet.import_key_set(self._get(self.metadata()["jwks_uri"]))  # type: ignore[arg-type]  # it checks what it is given
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcFailed(f"the keys of the provider cannot be read: {type(error).__name__}") from None
        with self._lock:
            self._keys = time.monotonic(), found
        return found

    def _userinfo(
        self, session: OAuth2Session, metadata: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What the ID token leaves out, if anything of it is wanted; about the same subject, or nothing."""
        wanted = {"email", "given_name", self.settings.user_claim, self.settings.groups_claim} - {None}
        place = metadata.get("userinfo_endpoint")
        if not place or wanted <= claims.keys():
            return {}
        try:
            answer = session.get(place)
            answer.raise_for_status()
            found = answer.json()
        except (RequestException, OAuthError, OSError, ValueError) as error:
            raise OidcFailed(f"the provider does not say who this is: {type(error).__name__}") from None
        if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
            raise OidcFailed("the provider speaks of somebody else")
        return found


def _word(text: object) -> str:
    """Of somebody else's, for a line of the log: printable and short."""
    return "".join(c for c in str(text) if c.isprintable())[:80]
