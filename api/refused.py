"""A line of the log of operations for whoever was refused, whichever door they tried."""

from __future__ import annotations

from api.limits import refusals
from api.origin import origin
from engine import SYSTEM, Actor, ProcessEngine, log_refused_sign_in

#: Lines an hour that say one refusal each. After them a line says how many more there were, with each doubling: the log
#: is kept for good and is not for strangers to fill, and yet nobody guesses unseen.
LINES = 5


def log_refusal(
    engine: ProcessEngine, account: str | None, why: str | None = None, *, asked_by: Actor = SYSTEM
) -> None:
    """`account`: whose it would have been, None for a name that nobody has. What is refused for a reason `why` is
    counted by that reason."""
    count = refusals(f"elsewhere: {why}" if why else account or "")
    further = count - LINES
    if further > 0:
        if further & (further - 1):
            return
        said = f"{further} further refused sign-ins so far within the hour"
        why = f"{why}: {said}" if why else said
    with engine.command(asked_by, origin=origin()) as context:
        log_refused_sign_in(context, account, why)
