"""The composition root: the one object that holds the database, the clock, the calendar, the handlers, the models."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import make_url

from engine.calendar import OfficeCalendar, Site, expression_functions
from engine.clock import Clock, SystemClock, TestClock
from engine.context import INSIDE, Actor, CommandContext, Origin
from engine.database.clock import DatabaseClock
from engine.database.connect import Database
from engine.database.hold import hold
from engine.database.schema import require_current
from engine.errors import InvalidInput, NotAllowed
from engine.execution.protocol import Executor
from engine.executors import EXECUTORS
from engine.handlers import SHIPPED, EngineHandler
from engine.outgoing.settings import Outgoing
from engine.people.calendars import Calendars
from engine.people.departed import Departed
from engine.people.everybody import Everybody
from engine.repository_models import DeployedModel
from engine.wakers import deferral, start_waker


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` as SQLAlchemy writes it; `home` the folder for everything that is no row; `test_clock` makes the
    clock stand still until it is told to move; `executor` runs what is deployed without saying by which; `outgoing` is
    where mails and webhooks go; `history_days` how long finished journeys are kept whose flow does not say (None: for
    good); `session_idle` after how long without use somebody is signed out; `addresses_open_accounts`: a verified
    address at the identity provider opens the account that has it, so only administrators change addresses."""

    database_url: str = field(repr=False)
    home: Path
    site: Site = field(default_factory=Site)
    test_clock: bool = False
    executor: str = "native"
    outgoing: Outgoing = field(default_factory=Outgoing)
    history_days: int | None = None
    session_idle: timedelta = timedelta(hours=4)
    addresses_open_accounts: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether other servers and workers may work on the same database."""
        return make_url(self.database_url).get_backend_name() != "sqlite"


class ProcessEngine:
    """Runs processes. Thread-safe; one to a server process.

    Raises DatabaseUnusable where the schema is not this release's: `engine.upgrade(url)` mends an older one, and
    InvalidInput for an executor that there is not.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        require_current(settings.database_url)
        self.settings = settings
        self.database = Database(settings.database_url)
        self.clock: Clock = clock or (TestClock() if settings.test_clock else self._real_clock())
        self.calendar = OfficeCalendar(settings.site)
        self.calendars = Calendars(self.database, self.calendar)
        self.everybody = Everybody()
        self.departed = Departed()
        self.functions: Mapping[str, Callable[..., Any]] = expression_functions(self.calendar, self.clock.now)
        self.executors: Mapping[str, Executor] = EXECUTORS
        self.require_executor(settings.executor)
        self.handlers: dict[str, EngineHandler] = dict(SHIPPED)
        self.on_due: Callable[[datetime | None], None] = lambda due: None
        #: Called within the transaction, before it commits, if it leaves jobs that want to be run.
        self.defer: Callable[[CommandContext], None] = deferral(self.database, self.clock)
        self._models: dict[str, DeployedModel] = {}
        self._models_lock = threading.Lock()
        self._held: IO[str] | None = None
        self._closing: list[Callable[[], None]] = []

    # ------------------------------------------------------------ transactions

    @contextlib.contextmanager
    def command(
        self, actor: Actor, *, origin: Origin = INSIDE, patience_s: float | None = None, lightly: bool = False
    ) -> Iterator[CommandContext]:
        """One transaction that writes. Commits at the end; an exception rolls everything back. `patience_s` is how long
        it waits for somebody else's lock before it gives way with OptimisticLocking; None: as long as it takes.
        `lightly` is for what nobody is told and a failure of the power may undo. `origin` stands in the log of
        operations. NotAllowed for who looks through others' eyes."""
        if actor.viewer is not None:
            raise NotAllowed("Who looks through others' eyes does nothing with their hands.")
        self.calendars.refresh()
        with self.database.write(patience_s, lightly=lightly) as connection:
            context = CommandContext(self, connection, actor, self.clock.now(), origin=origin)
            yield context
            self.departed.refuse(actor.user_id)
            if context.wake_ups:
                self.defer(context)
        for call in context.after_commit:
            call()
        if context.wake_ups:
            self.on_due(min(each.due_at for each in context.wake_ups))

    @contextlib.contextmanager
    def query(self, actor: Actor) -> Iterator[CommandContext]:
        """One consistent view, only for reading."""
        with self.database.read() as connection:
            yield CommandContext(self, connection, actor, self.clock.now())

    @contextlib.contextmanager
    def glance(self, actor: Actor) -> Iterator[CommandContext]:
        """A query of a single statement, which is a view by itself; cheaper than one of several."""
        with self.database.glance() as connection:
            yield CommandContext(self, connection, actor, self.clock.now())

    # ------------------------------------------------------------ what it holds

    def register_handler(self, name: str, handler: EngineHandler) -> None:
        """What `camunda:class` or `camunda:delegateExpression` calls by this name."""
        self.handlers[name] = handler

    def require_executor(self, name: str) -> None:
        """InvalidInput, naming those there are."""
        if name not in self.executors:
            known = " and ".join(sorted(self.executors))
            raise InvalidInput(f"There is no executor {name!r}: there are {known}.")

    def model(self, definition_id: str, read: Callable[[], DeployedModel]) -> DeployedModel:
        """The model of a definition; `read` is called once. A definition never changes, so it is kept for good."""
        found = self._models.get(definition_id)
        if found is None:
            found = read()
            with self._models_lock:
                found = self._models.setdefault(definition_id, found)
        return found

    def forget_model(self, definition_id: str) -> None:
        with self._models_lock:
            self._models.pop(definition_id, None)

    def hold_database(self) -> None:
        """Makes this process the one server of its database file; DatabaseUnusable if another is."""
        self._held = hold(self.settings.database_url)

    def start_waker(self) -> None:
        """From now on due jobs run in the background of this process, until it is closed. By a clock that stands still
        nothing ever wakes: whoever moves it runs what is due."""
        if not isinstance(self.clock, TestClock):
            start_waker(self)

    def _real_clock(self) -> Clock:
        """Many nodes work on one PostgreSQL, so its clock decides; SQLite has that of its one process."""
        return DatabaseClock(self.database) if self.database.dialect == "postgresql" else SystemClock()

    def at_close(self, call: Callable[[], None]) -> None:
        self._closing.append(call)

    def close(self) -> None:
        for call in reversed(self._closing):
            call()
        self._closing.clear()
        self.database.close()
        if self._held is not None:
            self._held.close()
            self._held = None
