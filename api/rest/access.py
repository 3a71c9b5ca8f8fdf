"""Who may use the engine's own rooms.

People work through their tasks, journeys and services. The rooms behind them show and move everybody's work, so they are
for administrators, and what they show also for process owners. What somebody has a part in, they may read here as well.
"""

from __future__ import annotations

from api.authentication import actor
from engine import PROCESS_OWNERS, CommandContext, NotAllowed, require_visible

#: Modules of this room that show and move everybody's instances: for administrators, and workers that act as one.
ADMINISTRATORS_ONLY = frozenset(("execution", "external_task", "message"))


def authorise(tag: str) -> None:
    """NotAllowed for a room that is not the person's."""
    if tag in ADMINISTRATORS_ONLY:
        require_administrator("work on executions, external tasks, messages and signals")


def require_administrator(what: str) -> None:
    if not actor().administrator:
        raise NotAllowed(f"Only an administrator may {what}.")


def require_part(context: CommandContext, instance_id: str | None) -> None:
    """Everybody's (None) is for administrators and process owners; one instance is also for those who may see it."""
    if actor().administrator or PROCESS_OWNERS in actor().groups:
        return
    if instance_id is None:
        raise NotAllowed(
            "Only administrators and process owners may list what belongs to everybody: "
            "give processInstanceId for what you have a part in."
        )
    require_visible(context, instance_id)
