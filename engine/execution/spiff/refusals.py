"""What this executor does not run rightly: refused at deployment by element and line."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import Definitions, FlowNode, Problem, ProcessModel, ServiceTask, Severity


def refusals(definitions: Definitions) -> Iterator[Problem]:
    for model in definitions.processes:
        yield from _flows_side_by_side(model)
        if definitions.dialect == "spiff":
            yield from _nothing_to_do(model)


def _flows_side_by_side(model: ProcessModel) -> Iterator[Problem]:
    """SpiffWorkflow knows only from which element to which a token goes."""
    for node in model.nodes.values():
        targets = [flow.target for flow in node.outgoing]
        for flow in node.outgoing:
            if flow.listeners and targets.count(flow.target) > 1:
                yield _problem(
                    "spiff-flow-listener",
                    node,
                    flow.line,
                    f"The flow {flow.id} has a listener, and another leads from {flow.source} to {flow.target} too: "
                    "SpiffWorkflow cannot tell which of them is taken.",
                    "Join the two flows into one, or move the listener to the element it leads to.",
                )


def _nothing_to_do(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if not isinstance(node, ServiceTask) or node.work is not None or node.type == "sendTask":
            continue
        if node.type == "businessRuleTask":
            message, remedy = "names no decision", "Choose its decision (calledDecisionId)."
        else:
            message, remedy = (
                "has no operator",
                "Choose its operator (serviceTaskOperator); a handler of that name runs it.",
            )
        yield _problem("spiff-work", node, node.line, f"“{node.name or node.id}” {message}.", remedy)


def _problem(rule: str, node: FlowNode, line: int, message: str, remedy: str) -> Problem:
    return Problem(rule, Severity.ERROR, node.id, line, message, remedy, node.name)
