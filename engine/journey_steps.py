"""From a model and the rows of its history to the steps of a journey: what is done, what waits, what can still come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from bpmn import Activity, Element, FormField, ProcessModel, Scope, StartEvent, UserTask
from engine.journey_values import JourneyStep, StepState

_LANGUAGE_OF_NAME = "name:"


def names_of(element: Element | None, fallback: str = "") -> Mapping[str, str]:
    """The names of an element by language: its own as `en`, and every property `name:<language>`."""
    if element is None:
        return {"en": fallback}
    found = {"en": element.name or fallback or element.id}
    for key, value in element.properties.items():
        if key.startswith(_LANGUAGE_OF_NAME):
            found[key.removeprefix(_LANGUAGE_OF_NAME)] = value
    return found


def labels_of(field: FormField) -> Mapping[str, str]:
    """The labels of a form field by language."""
    found = {"en": field.label or field.id}
    for key, value in field.properties.items():
        if key.startswith("label:"):
            found[key.removeprefix("label:")] = value
    return found


@lru_cache(maxsize=256)
def flow_order(model: ProcessModel) -> Mapping[str, int]:
    """A place for every node: what comes before another on every way stands before it. Loops keep document order."""
    finished: list[str] = []
    seen: set[str] = set()
    # Reverse postorder of a depth-first walk, without recursion: models may be a thousand nodes long.
    for root in reversed(list(model.nodes)):
        walk: list[tuple[str, bool]] = [(root, False)]
        while walk:
            node_id, left = walk.pop()
            if left:
                finished.append(node_id)
            elif node_id not in seen:
                seen.add(node_id)
                walk.append((node_id, True))
                walk.extend((each, False) for each in _following(model, node_id) if each not in seen)
    return {node_id: place for place, node_id in enumerate(reversed(finished))}


@lru_cache(maxsize=256)
def user_tasks(model: ProcessModel) -> tuple[UserTask, ...]:
    """Every user task, in the order of the flow."""
    order = flow_order(model)
    found = [node for node in model.nodes.values() if isinstance(node, UserTask)]
    return tuple(sorted(found, key=lambda node: order[node.id]))


def reachable(model: ProcessModel, active: Iterable[str]) -> frozenset[str]:
    """The nodes that tokens on the active ones can still come to; those they stand on only if a loop leads back."""
    seen: set[str] = set()
    todo = [each for start in active if start in model.nodes for each in _following(model, start, inside=False)]
    while todo:
        node_id = todo.pop()
        if node_id not in seen:
            seen.add(node_id)
            todo.extend(_following(model, node_id))
    return frozenset(seen)


def _following(model: ProcessModel, node_id: str, *, inside: bool = True) -> list[str]:
    """Where a token on this node may go next. `inside` False: it has entered its scope already."""
    node = model.nodes[node_id]
    found = [flow.target for flow in node.outgoing]
    if isinstance(node, Activity):
        found.extend(node.boundary_events)
    if isinstance(node, Scope):
        if inside:
            found.extend(node.start_events)
        found.extend(node.event_subprocesses)
    return found


def steps(
    model: ProcessModel, rows: Sequence[Any], now: datetime, *, ended: bool, visible: frozenset[str]
) -> list[JourneyStep]:
    """One step for each user task that ran, runs or can still come. `rows` are those of historic_activity_instance of
    one instance; `visible` the ids of the open tasks that the actor may open."""
    ran: dict[str, list[Any]] = {}
    for row in rows:
        if row.is_task:
            ran.setdefault(row.activity_id, []).append(row)
    coming = frozenset[str]() if ended else reachable(model, (row.activity_id for row in rows if row.ended_at is None))
    # What an earlier version had and this one has not comes first, under the name it had then.
    found = [_ran(None, row, now, visible) for key, had in ran.items() if key not in model.nodes for row in had]
    for node in user_tasks(model):
        found.extend(_ran(node, row, now, visible) for row in ran.get(node.id, ()))
        if node.id not in ran:
            state = StepState.LATER if node.id in coming else StepState.SKIPPED
            found.append(JourneyStep(node.id, names_of(node), state, node.department, None, None, None, None, None))
    return found


def _ran(node: UserTask | None, row: Any, now: datetime, visible: frozenset[str]) -> JourneyStep:
    """`node` None: one that the journey's version does not have."""
    if row.ended_at is not None:
        state = StepState.CANCELED if row.canceled else StepState.DONE
    else:
        state = StepState.LATE if row.due_at is not None and row.due_at < now else StepState.ACTIVE
    is_open = row.ended_at is None
    return JourneyStep(
        activity_id=row.activity_id,
        names=names_of(node) if node and row.iteration is None else {"en": row.task_name or row.activity_id},
        state=state,
        department=row.department,
        who=row.assignee if is_open else row.completed_by,
        due_at=row.due_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        task_id=row.id if is_open and row.id in visible else None,
        number=row.number,
    )


def marks(rows: Iterable[Any], now: datetime) -> Mapping[str, StepState]:
    """How each element of the diagram is marked: late before active before canceled before done."""
    rank = {StepState.DONE: 0, StepState.CANCELED: 1, StepState.ACTIVE: 2, StepState.LATE: 3}
    found: dict[str, StepState] = {}
    for row in rows:
        if row.ended_at is None:
            late = row.due_at is not None and row.due_at < now
            state = StepState.LATE if late else StepState.ACTIVE
        else:
            state = StepState.CANCELED if row.canceled else StepState.DONE
        known = found.get(row.activity_id)
        if known is None or rank[state] > rank[known]:
            found[row.activity_id] = state
    return found


def form_fields(model: ProcessModel) -> Mapping[str, tuple[FormField, UserTask | StartEvent]]:
    """Every form field of the model by its id, with the element it is filled in at; the first in flow order wins."""
    order = flow_order(model)
    found: dict[str, tuple[FormField, UserTask | StartEvent]] = {}
    for node in sorted(model.nodes.values(), key=lambda each: order[each.id]):
        if isinstance(node, UserTask | StartEvent) and node.form is not None:
            for field in node.form.fields:
                found.setdefault(field.id, (field, node))
    return found
