"""What the native executor does not run yet, in one table: refused by name and line, never run wrongly."""

from __future__ import annotations

from bpmn.model import (
    ComplexGateway,
    DecisionWork,
    Definitions,
    EventBasedGateway,
    FlowNode,
    ProcessModel,
    UnsupportedNode,
    UnsupportedWork,
)
from bpmn.reader.zeebe import zeebe_extensions
from bpmn.rules.finding import Finding, Findings, at, called, work_of

#: Kinds of element that are read but not run, with what to use instead.
NOT_RUN: dict[type[FlowNode], str] = {
    UnsupportedNode: "Use an element that BPMN 2.0 executes: a task, an event, a gateway, a subprocess.",
}

#: What to write instead of an extension of Camunda 8.
ZEEBE_REMEDIES: dict[str, str] = {
    "zeebe:taskDefinition": 'Write camunda:type="external" and the job type as camunda:topic.',
    "zeebe:taskHeaders": "Write them as input parameters (camunda:inputOutput).",
    "zeebe:assignmentDefinition": "Write camunda:assignee, camunda:candidateUsers or camunda:candidateGroups.",
    "zeebe:taskSchedule": "Write camunda:dueDate and camunda:followUpDate.",
    "zeebe:priorityDefinition": "Write camunda:priority.",
    "zeebe:formDefinition": "Give the task fields of its own (camunda:formData), or a camunda:formRef.",
    "zeebe:userTaskForm": "Give the task fields of its own (camunda:formData).",
    "zeebe:userTask": "Remove it: every user task is one here.",
    "zeebe:input": "Write camunda:inputParameter, with ${…} instead of FEEL.",
    "zeebe:output": "Write camunda:outputParameter, with ${…} instead of FEEL.",
    "zeebe:calledElement": "Write the process id as calledElement of the call activity.",
    "zeebe:calledDecision": "Write the decision's id as camunda:decisionRef.",
    "zeebe:loopCharacteristics": "Write camunda:collection and camunda:elementVariable on the repetition.",
    "zeebe:script": "Make it a script in python or juel.",
    "zeebe:subscription": "Remove it: messages are correlated by business key or variables when they are sent.",
    "zeebe:properties": "Write camunda:properties.",
    "zeebe:versionTag": "Write camunda:versionTag on the process.",
    "zeebe:executionListeners": "Write camunda:executionListener.",
    "zeebe:taskListeners": "Write camunda:taskListener.",
}


#: What to write instead of what is not read.
_REMEDY = "Write the script into the model, or map variables with camunda:in and camunda:out."
UNREAD_REMEDIES: dict[str, str] = {
    "spiffworkflow:variableName": "Remove it: what a person enters is set under the names of the form's fields.",
    "ioSpecification": "Remove it: a task, and a called process, sees all variables; limit a call with camunda:in.",
    "dataStoreReference": "Keep it as a data object, or read and write it in a service task.",
}


def elements(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, ComplexGateway) and (len(node.incoming) > 1 or node.activation_condition is not None):
            yield at(
                node,
                f"{called(node)} joins flows by a rule of its own, which is not supported.",
                "Use an inclusive gateway to join, or say the rule in conditions. A complex gateway may only fork.",
            )
        for kind, remedy in NOT_RUN.items():
            if isinstance(node, kind):
                yield at(node, f"{called(node)} is not supported.", remedy)
        if isinstance(node, EventBasedGateway) and node.instantiate:
            yield at(node, f"{called(node)} starts instances, which is not supported.", "Use several start events.")


def work(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        found = work_of(node)
        if isinstance(found, UnsupportedWork):
            yield at(
                node,
                f"{called(node)} is {found.description}, which is not supported.",
                "Give it a handler, an expression, or a topic that an external worker fetches.",
            )
        elif isinstance(found, DecisionWork) and found.binding not in ("latest", "deployment"):
            yield at(
                node,
                f"{called(node)} binds its decision to a {found.binding}, which is not kept.",
                "Choose the binding latest or deployment.",
            )


def extensions(definitions: Definitions) -> Findings:
    for each in definitions.unread:
        yield Finding(
            each.element_id,
            each.line,
            f"“{each.element_name or each.element_id}” has “{each.extension}”, which is not supported.",
            UNREAD_REMEDIES.get(each.extension, _REMEDY),
            each.element_name,
        )


def foreign_elements(definitions: Definitions) -> Findings:
    for tag, line in definitions.foreign:
        namespace, _, name = tag.rpartition("}")
        yield Finding(
            name,
            line,
            f"The element “{name}” does not belong to BPMN 2.0: its namespace is “{namespace.lstrip('{')}”.",
            "Remove it, or move it into the extensionElements of the element it describes.",
        )


def dialect(definitions: Definitions) -> Findings:
    """Extensions of other engines: nothing of what they say would be done."""
    if definitions.dialect == "zeebe":
        for extension in zeebe_extensions(definitions.source):
            yield Finding(
                extension.element_id,
                extension.line,
                f"“{extension.element_name or extension.element_id}” is drawn for Camunda 8: "
                f"“{extension.name}” means nothing here.",
                ZEEBE_REMEDIES.get(extension.name, "Remove it; the properties panel has what can be said instead."),
                extension.element_name,
            )
