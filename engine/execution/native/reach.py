"""Where a token can still come to, worked out once for each model."""

from __future__ import annotations

from functools import lru_cache

from bpmn import (
    Activity,
    FlowNode,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    ProcessModel,
)


@lru_cache(maxsize=512)
def inclusive_joins(model: ProcessModel) -> tuple[str, ...]:
    """In document order."""
    return tuple(
        node.id for node in model.nodes.values() if isinstance(node, InclusiveGateway) and len(node.incoming) > 1
    )


@lru_cache(maxsize=8192)
def reaches(model: ProcessModel, source: str) -> frozenset[str]:
    """The nodes of the same scope that a token on `source` can come to: over flows, boundary events and links."""
    seen: set[str] = set()
    todo = [source]
    while todo:
        for following in _following(model, model.nodes[todo.pop()]):
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return frozenset(seen)


def _following(model: ProcessModel, node: FlowNode) -> list[str]:
    found = [flow.target for flow in node.outgoing]
    if isinstance(node, Activity):
        found.extend(node.boundary_events)
    target = link_target(model, node)
    if target is not None:
        found.append(target.id)
    return found


def link_target(model: ProcessModel, node: FlowNode) -> FlowNode | None:
    """The catching side of a link, in the same scope; None for anything but a link throw."""
    if not isinstance(node, IntermediateThrowEvent) or not isinstance(node.definition, LinkDefinition):
        return None
    for each in model.nodes.values():
        if (
            isinstance(each, IntermediateCatchEvent)
            and isinstance(each.definition, LinkDefinition)
            and each.scope == node.scope
            and each.definition.name == node.definition.name
        ):
            return each
    return None


@lru_cache(maxsize=4096)
def scope_path(model: ProcessModel, node_id: str) -> tuple[str, ...]:
    """The scopes around a node, the process first."""
    path: list[str] = []
    scope = model.nodes[node_id].scope
    while scope is not None:
        path.append(scope)
        scope = model.nodes[scope].scope
    return tuple(reversed(path))
