"""What has completed and can be undone. A record is owned by the scope activity in which the activity completed; when that
scope itself completes it leaves a record too, which keeps its number and variables, and so the records inside.

Handlers and reopened scopes run inside the event that throws the compensation, which ends when all of them have.
"""

from __future__ import annotations

from bpmn import (
    Activity as ActivityNode,
)
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
from engine.execution.native.state import BODY, ITERATION, REOPENED, ROOT, Activity, Compensation
from engine.execution.native.tokens import Tokens
from engine.execution.protocol import SubscriptionOpened


class Compensating(Tokens):
    """The layer that remembers and undoes."""

    # ------------------------------------------------------------ remembering

    def completed(self, activity: Activity) -> None:
        node = self.node(activity)
        inside = [each for each in self.compensations.values() if each.owner == activity.number]
        if activity.role == BODY or isinstance(node, EventSubProcess):
            # Only now, when the whole multi-instance is done, can its parts be undone.
            for record in inside:
                record.owner = activity.parent
        elif isinstance(node, ActivityNode) and node.compensation_handler is not None and not node.for_compensation:
            if not isinstance(node, Scope):
                self.forget([activity.number])
            self._remember(activity, node.compensation_handler)
        elif self._can_be_undone(activity, node, bool(inside)):
            self._remember(activity, None)
        else:
            self.forget([activity.number])

    def _can_be_undone(self, activity: Activity, node: FlowNode, inside: bool) -> bool:
        return (
            activity.number != ROOT
            and activity.role != REOPENED
            and isinstance(node, Scope)
            and (inside or self.compensation_start(node) is not None)
        )

    def _remember(self, activity: Activity, handler: str | None) -> None:
        subscription = self.new_number()
        variables = dict(activity.variables) if isinstance(self.node(activity), Scope) else {}
        record = Compensation(activity.number, activity.parent, activity.element, handler, variables, subscription)
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
        """Starts the undoing of the scope around the thrower, or of one activity in it. False if there is nothing to undo."""
        scopes = self._compensated_scopes(thrower)
        definition = self.definition(self.node(thrower))
        start = self.compensation_start(self.node(scopes[-1]))
        if start is not None and isinstance(definition, CancelDefinition):
            self.arrive(self.model.nodes[start.scope or ""], thrower, entry=start.id)
            return True
        owners = {scope.number for scope in scopes}
        records = [
            each
            for each in self.compensations.values()
            if each.owner in owners and activity_ref in (None, each.element, each.handler)
        ]
        return self._undo(records, thrower)

    def _compensated_scopes(self, thrower: Activity) -> list[Activity]:
        """The scope around the thrower; an event subprocess speaks for the scope it belongs to as well."""
        found: list[Activity] = []
        for around in self.lineage(self.parent(thrower)):
            node = self.node(around)
            if isinstance(node, Scope) and around.role != BODY:
                found.append(around)
                if not isinstance(node, EventSubProcess):
                    break
        return found

    def _undo(self, records: list[Compensation], thrower: Activity) -> bool:
        """Last completed, first undone; all are under way at once."""
        for record in reversed(records):
            if record.number not in self.compensations:
                continue
            self.drop(record)
            if record.handler is not None:
                inner = [each for each in self.compensations.values() if each.owner == record.number]
                self.arrive(self.model.nodes[record.handler], thrower)
                if inner:
                    self._reopen(record, thrower, inner)
            else:
                self._reopen(record, thrower, [each for each in self.compensations.values() if each.owner == record.number])
        return bool(records)

    def _reopen(self, record: Compensation, thrower: Activity, inner: list[Compensation]) -> None:
        """A completed scope comes back under its old number, with its variables, to be undone from within."""
        scope = Activity(record.number, record.element, thrower.number, REOPENED, variables=dict(record.variables))
        self.work.spend(1)
        self.add(scope)
        start = self.compensation_start(self.node(scope))
        if start is not None:
            self.arrive(self.model.nodes[start.scope or ""], scope, entry=start.id)
        elif not self._undo(inner, scope):
            self.later(self.leave, scope)

    # ------------------------------------------------------------ transactions

    def cancel_transaction(self, thrower: Activity) -> None:
        """All is undone: the transaction is left by its cancel boundary event."""
        transaction = next(each for each in self.lineage(thrower) if isinstance(self.node(each), Transaction))
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
