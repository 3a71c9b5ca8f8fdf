"""Who is asking: HTTP Basic or a bearer token for REST clients, a session cookie for browsers.

A request with a cookie that changes something must carry the session's token (in the form or a header) and come from
our own origin. One with Basic credentials or a bearer token needs neither: no browser adds those by itself.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from hashlib import blake2b
from threading import Lock
from urllib.parse import urlsplit

from flask import Response, after_this_request, current_app, g, request
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import Forbidden

from api.limits import Guess, guessing
from api.origin import origin
from api.refused import log_refusal
from engine import (
    SYSTEM,
    Actor,
    DatabaseUnusable,
    NotAllowed,
    OptimisticLocking,
    ProcessEngine,
    Scope,
    Session,
    credentials,
    note_session_use,
    note_use,
    person_named,
    read_api_token,
    read_session,
    verify_hash,
)

COOKIE = "onedoor_session"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
#: How long verified credentials are remembered; a changed password is known at once: its hash is part of the key.
REMEMBERED_S = 300.0
REMEMBERED = 1_000
TURNS = 64
#: Seconds for which a page waits to have it noted that its session is in use.
NOTING_S = 0.5


class VerifiedCredentials:
    """Remembers which credentials were right, so that argon2 is paid once and not with every request of a worker.

    Keys are keyed digests over the user, the password and the stored hash: nothing in here is of use to anybody, and
    nothing fits any more once the password has changed.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, float] = {}
        self._lock = Lock()
        #: by the digest: those who come together with the same credentials are one guess, and wait for its answer
        self._turns = tuple(Lock() for _ in range(TURNS))

    def verify(
        self,
        user_id: str,
        password: str,
        stored: str | None,
        guess: Callable[[], AbstractContextManager[Guess]] = lambda: nullcontext(Guess()),
    ) -> bool:
        """`guess` counts what may be wrong; what was right here before is not counted, however long ago it was: nobody
        who guesses in the same network gets in the way of a worker that knows its password."""
        if stored is None:
            with guess():
                return verify_hash(None, password)
        digest = blake2b("\0".join((user_id, password, stored)).encode(), key=self._key).digest()
        if self._holds(digest):
            return True
        with self._turns[digest[0] % TURNS]:
            if self._holds(digest):
                return True
            with guess() if digest not in self._known else nullcontext(Guess()) as attempt:
                attempt.right = verify_hash(stored, password)
            if not attempt.right:
                return False
            with self._lock:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[digest] = time.monotonic() + REMEMBERED_S
            return True

    def _holds(self, digest: bytes) -> bool:
        with self._lock:
            return self._known.get(digest, 0.0) > time.monotonic()


def the_engine() -> ProcessEngine:
    found = current_app.extensions["onedoor"]
    assert isinstance(found, ProcessEngine)  # noqa: S101  (create_app puts nothing else there)
    return found


def _authorization() -> Authorization | None:
    """Of the request's header; None where nothing can be read from it."""
    try:
        return request.authorization
    except ValueError:  # letters that Base64 has none of, which werkzeug lets through
        return None


# ---------------------------------------------------------------- Basic


def basic_actor() -> Actor | None:
    """Who the Basic credentials name; None without credentials or for wrong ones. TooManyRequests after many of those.

    One statement for an id; another for who gives a user name or an address instead."""
    given = _authorization()
    if given is None or given.type != "basic" or not given.username:
        return None
    verified: VerifiedCredentials = current_app.extensions["onedoor_verified"]
    user_id = given.username
    engine = the_engine()
    with engine.glance(SYSTEM) as context:
        found = credentials(context, user_id)
    if found is None:
        with engine.query(SYSTEM) as context:
            if named := person_named(context, user_id):
                user_id = named
                found = credentials(context, user_id)
    actor, stored = found or (None, None)
    right = verified.verify(user_id, given.password or "", stored, lambda: guessing(user_id.lower()))
    if not right:
        log_refusal(engine, user_id if found else None)
        return None
    return actor


# ---------------------------------------------------------------- bearer tokens


def token_actor(*, reads: bool) -> Actor | None:
    """Who the bearer token acts for; None for one that is unknown or has run out. NotAllowed beyond its scope; `reads`:
    what is asked for changes nothing."""
    given = _authorization()
    secret = given.token if given else None
    engine = the_engine()
    with engine.glance(SYSTEM) as context:
        found = read_api_token(context, secret or "")
    if found is None:
        return None
    if found.scope is Scope.READ and not reads:
        raise NotAllowed("This token only reads: make one with the scope write.")
    # The rule, not the path: a process or a message may be called external-task.
    if found.scope is Scope.WORKER and "/external-task" not in (request.url_rule.rule if request.url_rule else ""):
        raise NotAllowed("This token only works on external tasks: make one with the scope read or write.")
    if not found.use_is_noted:
        with engine.command(SYSTEM) as context:
            note_use(context, found.token_id)
    g.by_token = True
    g.token_id = found.token_id
    return found.actor


def require_person() -> None:
    """NotAllowed for a token: what it could make would outlive it."""
    if g.get("by_token"):
        raise NotAllowed("A token cannot make or remove tokens: use the page, or a user and a password.")


def by_password() -> bool:
    """Whether who asks over REST has just shown that they know their password."""
    given = _authorization()
    return given is not None and given.type == "basic"


def unauthenticated() -> Response:
    answer = Response('{"type":"AuthenticationException","message":"Sign in: send a user and a password.","code":null}')
    answer.status_code = 401
    answer.mimetype = "application/json"
    answer.headers["WWW-Authenticate"] = 'Basic realm="default"'
    return answer


# ---------------------------------------------------------------- sessions


def current_session() -> Session | None:
    """The session of the request's cookie, read once; None without one that holds."""
    if "session" not in g:
        secret = request.cookies.get(COOKIE)
        if secret:
            with the_engine().glance(SYSTEM) as context:
                g.session = read_session(context, secret)
            if g.session is not None and not g.session.use_is_noted:
                after_this_request(partial(_note_use, secret))
        else:
            g.session = None
    found: Session | None = g.session
    return found


def _note_use(secret: str, answer: Response) -> Response:
    """It can wait: nobody is kept from a page because somebody else holds the database, or it can only be read."""
    noting = partial(the_engine().command, SYSTEM, origin=origin(), patience_s=NOTING_S, lightly=True)
    with suppress(OptimisticLocking, DatabaseUnusable), noting() as context:
        note_session_use(context, secret)
    return answer


def check_csrf(session: Session) -> None:
    """Forbidden for a change that the session's own pages did not ask for."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()) or not same_origin():
        raise Forbidden("This form has expired or came from elsewhere: reload the page and try again.")


def same_origin() -> bool:
    """Browsers say where a form comes from; one that says nothing is an old one, and the token decides."""
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:  # that is no address
        return False


def rest_actor(*, reads: bool) -> Actor | None:
    """Basic credentials, a bearer token, or a browser's session with its own token; never two of them."""
    given = _authorization()
    if given is not None:
        return token_actor(reads=reads) if given.type == "bearer" else basic_actor()
    session = current_session()
    if session is None:
        return None
    check_csrf(session)
    return session.actor


def actor() -> Actor:
    """Who asks, as the guard before the view found out."""
    found = g.actor
    assert isinstance(found, Actor)  # noqa: S101
    return found
