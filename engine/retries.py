"""When a failed job is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bpmn import parse_duration

RETRIES = 3
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
#: However a model says it: a job that fails at once is not all that a server does.
MOST_TRIES = 100
SHORTEST_DELAY = timedelta(seconds=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def back_off(cycle: str | None, retries: int, *, first: bool) -> tuple[int, timedelta]:
    """Retries left after a failure, and how long to wait for the next.

    `cycle` is `camunda:failedJobRetryTimeCycle`: `R5/PT5M` (five tries, five minutes apart) or `PT1M,PT5M,PT1H` (one
    wait after each failure), up to MOST_TRIES and no sooner than SHORTEST_DELAY. Without one: three tries, each wait
    six times the last. `retries` is what stood before the failure; the cycle counts from the `first` one.
    """
    waits = _waits(cycle) if cycle else None
    if waits is None:
        left = max(retries - 1, 0)
        failures = max(RETRIES - left, 1)
        return left, min(FIRST_DELAY * 6 ** (failures - 1), LONGEST_DELAY)
    total, delays = waits
    left = max((total if first else retries) - 1, 0)
    failures = max(total - left, 1)
    return left, delays[min(failures, len(delays)) - 1]


def _waits(cycle: str) -> tuple[int, list[timedelta]] | None:
    """How many tries there are, and the waits between them; None if it cannot be understood."""
    head, _, rest = cycle.strip().partition("/")
    try:
        if rest and head.upper().startswith("R"):
            return min(int(head[1:] or RETRIES), MOST_TRIES), [_length(rest)]
        delays = [_length(part) for part in cycle.split(",")]
    except ValueError:
        return None
    return len(delays) + 1, delays


def _length(text: str) -> timedelta:
    return max(parse_duration(text.strip()).after(_EPOCH, UTC) - _EPOCH, SHORTEST_DELAY)
