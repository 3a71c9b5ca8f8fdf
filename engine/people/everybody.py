"""Everybody and every department by name: shown on every page, changed once in a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.context import SYSTEM
from engine.people.departments import find_groups
from engine.people.users import find_users
from engine.people.values import Group, GroupQuery, User, UserQuery
from engine.remembered import Remembered

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


class Everybody:
    """Of one process; what this process changes counts at once."""

    def __init__(self) -> None:
        self._remembered = Remembered[tuple[Sequence[User], Sequence[Group]]]()

    def read(self, engine: ProcessEngine) -> tuple[Sequence[User], Sequence[Group]]:
        """Asks the database only where nothing is remembered."""

        def found() -> tuple[Sequence[User], Sequence[Group]]:
            with engine.query(SYSTEM) as context:
                return find_users(context, UserQuery()), find_groups(context, GroupQuery())

        return self._remembered.get(found)

    def forget(self) -> None:
        self._remembered.forget()
