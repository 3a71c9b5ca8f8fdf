"""When a failed job is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bpmn import parse_duration

RETRIES = 3
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def back_off(cycle: str | None, retries: int, attempts: int) -> tuple[int, timedelta]:
    """Retries left after a failure, and how long to wait for the next.

    `cycle` is `camunda:failedJobRetryTimeCycle`: `R5/PT5M` (five tries, five minutes apart) or `PT1M,PT5M,PT1H` (one wait
    after each failure). Without one: three tries, each wait six times the last. `attempts` counts the tries so far.
    """
    if cycle:
        waits = _waits(cycle)
        if waits is not None:
            total, delays = waits
            left = max(total - attempts, 0)
            return left, delays[min(attempts, len(delays)) - 1] if attempts else delays[0]
    delay = FIRST_DELAY * 6 ** max(attempts - 1, 0)
    return max(retries - 1, 0), min(delay, LONGEST_DELAY)


def _waits(cycle: str) -> tuple[int, list[timedelta]] | None:
    """How many tries there are, and the waits between them; None if it cannot be understood."""
    head, _, rest = cycle.strip().partition("/")
    try:
        if rest and head.upper().startswith("R"):
            return int(head[1:] or RETRIES), [_length(rest)]
        delays = [_length(part) for part in cycle.split(",")]
    except ValueError:
        return None
    return len(delays) + 1, delays


def _length(text: str) -> timedelta:
    return parse_duration(text.strip()).after(_EPOCH, UTC) - _EPOCH
