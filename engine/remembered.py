"""What every request needs and hardly anybody changes, kept in the memory of one process for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

#: Seconds after which it is read again: another process may have changed it.
REMEMBERED_S = 30.0

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """One value. Thread-safe: what was read before a change of this process is not kept after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[float, Value] | None = None
        self._changes = 0

    def get(self, read: Callable[[], Value]) -> Value:
        """Reads only where nothing is remembered."""
        kept, changes = self._kept, self._changes
        if kept is not None and monotonic() - kept[0] < REMEMBERED_S:
            return kept[1]
        value = read()
        with self._lock:
            if changes == self._changes:
                self._kept = monotonic(), value
        return value

    def forget(self) -> None:
        """It has changed: read anew from now on."""
        with self._lock:
            self._changes += 1
            self._kept = None
