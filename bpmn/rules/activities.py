"""Rules about tasks, calls, repetition and what goes in and out."""

from __future__ import annotations

import re

from bpmn.model import (
    Activity,
    BoundaryEvent,
    CallActivity,
    EventSubProcess,
    ExternalWork,
    FlowNode,
    ProcessModel,
    ScriptTask,
    SequenceFlow,
    ServiceTask,
    StartEvent,
    UserTask,
)
from bpmn.rules.finding import Findings, at, called, work_of

_NUMBER = re.compile(r"-?\d+")


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
        if isinstance(node, CallActivity) and node.called_element is None:
            yield at(node, f"{called(node)} calls no process.", "Write the id of the process to call.")


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
        if isinstance(node, StartEvent | BoundaryEvent | EventSubProcess) and (node.inputs or node.outputs):
            yield at(
                node,
                f"{called(node)} has input or output parameters, which have no effect there.",
                "Move them to the activity that follows.",
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
    if isinstance(node, UserTask) and node.priority is not None:
        found.append(("priority", node.priority.text))
    work = work_of(node)
    if isinstance(work, ExternalWork) and work.priority is not None:
        found.append(("task priority", work.priority.text))
    return found
