"""What SpiffWorkflow's dialect says beside BPMN, and how it means what it shares with BPMN: conditions, counts and
timers are Python-like, manual and plain tasks wait for people, scripts stand before and after a task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import asdict, replace

from bpmn import model
from bpmn.model import (
    CallActivity,
    ConditionalDefinition,
    CorrelationProperty,
    DecisionWork,
    ErrorDefinition,
    EscalationDefinition,
    Event,
    EventDefinition,
    Expression,
    FlowNode,
    FormReference,
    HandlerWork,
    Listener,
    ManualTask,
    MessageDefinition,
    MultiInstance,
    PlainTask,
    ReceiveTask,
    Scope,
    Script,
    SequenceFlow,
    ServiceTask,
    SignalDefinition,
    TimerDefinition,
    Unread,
    UserTask,
    VariableMapping,
)
from bpmn.reader.names import BPMN, SPIFF, Element, child, child_text, children, described, flag, identifier, text_of
from bpmn.xml import line_of

_Activity = TypeVar("_Activity", bound=model.Activity)
#: A date, duration or cycle that stands for itself; SpiffWorkflow wants it in quotes, which makes an expression of it.
_WRITTEN_OUT = re.compile(r"P\d|PT\d|R\d*/|\d{4}-")
_EVERYTHING = (VariableMapping(all_variables=True),)

#: What nothing of ours would do, with the elements it may stand in.
_NOT_DONE: Mapping[str, tuple[str, ...]] = MappingProxyType({"variableName": ("userTask",)})


class SpiffDialect:
    """One file of the dialect."""

    def __init__(self, root: Element) -> None:
        declared = [each for name in ("message", "signal", "error", "escalation") for each in children(root, name)]
        self._declared: Mapping[str, Element] = {each.get("id") or "": each for each in declared}
        self._properties = list(children(root, "correlationProperty"))
        self._keys: dict[str, list[str]] = {}
        for collaboration in children(root, "collaboration"):
            for key in children(collaboration, "correlationKey"):
                for reference in children(key, "correlationPropertyRef"):
                    self._keys.setdefault(text_of(reference), []).append(key.get("name") or key.get("id") or "")

    # ------------------------------------------------------------ nodes and flows

    def flow(self, flow: SequenceFlow) -> SequenceFlow:
        return replace(flow, condition=_python(flow.condition))

    def node(self, node: FlowNode, element: Element) -> FlowNode:
        texts = _texts(element)
        node = replace(node, properties={**node.properties, **texts, **_properties(element)})
        if isinstance(node, model.Activity):
            node = _activity(node, element, texts)
        match node:
            case UserTask() | ManualTask() | PlainTask():
                return _human(node, texts)
            case ServiceTask():
                return replace(node, work=_work(node, element, texts), message=self._message(node.message, element))
            case ReceiveTask():
                return replace(node, message=self._message(node.message, element))
            case CallActivity():
                return replace(node, ins=node.ins or _EVERYTHING, outs=node.outs or _EVERYTHING)
            case Event():
                return self._event(node, element)
            case Scope():
                return replace(
                    node, data_objects=tuple(each.get("id") or "" for each in children(element, "dataObject"))
                )
        return node

    def _event(self, event: Event, element: Element) -> Event:
        holders = [each for each in element if str(each.tag).endswith("EventDefinition")]
        read = tuple(
            self._definition(definition, holder) for definition, holder in zip(event.definitions, holders, strict=False)
        )
        return replace(event, definitions=read, definition=read[0] if read else None)

    def _definition(self, definition: EventDefinition, holder: Element) -> EventDefinition:
        match definition:
            case TimerDefinition(expression=Expression(text=text)) if not _WRITTEN_OUT.match(text):
                return replace(definition, expression=_python(definition.expression))
            case ConditionalDefinition():
                return replace(definition, condition=_python(definition.condition))
            case MessageDefinition():
                return self._message(definition, holder) or definition
            case SignalDefinition():
                name, payload = self._payload(holder, "signalRef")
                if name and payload:
                    return replace(definition, payload=(VariableMapping(target=name, source_expression=payload),))
            case ErrorDefinition():
                name, payload = self._payload(holder, "errorRef")
                return replace(definition, variable=name, payload=payload)
            case EscalationDefinition():
                name, payload = self._payload(holder, "escalationRef")
                return replace(definition, variable=name, payload=payload)
        return definition

    def _payload(self, holder: Element, reference: str) -> tuple[str | None, Expression | None]:
        texts = _texts(self._declared.get(holder.get(reference) or "", holder))
        return texts.get("variableName"), _python_text(texts.get("payloadExpression"))

    # ------------------------------------------------------------ messages

    def _message(self, message: MessageDefinition | None, holder: Element) -> MessageDefinition | None:
        """`holder` is the event definition or the task that names the message; what it says itself goes first."""
        if message is None:
            return None
        reference = holder.get("messageRef") or ""
        texts = {**_texts(self._declared.get(reference, holder)), **_texts(holder)}
        return replace(
            message,
            payload=_python_text(texts.get("messagePayload")),
            variable=texts.get("messageVariable"),
            correlation=tuple(self._correlation(reference)),
            own_correlation=tuple(self._own_correlation(holder)),
        )

    def _correlation(self, message: str) -> Iterator[CorrelationProperty]:
        for each in self._properties:
            for retrieval in children(each, "correlationPropertyRetrievalExpression"):
                text = child_text(retrieval, "messagePath") or child_text(retrieval, "formalExpression")
                if retrieval.get("messageRef") == message and (expression := _python_text(text)):
                    yield self._property(each.get("id") or "", expression)

    def _own_correlation(self, holder: Element) -> Iterator[CorrelationProperty]:
        """`processVariableCorrelation`: what the instance that waits is told apart by."""
        for each in holder.iter(SPIFF + "processVariableCorrelation"):
            name = next((text_of(part) for part in each.iter(SPIFF + "propertyId")), "")
            expression = _python_text(next((text_of(part) for part in each.iter(SPIFF + "expression")), None))
            if name and expression:
                yield self._property(name, expression)

    def _property(self, name: str, expression: Expression) -> CorrelationProperty:
        return CorrelationProperty(name, expression, tuple(self._keys.get(name, ("MainCorrelationKey",))))


def unread(root: Element) -> Iterator[Unread]:
    """What the dialect can say and nothing of ours does."""
    for name, inside in _NOT_DONE.items():
        for element in root.iter(SPIFF + name):
            holder = described(element)
            if str(holder.tag).removeprefix(BPMN) in inside:
                yield Unread(identifier(holder), holder.get("name"), line_of(element), f"spiffworkflow:{name}")
    for tag in ("ioSpecification", "dataStoreReference"):
        for element in root.iter(BPMN + tag):
            holder = described(element)
            yield Unread(identifier(holder), holder.get("name"), line_of(element), tag)


# ---------------------------------------------------------------- activities


def _activity(node: _Activity, element: Element, texts: Mapping[str, str]) -> _Activity:
    scripts = tuple(
        Listener(event=event, script=Script(texts[name], "python"), line=node.line)
        for name, event in (("preScript", "start"), ("postScript", "end"))
        if name in texts
    )
    loop = node.standard_loop
    return replace(
        node,
        listeners=(*scripts, *node.listeners),
        multi_instance=_multi_instance(node.multi_instance, element),
        standard_loop=None if loop is None else replace(loop, condition=_python(loop.condition)),
    )


def _multi_instance(loop: MultiInstance | None, element: Element) -> MultiInstance | None:
    found = child(element, "multiInstanceLoopCharacteristics")
    if loop is None or found is None:
        return None
    item_in, item_out = child(found, "inputDataItem"), child(found, "outputDataItem")
    return replace(
        loop,
        cardinality=_python(loop.cardinality),
        completion_condition=_python(loop.completion_condition),
        element_variable=_item(item_in),
        output_collection=child_text(found, "loopDataOutputRef"),
        output_element=_item(item_out),
        isolated=True,
        scripts_on_instances=flag(found.get(SPIFF + "scriptsOnInstances")),
    )


def _item(element: Element | None) -> str | None:
    return None if element is None else element.get("id") or element.get("name")


def _human(node: UserTask | ManualTask | PlainTask, texts: Mapping[str, str]) -> UserTask:
    """People do all three; the instructions say what."""
    facts: dict[str, Any] = asdict(node)
    facts["documentation"] = texts.get("instructionsForEndUser") or node.documentation
    schema = node.properties.get("formJsonSchemaFilename")
    if schema and facts.get("form") is None:
        facts["form"] = FormReference(key=Expression(schema))
    return UserTask(**facts)


def _work(node: ServiceTask, element: Element, texts: Mapping[str, str]) -> model.Work | None:
    operator = next(_extensions(element, "serviceTaskOperator"), None)
    if operator is not None:
        parameters = {
            each.get("id") or "": Expression(each.get("value") or "None", "python")
            for each in operator.iter(SPIFF + "parameter")
        }
        result = operator.get("resultVariable") or f"spiff__{node.id.replace('-', '_')}_result"
        return HandlerWork(operator.get("id") or "", MappingProxyType(parameters), result)
    if "calledDecisionId" in texts:
        return DecisionWork(Expression(texts["calledDecisionId"]), map_result="variables")
    return node.work


# ---------------------------------------------------------------- texts


def _python(found: Any) -> Any:
    """An expression that says nothing of its language is Python-like."""
    return Expression(found.text, "python") if isinstance(found, Expression) and found.language == "juel" else found


def _python_text(text: str | None) -> Expression | None:
    return Expression(text, "python") if text else None


def _extensions(element: Element, name: str) -> Iterator[Element]:
    return (each for holder in children(element, "extensionElements") for each in holder.iterchildren(SPIFF + name))


def _texts(element: Element) -> dict[str, str]:
    """The extensions that are plain text, by name: scripts, instructions, message payload and the like."""
    return {
        str(each.tag).removeprefix(SPIFF): str(each.text).strip()
        for holder in children(element, "extensionElements")
        for each in holder.iterchildren(SPIFF + "*")
        if each.text and each.text.strip() and len(each) == 0
    }


def _properties(element: Element) -> dict[str, str]:
    return {
        each.get("name") or "": each.get("value") or ""
        for holder in _extensions(element, "properties")
        for each in holder.iterchildren(SPIFF + "property")
        if each.get("name")
    }
