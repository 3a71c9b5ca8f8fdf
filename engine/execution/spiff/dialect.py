"""What SpiffWorkflow's dialect means while it runs: turns that keep to themselves, scripts around a whole repetition,
data objects, messages that find their instance by what they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpmn import (
    CorrelationProperty,
    EndEvent,
    ErrorDefinition,
    EscalationDefinition,
    EventKind,
    Expression,
    ExpressionError,
    FlowNode,
    IntermediateThrowEvent,
    MessageDefinition,
    MultiInstance,
    PlainNames,
    Scope,
    ServiceTask,
    evaluate,
)
from engine.errors import ExecutionFailed, ExpressionFailed
from engine.execution.native.listening import Message
from engine.execution.native.run import Run
from engine.execution.native.state import BODY, ITERATION, Activity, InstanceState

Correlations = dict[str, dict[str, Any]]


class DialectRun(Run):
    """The layer of the dialect. Models of other dialects pass through it unchanged."""

    correlations: Correlations

    def stored(self) -> InstanceState:
        state = super().stored()
        state.correlations = self.correlations
        return state

    # ------------------------------------------------------------ variables

    def start(self, start_event: str | None, variables: Mapping[str, Any]) -> Activity:
        named = {
            name: None
            for node in self.model.nodes.values()
            if isinstance(node, Scope)
            for name in node.data_objects
            if name not in variables
        }
        message = None if start_event is None else self.definition(self.model.nodes[start_event])
        if isinstance(message, MessageDefinition):
            self._correlate(message.correlation, variables)
            if message.variable is not None:
                variables = {message.variable: dict(variables)}
        return super().start(start_event, {**named, **variables})

    def set_variable(self, activity: Activity, name: str, value: Any) -> None:
        turn = self._isolated_turn(activity)
        holder = None if turn is None else self.holder(activity, name)
        if turn is None:
            super().set_variable(activity, name, value)
        else:
            self.set_local(holder if holder is not None and turn in self.lineage(holder) else turn, name, value)

    def _isolated_turn(self, activity: Activity) -> Activity | None:
        for each in self.lineage(activity):
            loop = self.multi_instance(self.node(each)) if each.role == ITERATION else None
            if loop is not None and loop.isolated:
                return each
        return None

    def turn_ended(self, body: Activity, turn: Activity, loop: MultiInstance) -> None:
        """What a turn leaves behind."""
        if not loop.isolated:
            return
        around = self.parent(body)
        if loop.output_collection is None:
            own = {"loopCounter", loop.element_variable}
            self.set_variables(around, {name: value for name, value in turn.variables.items() if name not in own})
            return
        if loop.output_element not in turn.variables:
            raise ExecutionFailed(f"turn {(turn.counter or 0) + 1} has not set {loop.output_element}", body.element)
        value = turn.variables[loop.output_element]
        found = self.view(around)[loop.output_collection]
        if isinstance(found, Mapping):
            keys = list(self.view(around)[loop.collection.text]) if loop.collection is not None else []
            key = keys[turn.counter or 0] if keys else str(turn.counter)
            self.set_variable(around, loop.output_collection, {**found, key: value})
        elif self._in_place(loop):
            self.set_variable(around, loop.output_collection, _replaced(found, turn.counter or 0, value))
        else:
            self.set_variable(around, loop.output_collection, [*found, value])

    def outputs_begin(self, body: Activity, loop: MultiInstance) -> None:
        """An empty list or table for the outputs, as the inputs are; one that is worked on in place stays."""
        if loop.output_collection is None or self._in_place(loop):
            return
        source = None if loop.collection is None else self.view(body)[loop.collection.text]
        self.set_variable(self.parent(body), loop.output_collection, {} if isinstance(source, Mapping) else [])

    @staticmethod
    def _in_place(loop: MultiInstance) -> bool:
        return loop.collection is not None and loop.collection.text == loop.output_collection

    # ------------------------------------------------------------ scripts before and after

    def notify(self, event: str, activity: Activity) -> None:
        if activity.role != ITERATION or self._on_instances(self.node(activity)):
            super().notify(event, activity)

    def leave(self, activity: Activity) -> None:
        if activity.role == BODY and not self._on_instances(self.node(activity)):
            self.notify("end", activity)
            if not self.alive(activity):
                return
        super().leave(activity)

    def begin_whole(self, body: Activity) -> None:
        """Scripts before a repetition that are not those of its turns."""
        if not self._on_instances(self.node(body)):
            self.notify("start", body)

    def _on_instances(self, node: FlowNode) -> bool:
        loop = self.multi_instance(node)
        return loop is None or loop.scripts_on_instances

    # ------------------------------------------------------------ errors and escalations

    def throw(
        self, source: Activity, kind: EventKind, code: str | None, message: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> bool:  # fmt: skip
        definition = self.definition(self.node(source))
        if isinstance(definition, ErrorDefinition | EscalationDefinition) and definition.variable is not None:
            carried = None if definition.payload is None else self.evaluate(definition.payload, source)
            variables = {**(variables or {}), definition.variable: carried}
        return super().throw(source, kind, code, message, variables)

    # ------------------------------------------------------------ messages

    def listen(self, owner: Activity, node: FlowNode) -> None:
        definition = self.definition(node)
        if isinstance(definition, MessageDefinition):
            self._correlate(definition.own_correlation, self.view(owner).all())
        super().listen(owner, node)

    def received(self, owner: Activity, node: FlowNode, variables: Mapping[str, Any]) -> None:
        definition = self.definition(node)
        if isinstance(definition, MessageDefinition):
            self._correlate(definition.correlation, variables)
            if definition.variable is not None:
                variables = {definition.variable: dict(variables)}
        super().received(owner, node, variables)

    def sends(self, node: FlowNode) -> MessageDefinition | None:
        """The message that an element of the dialect sends, if it does."""
        if self.model.dialect != "spiff" or not isinstance(node, IntermediateThrowEvent | EndEvent | ServiceTask):
            return None
        definition = node.message if isinstance(node, ServiceTask) else node.definition
        return definition if isinstance(definition, MessageDefinition) and definition.work is None else None

    def send(self, activity: Activity, definition: MessageDefinition) -> None:
        """The sender goes on first: who answers at once finds it waiting."""
        payload = {} if definition.payload is None else self.evaluate(definition.payload, activity)
        if not isinstance(payload, Mapping):
            raise ExpressionFailed(
                f"the message carries {payload!r}: a table {{name: value}} is needed", activity.element
            )
        name = "" if definition.name is None else self.evaluate_text(definition.name, activity)
        found = self._correlate(definition.correlation, payload)
        self.leave(activity)
        self.work.send_message(Message(name, payload, found, activity.element))

    def fits(self, correlations: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a message of these correlations may be meant for this instance: one that knows none yet takes any."""
        if not correlations or not self.correlations:
            return True
        return any(self.correlations.get(key) == value for key, value in correlations.items())

    def _correlate(self, properties: Sequence[CorrelationProperty], payload: Mapping[str, Any]) -> Correlations:
        found: Correlations = {}
        for each in properties:
            value = self._value(each.expression, payload)
            for key in each.keys:
                found.setdefault(key, {})[each.name] = value
        self.correlations = {**self.correlations, **found}
        return found

    def _value(self, expression: Expression, payload: Mapping[str, Any]) -> Any:
        try:
            return evaluate(expression, PlainNames(payload, self.functions))
        except ExpressionError as error:
            raise ExpressionFailed(f"{error} in {expression.text!r}", self.model.key) from error


def _replaced(items: Sequence[Any], at: int, value: Any) -> list[Any]:
    return [value if index == at else each for index, each in enumerate(items)]
