"""Everybody and every department by name: shown on every page, changed once in a while."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from engine.context import SYSTEM
from engine.people.departments import find_groups
from engine.people.users import find_users
from engine.people.values import Group, GroupQuery, User, UserQuery

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

#: Seconds after which they are read again: another server process may have changed one.
REMEMBERED_S = 30.0


class Everybody:
    """Of one process; what this process changes counts at once. Thread-safe: what is read is replaced as a whole."""

    def __init__(self) -> None:
        self._found: tuple[float, Sequence[User], Sequence[Group]] | None = None

    def read(self, engine: ProcessEngine) -> tuple[Sequence[User], Sequence[Group]]:
        """Asks the database only where nothing is remembered."""
        found = self._found
        if found is None or monotonic() - found[0] >= REMEMBERED_S:
            with engine.query(SYSTEM) as context:
                found = monotonic(), find_users(context, UserQuery()), find_groups(context, GroupQuery())
            self._found = found
        return found[1], found[2]

    def forget(self) -> None:
        self._found = None
