"""Errors and escalations look for their catcher outwards: from the thrower through the scopes around it, then through
the call activity into the calling instance. With that, the run of one instance is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bpmn import Activity as ActivityNode
from bpmn import (
    CallActivity,
    ErrorDefinition,
    EscalationDefinition,
    Event,
    EventKind,
    FlowNode,
    Scope,
    StartEvent,
)
from engine.errors import Conflict
from engine.execution.native.listeners import Listeners
from engine.execution.native.state import ITERATION, SHELLS, Activity
from engine.execution.protocol import BpmnError

_Catching = ErrorDefinition | EscalationDefinition


class Catch(NamedTuple):
    run: Run
    host: Activity
    event: Event
    definition: _Catching


class Run(Listeners):
    """One instance within one command."""

    def throw(
        self, source: Activity, kind: EventKind, code: str | None, message: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> bool:  # fmt: skip
        """True if somebody caught it."""
        crossed: list[tuple[Run, Activity]] = []
        found = self._catcher(source, kind, code, crossed)
        if found is None:
            if kind is EventKind.ESCALATION:
                self._map_out(crossed)
            return False
        self._map_out(crossed)
        run, host, event, definition = found
        scope = host if isinstance(event, StartEvent) else run.parent(host)
        values = dict(variables or {})
        if definition.code_variable:
            values[definition.code_variable] = code
        if isinstance(definition, ErrorDefinition) and definition.message_variable:
            values[definition.message_variable] = message
        run.set_variables(scope, values)
        run.caught(host, event)
        return True

    def received(self, owner: Activity, node: FlowNode, variables: Mapping[str, Any]) -> None:
        """What a message or signal for `node` brings."""
        self.set_variables(owner, variables)

    def fits(self, correlations: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a message that another instance has sent may be meant for this one."""
        return True

    def throw_error(self, source: Activity, error: BpmnError) -> bool:
        return self.throw(source, EventKind.ERROR, error.code, error.message)

    def throw_exception(self, source: Activity, error: Exception) -> bool:
        """What a handler raised is caught where an error code names its class, or one that it derives from."""
        for kind in type(error).__mro__[:-2]:
            for code in (kind.__name__, f"{kind.__module__}.{kind.__qualname__}"):
                found = self._catcher(source, EventKind.ERROR, code, [])
                if found is not None and found.definition.code == code:
                    return self.throw(source, EventKind.ERROR, code, str(error))
        return False

    @staticmethod
    def _map_out(crossed: list[tuple[Run, Activity]]) -> None:
        """What crosses a call activity takes the outputs of the call along."""
        for caller, activity in crossed:
            node = caller.node(activity)
            if isinstance(node, CallActivity) and activity.called is not None:
                called = caller.work.run_of(activity.called)
                results, local = called.mapped_out(node.outs, called.root)
                caller.set_variables(activity, results)
                for name, value in local.items():
                    caller.set_local(activity, name, value)

    def _catcher(
        self, source: Activity, kind: EventKind, code: str | None, crossed: list[tuple[Run, Activity]]
    ) -> Catch | None:
        for host in self.lineage(source):
            found = [each for each in self._catching(host, source, kind) if each.definition.code in (None, code)]
            if found:
                first = [each for each in found if isinstance(each.event, StartEvent)] or found
                return next((each for each in first if each.definition.code is not None), first[0])
        if self.caller is None:
            return None
        outer = self.work.run_of(self.caller.instance_id)
        if not isinstance(outer, Run):
            return None
        activity = outer.activities.get(self.caller.activity)
        if activity is None:
            return None
        crossed.append((outer, activity))
        return outer._catcher(activity, kind, code, crossed)

    def _catching(self, host: Activity, source: Activity, kind: EventKind) -> list[Catch]:
        """Event subprocesses, then boundary events; never the event subprocess that the thrower itself is in."""
        node = self.node(host)
        elements: list[str] = []
        if isinstance(node, Scope) and host.role not in SHELLS:
            inside = {each.element for each in self.lineage(source)}
            elements += [
                start
                for each in node.event_subprocesses
                if each not in inside
                for start in self.model.scope(each).start_events
            ]
        if isinstance(node, ActivityNode) and host.role != ITERATION:
            elements += node.boundary_events
        found = []
        for element in elements:
            event = self.model.nodes[element]
            if (
                isinstance(event, Event)
                and isinstance(event.definition, ErrorDefinition | EscalationDefinition)
                and event.definition.kind is kind
            ):
                found.append(Catch(self, host, event, event.definition))
        return found

    # ------------------------------------------------------------ guards

    def open_activity(self, number: int, what: str) -> Activity:
        """The activity of this number; Conflict, saying what was wanted, if it is gone."""
        activity = self.activities.get(number)
        if activity is None:
            raise Conflict(f"The {what} is not open any more: somebody was faster.")
        return activity
