"""Who is being erased, or was a moment ago.

A request reads who asks before its command begins. One that did so just before the account was closed would write the
person's id, and what they wrote, after the erasure has looked everywhere. So a command asks here before it commits.
"""

from __future__ import annotations

import time
from threading import Lock

from engine.errors import NotAllowed

#: Longer than any request is under way.
KEPT_S = 600.0


class Departed:
    """Ids of this process, for ten minutes each; thread-safe."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def add(self, user_id: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._until = {each: until for each, until in self._until.items() if until > now}
            self._until[user_id] = now + KEPT_S

    def welcome_back(self, user_id: str) -> None:
        """Somebody has made the account active again, or a new one of that id."""
        with self._lock:
            self._until.pop(user_id, None)

    def refuse(self, user_id: str | None) -> None:
        """NotAllowed for who is among them."""
        if self._until and self._until.get(user_id or "", 0.0) > time.monotonic():
            raise NotAllowed("This account has just been closed: nothing was changed.")
