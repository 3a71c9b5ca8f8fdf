"""Connections. One code for SQLite and PostgreSQL; what differs stands here and nowhere else.

SQLite, as measured: left to its defaults SQLAlchemy's set-up lost 141 of 499 commits without an error. So transactions
that write begin IMMEDIATE, one writer at a time waits for a lock in this process, the journal is a write-ahead log, and
every commit reaches the disk.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from engine.errors import DatabaseUnusable, InvalidInput, OptimisticLocking

log = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 30
#: psycopg.IsolationLevel.REPEATABLE_READ
_REPEATABLE_READ = 3
_FOR_READERS_MS = 2_000
#: PostgreSQL's words for: somebody else was in the way, and it had to be you or them. Deadlock, serialization, lock
#: wait; the same unique key given, or what is referred to deleted, at the same moment.
_SOMEBODY_ELSE = ("40P01", "40001", "55P03", "23505", "23503")
#: A standby, or one that was told to: read_only_sql_transaction, feature_not_supported.
_READ_ONLY = ("25006", "0A000")


class Database:
    """The connections to one database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self.engine = _sqlite(url)
            self._writer: Callable[[float | None], contextlib.AbstractContextManager[Any]] = _OneWriter().turn
        elif self.dialect == "postgresql":
            self.engine = _postgresql(self.url)
            self._writer = contextlib.nullcontext
        else:
            raise DatabaseUnusable(f"Onedoor runs on SQLite and PostgreSQL, not on {self.dialect}.")
        event.listen(self.engine, "handle_error", _misfit)

    @contextlib.contextmanager
    def write(self, patience_s: float | None = None, *, lightly: bool = False) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any exception. It waits for no lock longer than
        `patience_s`; None: as long as it takes. `lightly`: it does not wait for the disk. What it writes
        outlives this process, however that ends; a failure of the power may undo it.

        OptimisticLocking where the database had to choose between this one and another, InvalidInput where a value is
        none that it can hold, DatabaseUnusable where it is gone, full or held up too long.
        """
        with _translated, self._writer(patience_s), self.engine.connect() as connection:
            lasting = _not_synchronous if lightly and self.dialect == "sqlite" else contextlib.nullcontext
            with lasting(connection), connection.begin():
                if self.dialect == "postgresql":
                    _set_local(connection, patience_s, lightly=lightly)
                else:
                    _begin(connection, "BEGIN IMMEDIATE")
                yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view that takes no lock."""
        with _translated, self.engine.connect() as connection:
            view = _one_view if self.dialect == "postgresql" else contextlib.nullcontext
            with view(connection), connection.begin():
                if self.dialect == "sqlite":
                    _begin(connection, "BEGIN")
                yield connection

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection]:
        """For reading with one statement, which is a view by itself: without the cost of a transaction around it."""
        with _translated, self.engine.connect() as connection:
            alone = _by_itself if self.dialect == "postgresql" else contextlib.nullcontext
            with alone(connection):
                yield connection

    def forget_deleted(self) -> None:
        """After something was erased for good: SQLite's journal holds pages as they were until it is written over.
        Waits a little for who reads; if that is not enough, the next time or the end of the process does it."""
        if self.dialect != "sqlite":
            return
        with contextlib.closing(self.engine.raw_connection()) as borrowed:
            driver: Any = borrowed.driver_connection
            driver.execute(f"PRAGMA busy_timeout={_FOR_READERS_MS}")
            try:
                why = "somebody reads" if driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] else None
            except sqlite3.OperationalError as error:
                why = str(error)
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        if why is not None:
            log.warning("What was erased is in SQLite's journal until the next erasure or the end: %s", why)

    def close(self) -> None:
        self.engine.dispose()


class _OneWriter:
    """A lock that one thread holds at a time; a command inside a command would wait for itself, so it is refused."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holder: int | None = None

    def turn(self, patience_s: float | None) -> _Turn:
        return _Turn(self, -1 if patience_s is None else patience_s)


class _Turn:
    def __init__(self, writer: _OneWriter, seconds: float) -> None:
        self._writer = writer
        self._seconds = seconds

    def __enter__(self) -> None:
        if self._writer.holder == threading.get_ident():
            raise RuntimeError("A command was begun inside another one of the same thread: use the context there is.")
        if not self._writer.lock.acquire(timeout=self._seconds):
            raise OptimisticLocking
        self._writer.holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._writer.holder = None
        self._writer.lock.release()


def _begin(connection: Connection, how: str) -> None:
    """Said to the driver: told of it by an event, SQLAlchemy would ask around before and after every statement."""
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(how)
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"The database cannot be used: {error}") from error


@contextlib.contextmanager
def _by_itself(connection: Connection) -> Iterator[None]:
    """Every statement of PostgreSQL is its own transaction. Said to the driver, which only notes it: SQLAlchemy would
    keep more about it than the statement costs."""
    driver: Any = connection.connection.driver_connection
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:
            driver.rollback()  # sends nothing, unless somebody began a transaction by hand
            driver.autocommit = False


@contextlib.contextmanager
def _one_view(connection: Connection) -> Iterator[None]:
    """Around a transaction: PostgreSQL looks anew for every statement unless it is told that all are one view."""
    driver: Any = connection.connection.driver_connection
    driver.isolation_level, driver.read_only = _REPEATABLE_READ, True
    try:
        yield
    finally:
        if not driver.closed:
            driver.isolation_level, driver.read_only = None, None


@contextlib.contextmanager
def _not_synchronous(connection: Connection) -> Iterator[None]:
    """Around a transaction of SQLite: within one the setting cannot be changed."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous=FULL")


def _set_local(connection: Connection, patience_s: float | None, *, lightly: bool) -> None:
    settings = [f"SET LOCAL lock_timeout = {int(patience_s * 1000)}"] if patience_s is not None else []
    settings += ["SET LOCAL synchronous_commit = off"] if lightly else []
    if settings:
        connection.exec_driver_sql("; ".join(settings))


class _Translated:
    """No error of the driver or of SQLAlchemy that has a meaning for people leaves as such."""

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, DBAPIError):
            return
        if getattr(error.orig, "sqlstate", None) in _SOMEBODY_ELSE:
            raise OptimisticLocking from error
        if isinstance(error, OperationalError) or getattr(error.orig, "sqlstate", None) in _READ_ONLY:
            raise DatabaseUnusable(f"The database cannot be used: {error.orig}") from error


_translated = _Translated()


def _misfit(failed: ExceptionContext) -> BaseException | None:
    """A number, a date or a text that no row can hold; the drivers say so in several ways, and not all are theirs."""
    unfit = (OverflowError, UnicodeEncodeError)
    if isinstance(failed.sqlalchemy_exception, DataError) or isinstance(failed.original_exception, unfit):
        return InvalidInput(f"The database cannot hold what was given: {failed.original_exception}".partition("\n")[0])
    return None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _postgresql(url: URL) -> Engine:
    from engine.database.cursors import Cursor  # it loads psycopg: a tenth of a second that SQLite has no need of

    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=20,
        max_overflow=20,
        pool_use_lifo=True,  # the connection that was used last has most statements prepared
        hide_parameters=True,
        connect_args={"cursor_factory": Cursor},
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}, pool_size=40
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say
        # SQLite's own knows ASCII only, and nobody would find Åsa by it.
        connection.create_function("lower", 1, _lower, deterministic=True)
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
            "case_sensitive_like=ON",  # as PostgreSQL's LIKE is
            "cache_size=-16000",
            "secure_delete=ON",  # what is deleted is overwritten in the file
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
