"""What the native executor does not run yet, in one table: refused by name and line, never run wrongly."""

from __future__ import annotations

from bpmn.model import (
    AdHocSubProcess,
    ComplexGateway,
    DecisionWork,
    Definitions,
    EventBasedGateway,
    FlowNode,
    MessageDefinition,
    ProcessModel,
    ServiceTask,
    UnsupportedNode,
    UnsupportedWork,
    Work,
)
from bpmn.rules.finding import Finding, Findings, at, called, definition_of

#: Kinds of element that are read but not run, with what to use instead.
NOT_RUN: dict[type[FlowNode], str] = {
    ComplexGateway: "Use an inclusive gateway, or say the rule in conditions of exclusive ones.",
    AdHocSubProcess: "Draw the order of its tasks, or use parallel gateways.",
    UnsupportedNode: "Use an element that BPMN 2.0 executes: a task, an event, a gateway, a subprocess.",
}


def elements(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        for kind, remedy in NOT_RUN.items():
            if isinstance(node, kind):
                yield at(node, f"{called(node)} is not supported.", remedy)
        if isinstance(node, EventBasedGateway) and node.instantiate:
            yield at(node, f"{called(node)} starts instances, which is not supported.", "Use several start events.")


def work(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        found = _work(node)
        if isinstance(found, UnsupportedWork):
            yield at(
                node,
                f"{called(node)} is {found.description}, which is not supported.",
                "Give it a handler, an expression, or a topic that an external worker fetches.",
            )
        elif isinstance(found, DecisionWork):
            yield at(
                node,
                f"{called(node)} evaluates a decision table, which is not supported yet.",
                "Say the rule in an expression, or let an external worker decide.",
            )


def _work(node: FlowNode) -> Work | None:
    if isinstance(node, ServiceTask):
        return node.work
    definition = definition_of(node)
    return definition.work if isinstance(definition, MessageDefinition) else None


def dialect(definitions: Definitions) -> Findings:
    """Extensions of other engines: nothing of what they say would be done."""
    if definitions.dialect == "zeebe":
        first = definitions.processes[0] if definitions.processes else None
        yield Finding(
            first.key if first else "definitions",
            first.process.line if first else 1,
            "The file is drawn for Camunda 8 (zeebe: extensions), whose job types, forms and mappings mean nothing here.",
            "Open it in a modeler as Camunda 7: zeebe:taskDefinition becomes camunda:topic with type external, "
            "zeebe:assignmentDefinition becomes camunda:assignee and camunda:candidateGroups, FEEL becomes JUEL (${…}).",
        )
    if definitions.dialect == "spiff":
        first = definitions.processes[0] if definitions.processes else None
        yield Finding(
            first.key if first else "definitions",
            first.process.line if first else 1,
            "The file uses SpiffWorkflow's own extensions (spiff:), which are not supported yet.",
            "Write scripts, forms and service calls as camunda: extensions.",
        )
