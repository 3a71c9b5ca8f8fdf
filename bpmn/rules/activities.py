"""Rules about tasks, calls, repetition and what goes in and out."""

from __future__ import annotations

import re

from bpmn.model import (
    Activity,
    BoundaryEvent,
    CallActivity,
    ComplexGateway,
    EndEvent,
    EventBasedGateway,
    EventSubProcess,
    ExclusiveGateway,
    ExternalWork,
    FlowNode,
    InclusiveGateway,
    Listener,
    ParallelGateway,
    Process,
    ProcessModel,
    ScriptTask,
    SequenceFlow,
    ServiceTask,
    SignalDefinition,
    StartEvent,
    UserTask,
)
from bpmn.rules.finding import Findings, at, called, definition_of, work_of

_NUMBER = re.compile(r"-?\d+")
_DAYS = re.compile(r"\d+|P\d+D")
_TASK_EVENTS = ("create", "assignment", "complete", "update", "delete", "timeout")
_GATEWAYS = ExclusiveGateway | ParallelGateway | InclusiveGateway | EventBasedGateway | ComplexGateway


def owner(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if (
            isinstance(node, UserTask)
            and node.assignee is None
            and node.candidate_users is None
            and node.candidate_groups is None
            and node.department is None
        ):
            yield at(
                node,
                f"{called(node)} has no owner: nobody will find it.",
                "Choose a department, or draw it in a lane.",
            )


def named(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, UserTask) and not node.name:
            yield at(node, f"{called(node)} has no name.", "Say what is to be done, such as “Order laptop”.")


def calls_a_process(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(node, CallActivity):
            continue
        if node.called_element is None:
            yield at(node, f"{called(node)} calls no process.", "Write the id of the process to call.")
        for binding, given in (("version", node.version), ("versionTag", node.version_tag)):
            if node.binding == binding and given is None:
                yield at(
                    node,
                    f"{called(node)} calls a certain {binding} of its process and does not say which.",
                    f"Write the {binding}, or call the latest.",
                )


def mappings_complete(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        payload = definition.payload if isinstance(definition, SignalDefinition) else ()
        for mapping in (*node.ins, *node.outs) if isinstance(node, CallActivity) else payload:
            if mapping.all_variables or mapping.business_key is not None:
                continue
            if not mapping.target or (not mapping.source and mapping.source_expression is None):
                missing = "where from" if mapping.target else "where to"
                yield at(
                    node,
                    f"{called(node)} passes a variable without saying {missing}.",
                    "Give camunda:in and camunda:out a source (or sourceExpression) and a target.",
                )


def one_assignee(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, UserTask) and len(node.performers) > 1:
            yield at(
                node,
                f"{called(node)} is assigned twice: by its assignee and by a human performer.",
                "Keep one of them.",
            )


def calls_itself(model: ProcessModel) -> Findings:
    """A plain call of itself that nothing decides about never ends."""
    for node in model.nodes.values():
        if isinstance(node, CallActivity) and node.called_element is not None and node.called_element.text == model.key:
            yield at(
                node,
                f"{called(node)} calls the process it stands in.",
                "Make sure that a gateway before it ends the recursion.",
            )


def work_given(model: ProcessModel) -> Findings:
    """In SpiffWorkflow's dialect a send task carries its message, and its executor says what else is missing."""
    for node in model.nodes.values() if model.dialect != "spiff" else ():
        if isinstance(node, ServiceTask) and node.work is None:
            yield at(
                node,
                f"{called(node)} does nothing: no handler, topic or expression is given.",
                "Choose a handler or a topic for workers.",
            )


def topic_given(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        work = work_of(node)
        if isinstance(work, ExternalWork) and not work.topic.text:
            yield at(
                node, f"{called(node)} is an external task without a topic.", "Write the topic that workers fetch."
            )


def listeners_do_something(model: ProcessModel) -> Findings:
    elements: list[FlowNode | SequenceFlow] = [*model.nodes.values(), *model.flows.values()]
    for element in elements:
        own = [*element.listeners, *(element.task_listeners if isinstance(element, UserTask) else ())]
        for listener in own:
            if listener.expression is None and listener.handler is None and listener.script is None:
                yield at(
                    element,
                    f"{called(element)} has a listener for “{listener.event}” that does nothing.",
                    "Give the listener a handler, an expression or a script, or remove it.",
                    line=listener.line,
                )


def listeners_hear_something(model: ProcessModel) -> Findings:
    """A flow has but one moment; an activity starts and ends; a user task has its own."""
    for node in model.nodes.values():
        own: list[tuple[Listener, tuple[str, ...]]] = [(each, ("start", "end")) for each in node.listeners]
        if isinstance(node, UserTask):
            own += [(each, _TASK_EVENTS) for each in node.task_listeners]
            timeouts = [each for each in node.task_listeners if each.event == "timeout"]
            if len(timeouts) != len(node.task_timeouts):
                yield at(node, f"{called(node)} has a timeout listener without a timer.", "Give the listener a timer.")
        for listener, events in own:
            if listener.event not in events:
                yield at(
                    node,
                    f"{called(node)} has a listener for “{listener.event}”, which never happens to it.",
                    f"Choose one of: {', '.join(events)}.",
                    line=listener.line,
                )


def history_kept_in_days(model: ProcessModel) -> Findings:
    kept = model.process.history_time_to_live
    if kept and not _DAYS.fullmatch(kept):
        yield at(
            model.process,
            f"The history of the process is kept for “{kept}”: a number of days is needed.",
            "Write it as 30 or P30D.",
        )


def script_given(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, ScriptTask) and node.script is None:
            yield at(node, f"{called(node)} has no script.", "Write one, or make it another kind of task.")


def repeats_how_often(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        loop = node.multi_instance if isinstance(node, Activity) else None
        if loop is not None and loop.cardinality is None and loop.collection is None:
            yield at(
                node,
                f"{called(node)} repeats, but says neither how often nor over what.",
                "Give a number (loop cardinality) or a list (collection).",
                line=loop.line,
            )


def outputs_of_repetition(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, Activity) and node.multi_instance is not None and node.outputs:
            yield at(
                node,
                f"{called(node)} repeats and has output parameters: each turn would overwrite the last.",
                "Remove the output parameters, or collect the results in a script.",
            )


def parameters_where_they_work(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        nowhere = isinstance(node, StartEvent | BoundaryEvent | EventSubProcess | _GATEWAYS)
        if nowhere and (node.inputs or node.outputs):
            yield at(
                node,
                f"{called(node)} has input or output parameters, which have no effect there.",
                "Move them to the activity that follows.",
            )
        elif isinstance(node, EndEvent) and node.outputs:
            yield at(
                node,
                f"{called(node)} has output parameters: nothing follows that could use them.",
                "Remove them.",
            )


def continues_after_no_event_based_gateway(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, EventBasedGateway) and node.async_after:
            yield at(
                node,
                f"{called(node)} continues asynchronously, but no token leaves it: the event that wins goes on.",
                "Set asyncAfter at the events that follow.",
            )


def flows_have_ids(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if node.async_after and any(flow.id.startswith("sequenceFlow@") for flow in node.outgoing):
            yield at(
                node,
                f"{called(node)} continues asynchronously over a flow without an id.",
                "Give its outgoing flow an id.",
            )


def priorities_are_numbers(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        for what, text in _priorities(node):
            if "{" not in text and not _NUMBER.fullmatch(text):
                yield at(
                    node,
                    f"The {what} of “{node.name or node.id}” is “{text}”: a number is needed.",
                    "Write a whole number.",
                )


def _priorities(node: FlowNode) -> list[tuple[str, str]]:
    found = []
    if node.job_priority is not None:
        found.append(("job priority", node.job_priority.text))
    if isinstance(node, Process) and node.task_priority is not None:
        found.append(("task priority", node.task_priority.text))
    if isinstance(node, UserTask) and node.priority is not None:
        found.append(("priority", node.priority.text))
    work = work_of(node)
    if isinstance(work, ExternalWork) and work.priority is not None:
        found.append(("task priority", work.priority.text))
    return found
