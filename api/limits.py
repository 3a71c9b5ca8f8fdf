"""How often somebody may try: `limits`, counted in the memory of this process by the engine's clock.

Wrong passwords are counted for an account *and* the network they come from, so nobody can lock somebody else out by
guessing; a browser in which the person has signed in before has a budget of its own, and so is not touched by what
others do in its network either. What was right is not counted. Several servers count each for themselves: with three,
a stranger has three times as many tries.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from hashlib import sha256
from threading import Lock
from typing import ParamSpec, TypeVar

from flask import current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

#: Wrong passwords for one account from one network, or in one browser that is known.
FOR_ONE = parse("10 per 15 minutes")
#: Wrong passwords from one network for whatever accounts, known browsers apart.
FOR_ALL = parse("100 per 15 minutes")
#: Visits of one network to what is open to strangers and costs something: the identity provider, the first link.
OPEN_DOORS = parse("60 per minute")
#: Seconds for which refused sign-ins to one account, from wherever, are counted together; unknown names are one.
TOGETHER_S = 3_600
#: Exports of all that is kept about somebody, for one who asks: each reads a large part of the database.
EXPORTS = parse("12 per minute")
#: Counters that are kept at a time.
MOST = 100_000


@dataclass
class Counts:
    """Key -> how often, until when (seconds of the engine's clock). Bounded and thread-safe."""

    kept: dict[str, tuple[int, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, key: str, amount: int, lasts: int, now: float) -> int:
        with self.lock:
            count, until = self.kept.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + lasts
            if key not in self.kept and len(self.kept) >= MOST:
                self._make_room(now)
            count = max(0, count + amount)
            self.kept[key] = (count, until)
            return count

    def read(self, key: str, now: float) -> tuple[int, float]:
        with self.lock:
            count, until = self.kept.get(key, (0, now))
        return (count, until) if until > now else (0, now)

    def _make_room(self, now: float) -> None:
        self.kept = {key: value for key, value in self.kept.items() if value[1] > now}
        while len(self.kept) >= MOST:
            del self.kept[next(iter(self.kept))]


class CountedHere(Storage):
    """The counts of the application that answers just now."""

    STORAGE_SCHEME: list[str] | None = ["onedoor"]  # noqa: RUF012  (the library declares it so)

    @property
    def base_exceptions(self) -> type[Exception]:
        return KeyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return _counts().add(key, amount, expiry, _now())

    def get(self, key: str) -> int:
        return _counts().read(key, _now())[0]

    def get_expiry(self, key: str) -> float:
        """By the wall clock, since that is what answers are told in."""
        now = _now()
        return time.time() + _counts().read(key, now)[1] - now

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        counts = _counts()
        with counts.lock:
            gone = len(counts.kept)
            counts.kept.clear()
        return gone

    def clear(self, key: str) -> None:
        counts = _counts()
        with counts.lock:
            counts.kept.pop(key, None)


def network() -> str:
    """Where the request comes from: an IPv4 address, or the /64 that one subscriber has."""
    return _network(64)


def wide_network() -> str:
    """The same, with the /48 that one organisation may have."""
    return _network(48)


_counter = FixedWindowRateLimiter(CountedHere())


def open_door(view: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """A view that strangers may visit so often and no more: TooManyRequests."""

    @wraps(view)
    def counted(*given: _Given.args, **named: _Given.kwargs) -> _Answer:
        door = ("door", view.__name__, network())
        if not _counter.hit(OPEN_DOORS, *door):
            raise _too_many(OPEN_DOORS, door)
        return view(*given, **named)

    return counted


def pace_export(user_id: str) -> None:
    """TooManyRequests for whoever asks for exports one after the other."""
    if not _counter.hit(EXPORTS, "export", user_id):
        raise _too_many(EXPORTS, ("export", user_id))


def refusals(account: str) -> int:
    """How many sign-ins to this account were refused within the hour that began with the first, this one too."""
    return _counts().add(f"refused/{account}", 1, TOGETHER_S, _now())


# ---------------------------------------------------------------- guessing


@dataclass
class Guess:
    """One attempt; `right` is for the caller to set."""

    right: bool = False


@contextmanager
def guessing(account: str, *, device: str | None = None) -> Iterator[Guess]:
    """Around the check of a password. TooManyRequests, before anything is checked, where too many were wrong.

    `account` is the id, or what was given where nobody goes by that; `device` is the secret of a browser that is known
    for this account. The attempt is counted first and taken back if it was right: many at once do not slip through."""
    budgets: list[tuple[RateLimitItem, tuple[str, ...]]]
    if device is not None:
        budgets = [(FOR_ONE, ("device", account, sha256(device.encode()).hexdigest()))]
    else:
        budgets = [(FOR_ONE, ("account", account, network())), (FOR_ALL, ("network", wide_network()))]
    for number, (item, of) in enumerate(budgets):
        if not _counter.hit(item, *of):
            # Nothing is checked, so it is no guess: who tries on and on uses up nothing that others come in by.
            _take_back(budgets[: number + 1])
            raise _too_many(item, of)
    guess = Guess()
    try:
        yield guess
    except Exception:
        _take_back(budgets)  # nothing was checked
        raise
    if guess.right:
        _take_back(budgets)
        _counter.clear(budgets[0][0], *budgets[0][1])


def _take_back(budgets: Sequence[tuple[RateLimitItem, tuple[str, ...]]]) -> None:
    for item, of in budgets:
        _counter.hit(item, *of, cost=-1)


def _too_many(item: RateLimitItem, of: tuple[str, ...]) -> TooManyRequests:
    g.retry_after = max(1, round(_counter.get_window_stats(item, *of).reset_time - time.time()))
    return TooManyRequests("Too many attempts: wait, then try again.", retry_after=g.retry_after)


def _network(prefix: int) -> str:
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, prefix), strict=False))


def _counts() -> Counts:
    found = current_app.extensions["onedoor_counts"]
    assert isinstance(found, Counts)  # noqa: S101  (create_app puts nothing else there)
    return found


def _now() -> float:
    return float(current_app.extensions["onedoor"].clock.now().timestamp())
