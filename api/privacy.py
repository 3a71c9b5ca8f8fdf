"""Erasing, for pages and answers alike: two commands."""

from __future__ import annotations

from collections.abc import Collection

from api.origin import origin
from engine import Actor, ErasurePreview, ProcessEngine, close_account, erase_person, preview_erasure

#: How long an erasure waits for what others are writing; then it says that it was not its turn.
PATIENCE_S = 20.0


def erased(engine: ProcessEngine, who: Actor, user_id: str, others: Collection[str]) -> ErasurePreview:
    """First nobody can act as the person any more, and then, when what was under way is finished, they are erased. Both
    are refused where a journey about them runs: whoever is not erased is not locked out either."""
    with engine.command(who, origin=origin()) as context:
        found = preview_erasure(context, user_id)
        if not any(not (each.by_name and each.id in others) for each in found.in_the_way):
            close_account(context, user_id)
    with engine.command(who, origin=origin(), patience_s=PATIENCE_S) as context:
        return erase_person(context, user_id, others=others)
