"""Separation of duties: a user task with the property `notBy` is for nobody who did what it names.

`starter` is whoever started the journey; anything else is the id of a user task of the same process.
"""

from __future__ import annotations

from bpmn.model import FlowNode

PROPERTY = "notBy"
STARTER = "starter"


def not_by(node: FlowNode) -> tuple[str, ...]:
    """Whose doers the task is not for, in the order that the model names them; none: everybody may."""
    return tuple(part for each in node.properties.get(PROPERTY, "").split(",") if (part := each.strip()))
