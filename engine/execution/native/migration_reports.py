"""Why a stored instance cannot migrate, told by activity, before anything moves."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import FlowNode, ProcessModel, Scope, SequenceFlow
from engine.execution.migration_plan import (
    MigrationPlan,
    around,
    compensation_boundary,
    key_of,
    place_of,
)
from engine.execution.migration_rules import rests
from engine.execution.native.state import (
    AFTER,
    BEFORE,
    ITERATION,
    REOPENED,
    REOPENED_BODY,
    ROOT,
    SHELLS,
    Activity,
    Compensation,
    InstanceState,
)
from engine.execution.protocol import ActivityReport


def migration_reports(
    source: ProcessModel, target: ProcessModel, state: InstanceState, plan: MigrationPlan
) -> list[ActivityReport]:
    return list(_Reports(source, target, state, plan).all())


def key_of_activity(activity: Activity) -> str:
    return key_of(activity.element, body=activity.role in SHELLS)


def key_of_record(record: Compensation) -> str:
    return key_of(record.element, body=record.body)


def flow_after(node: FlowNode, flow_id: str | None) -> SequenceFlow | None:
    """Where a token goes that waits after an element which is now `node`: the same flow, or the only one."""
    if len(node.outgoing) == 1:
        return node.outgoing[0]
    return next((flow for flow in node.outgoing if flow.id == flow_id), None)


class _Reports:
    def __init__(self, source: ProcessModel, target: ProcessModel, state: InstanceState, plan: MigrationPlan) -> None:
        self._source = source
        self._target = target
        self._state = state
        self._plan = plan
        self._activities = {each.number: each for each in state.activities}
        self._records = {each.number: each for each in state.compensations}
        self._parents = {each.parent for each in state.activities}

    def all(self) -> Iterator[ActivityReport]:
        for each in self._state.activities:
            failures = tuple(self._failures(each))
            if failures:
                yield ActivityReport(each.number, key_of_activity(each), failures, each.phase in (BEFORE, AFTER))
        failures = tuple(each for record in self._state.compensations for each in self._record_failures(record))
        if failures:
            yield ActivityReport(ROOT, self._source.key, failures)

    def _failures(self, activity: Activity) -> Iterator[str]:
        if activity.number == ROOT:
            return
        leaf = activity.number not in self._parents
        waits = activity.phase in (BEFORE, AFTER)
        mapped = self._plan.target_of(key_of_activity(activity))
        if mapped is None and leaf:
            yield "There is no migration instruction for this instance's activity"
        undoing = activity.undoes is not None or activity.role in (REOPENED, REOPENED_BODY)
        node = self._source.nodes[activity.element]
        if undoing or (leaf and not waits and not rests(node) and activity.role not in SHELLS):
            yield "The type of the source activity is not supported for activity instance migration"
        there = place_of(self._target, mapped)
        if waits and there is not None:
            yield from self._continuation(activity, there.node)

    def _continuation(self, activity: Activity, node: FlowNode) -> Iterator[str]:
        loop = getattr(node, "multi_instance", None)
        settings = loop if activity.role == ITERATION and loop is not None else node
        if activity.phase == BEFORE:
            if not settings.async_before:
                yield "Target activity is not asyncBefore"
            return
        if not settings.async_after:
            yield "Target activity is not asyncAfter"
        elif activity.role != ITERATION and len(node.outgoing) > 1 and flow_after(node, activity.entry) is None:
            yield (
                "Transition instance is assigned to no sequence flow and target activity has more than one"
                if activity.entry is None
                else "Transition instance is assigned to a sequence flow that cannot be matched in the target activity"
            )

    # ------------------------------------------------------------ what has completed and can be undone

    def _record_failures(self, record: Compensation) -> Iterator[str]:
        """A handler goes with the boundary event that leads to it; a completed scope with the scope."""
        if record.handler is None:
            if self._plan.target_of(key_of_record(record)) is not None:
                yield from self._owner_failures(record, key_of_record(record))
                start = self._undoing_start(record)
                if start is not None and self._plan.target_of(start) is None:
                    yield (
                        f"Cannot migrate completed scope '{record.element}'. There is no migration instruction for the "
                        "start event of its compensation event subprocess"
                    )
            return
        boundary = compensation_boundary(self._source, record.element)
        mapped = None if boundary is None else place_of(self._target, self._plan.target_of(boundary.id))
        if mapped is None:
            yield (
                f"Cannot migrate subscription for compensation handler '{record.handler}'. There is no migration "
                "instruction for the compensation boundary event"
            )
        else:
            yield from self._owner_failures(record, None, getattr(mapped.node, "attached_to", None))

    def _undoing_start(self, record: Compensation) -> str | None:
        scope = self._source.nodes[record.element]
        for each in scope.event_subprocesses if isinstance(scope, Scope) and not record.body else ():
            for start in self._source.scope(each).start_events:
                definition = getattr(self._source.nodes[start], "definition", None)
                if definition is not None and definition.kind.value == "compensate":
                    return start
        return None

    def _owner_failures(self, record: Compensation, key: str | None, element: str | None = None) -> Iterator[str]:
        """It stays in its scope, or, if new ones lie between, in those that a token of its scope comes into as well."""
        place = place_of(self._target, element or self._plan.target_of(key or ""))
        if place is None:
            return
        number, owner = self._surviving_owner(record)
        enclosing = list(around(self._target, place))
        new: list[str] | None = enclosing
        if owner is not None:
            new = enclosing[: enclosing.index(owner)] if owner in enclosing else None
        if new is None:
            yield f"What undoes '{record.element}' lies outside of '{owner}' in the target"
        elif any(each not in self._opened_in(number) for each in new):
            yield f"'{record.element}' has completed: it cannot be put into the new scope '{new[0]}' afterwards"

    def _surviving_owner(self, record: Compensation) -> tuple[int, str | None]:
        """Number and target key (None: the process) of the scope that keeps the record."""
        number = record.owner
        while number != ROOT:
            active, completed = self._activities.get(number), self._records.get(number)
            if active is not None:
                key, following = key_of_activity(active), active.parent
            elif completed is not None:
                key, following = key_of_record(completed), completed.owner
            else:
                break
            target = self._plan.target_of(key)
            if target is not None:
                return number, target
            number = following
        return ROOT, None

    def _opened_in(self, owner: int) -> set[str]:
        """The keys of scopes that the move opens right inside an activity, on behalf of what is active there."""
        found: set[str] = set()
        for each in self._activities.values():
            place = place_of(self._target, self._plan.target_of(key_of_activity(each)))
            if each.number == ROOT or place is None:
                continue
            number = each.parent
            while number != ROOT and self._plan.target_of(key_of_activity(self._activities[number])) is None:
                number = self._activities[number].parent
            if number != owner:
                continue
            outer = None if number == ROOT else self._plan.target_of(key_of_activity(self._activities[number]))
            for key in around(self._target, place):
                if key == outer:
                    break
                found.add(key)
        return found
