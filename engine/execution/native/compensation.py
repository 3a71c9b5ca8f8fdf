"""What has completed and can be undone. A record is owned by the scope (or multi-instance body) in which the activity
completed; when that itself completes it leaves a record too, which keeps its number and variables, and so the records
inside.

Whoever throws a compensation waits. Handlers, and scopes that are opened again, stand beside it in the scope where
their activity completed, each saying on whose behalf it is there (`undoes`); the last of them to end lets the waiting
one go on."""

from __future__ import annotations

from bpmn import Activity as ActivityNode
from bpmn import (
    BoundaryEvent,
    CancelDefinition,
    CompensationDefinition,
    EventSubProcess,
    FlowNode,
    Scope,
    StartEvent,
    Transaction,
)
from engine.execution.native.catching import Catching
from engine.execution.native.state import (
    BODY,
    ITERATION,
    REOPENED,
    REOPENED_BODY,
    ROOT,
    SHELLS,
    SILENT,
    Activity,
    Compensation,
)
from engine.execution.protocol import SubscriptionOpened


class Compensating(Catching):
    """The layer that remembers and undoes."""

    # ------------------------------------------------------------ remembering

    def completed(self, activity: Activity) -> None:
        node = self.model.nodes[activity.element]
        handler = node.compensation_handler if isinstance(node, ActivityNode) else None
        if not self.compensations and handler is None and not isinstance(node, Scope):
            return
        inside = bool(self.compensations) and bool(self._records_of(activity.number))
        if self._can_be_reopened(activity, node, inside):
            self._remember(activity, activity.number, None)
        elif inside:
            self.forget([activity.number])
        if handler is not None and activity.role not in SILENT:
            number = self.new_number() if activity.number in self.compensations else activity.number
            self._remember(activity, number, handler)

    def _records_of(self, owner: int) -> list[Compensation]:
        return [each for each in self.compensations.values() if each.owner == owner]

    def _can_be_reopened(self, activity: Activity, node: FlowNode, inside: bool) -> bool:
        if activity.number == ROOT or activity.role in (REOPENED, REOPENED_BODY):
            return False
        if activity.role == BODY:
            return inside
        return isinstance(node, Scope) and (inside or self.compensation_start(node) is not None)

    def _remember(self, activity: Activity, number: int, handler: str | None) -> None:
        subscription = self.new_number()
        record = Compensation(
            number,
            activity.parent,
            activity.element,
            handler,
            {} if handler else dict(activity.variables),
            subscription,
            body=activity.role == BODY,
        )
        self.compensations[record.number] = record
        self.happenings.append(
            SubscriptionOpened(subscription, activity.parent, handler or activity.element, "compensate", None)
        )

    def compensation_start(self, scope: FlowNode) -> StartEvent | None:
        """The start event of the scope's compensation event subprocess."""
        if not isinstance(scope, Scope):
            return None
        for start in self.event_starts(scope):
            node = self.model.nodes[start]
            if isinstance(node, StartEvent) and isinstance(node.definition, CompensationDefinition):
                return node
        return None

    # ------------------------------------------------------------ undoing

    def compensate(self, thrower: Activity, activity_ref: str | None) -> bool:
        """Starts the undoing of the scope around the thrower, or of one activity in it. False if there is nothing to
        do."""
        scopes = self._compensated_scopes(thrower)
        start = self.compensation_start(self.node(scopes[-1]))
        if start is not None and isinstance(self.definition(self.node(thrower)), CancelDefinition):
            self.arrive(self.model.nodes[start.scope or ""], scopes[-1], entry=start.id, undoes=thrower.number)
            return True
        owners = {scope.number for scope in scopes}
        records = [
            each
            for each in self.compensations.values()
            if each.owner in owners and (activity_ref is None or self._is_meant(each, activity_ref))
        ]
        return self._undo(records, thrower)

    def _is_meant(self, record: Compensation, activity_ref: str) -> bool:
        """An activity with a handler of its own is undone by that; any other scope by what is inside it."""
        node = self.model.nodes.get(activity_ref)
        if record.element != activity_ref or not isinstance(node, ActivityNode):
            return False
        return record.body or node.compensation_handler is None or record.handler is not None

    def _compensated_scopes(self, thrower: Activity) -> list[Activity]:
        """The scope around the thrower; an event subprocess speaks for the scope it belongs to as well."""
        found: list[Activity] = []
        for around in self.lineage(self.parent(thrower)):
            node = self.node(around)
            if isinstance(node, Scope) and around.role not in SHELLS:
                found.append(around)
                if not isinstance(node, EventSubProcess):
                    break
        return found

    def _undo(self, records: list[Compensation], thrower: Activity) -> bool:
        """Last completed, first undone; all are under way at once. A record's owner is alive, or a record of its
        own."""
        for record in reversed(records):
            self.drop(record)
            scope = self.activities[record.owner]
            if record.handler is not None:
                self.arrive(self.model.nodes[record.handler], scope, undoes=thrower.number)
            else:
                self._reopen(record, scope, thrower)
        return bool(records)

    def _reopen(self, record: Compensation, around: Activity, thrower: Activity) -> None:
        """What has completed comes back under its old number, with its variables, to be undone from within."""
        self.work.spend(1)
        scope = self.add(
            Activity(
                record.number,
                record.element,
                around.number,
                REOPENED_BODY if record.body else REOPENED,
                variables=dict(record.variables),
                undoes=thrower.number,
            )
        )
        start = None if record.body else self.compensation_start(self.node(scope))
        if start is not None:
            self.arrive(self.model.nodes[start.scope or ""], scope, entry=start.id, undoes=scope.number)
        elif not self._undo(self._records_of(scope.number), scope):
            self.later(self.leave, scope)

    def undone(self, thrower_number: int) -> None:
        """Something that compensated has ended: was it the last?"""
        thrower = self.activities.get(thrower_number)
        if thrower is not None and not self.undoing_for(thrower):
            self.later(self._let_go, thrower)

    def _let_go(self, thrower: Activity) -> None:
        if not self.undoing_for(thrower):
            self.behaviour(thrower).compensated(self, thrower, self.node(thrower))

    # ------------------------------------------------------------ transactions

    def transaction_around(self, activity: Activity) -> Activity:
        return next(
            each
            for each in self.lineage(activity)
            if isinstance(self.node(each), Transaction) and each.role not in SHELLS
        )

    def throwers(self, scope: Activity) -> list[Activity]:
        """Everything inside the scope that waits for what it has undone."""
        return [each for each in self.subtree([scope]) if self.undoing_for(each)]

    def cancel_transaction(self, thrower: Activity) -> None:
        """All is undone: the transaction is left by its cancel boundary event."""
        transaction = self.transaction_around(thrower)
        host = self.parent(transaction) if transaction.role == ITERATION else transaction
        node = self.node(host)
        events = node.boundary_events if isinstance(node, ActivityNode) else ()
        for event_id in events:
            event = self.model.nodes[event_id]
            if isinstance(event, BoundaryEvent) and isinstance(event.definition, CancelDefinition):
                self.caught(host, event)
                return
        self.cancel(self.children(transaction))
        self.leave(transaction)
