"""Camunda's names for the types of activities in the history."""

from __future__ import annotations

from bpmn import FlowNode

#: Camunda's names for the types of events in the history, by element and kind of event.
_EVENT_TYPES = {
    ("startEvent", None): "startEvent",
    ("endEvent", None): "noneEndEvent",
    ("intermediateThrowEvent", None): "intermediateNoneThrowEvent",
}


def history_type(node: FlowNode) -> str:
    """An element's type as Camunda names it in the history."""
    definition = getattr(node, "definition", None)
    kind = None if definition is None else definition.kind.value
    known = _EVENT_TYPES.get((node.type, kind))
    if known is not None:
        return known
    if kind is None:
        return node.type
    word = {"compensate": "compensation"}.get(kind, kind)
    match node.type:
        case "startEvent":
            return f"{word}StartEvent"
        case "endEvent":
            return f"{word}EndEvent"
        case "boundaryEvent":
            return f"boundary{word[0].upper()}{word[1:]}"
        case "intermediateCatchEvent":
            return {"timer": "intermediateTimer", "message": "intermediateMessageCatch"}.get(
                word, f"intermediate{word[0].upper()}{word[1:]}Catch"
            )
        case _:
            return f"intermediate{word[0].upper()}{word[1:]}Throw"
