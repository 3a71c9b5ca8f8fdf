"""Many threads that do the same to many things."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


def at_once(given: Iterable[Given], call: Callable[[Given], Found], people: int) -> list[Found]:
    """What came of calling with each, in no order. What one raises is raised here."""
    waiting, lock = iter(given), threading.Lock()
    found: list[Found] = []
    failed: list[Exception] = []

    def person() -> None:
        while not failed:
            with lock:
                try:
                    one = next(waiting)
                except StopIteration:
                    return
            try:
                found.append(call(one))
            except Exception as error:  # raised by who waits
                failed.append(error)

    threads = [threading.Thread(target=person) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return found
