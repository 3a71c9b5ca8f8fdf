"""Rules about who must not do what: separation of duties."""

from __future__ import annotations

from bpmn.duties import PROPERTY, STARTER, not_by
from bpmn.model import ProcessModel, StartEvent, UserTask
from bpmn.rules.finding import Findings, at, called


def separated(model: ProcessModel) -> Findings:
    """What a task is kept apart from is there, and leaves somebody who may do it."""
    initiators = {
        node.initiator for node in model.nodes.values() if isinstance(node, StartEvent) and node.initiator is not None
    }
    for node in model.nodes.values():
        named = not_by(node)
        if named and not isinstance(node, UserTask):
            yield at(node, f"{called(node)} has “{PROPERTY}”, and nobody does it.", "Move the property to a user task.")
            continue
        for each in named:
            other = model.nodes.get(each)
            if each == STARTER:
                if isinstance(node, UserTask) and _assignee(node) in {f"${{{name}}}" for name in initiators}:
                    yield at(
                        node,
                        f"{called(node)} is not for who started the journey, and is given to them: nobody can do it.",
                        "Give it to a department, or take “starter” out.",
                    )
            elif not isinstance(other, UserTask):
                yield at(
                    node,
                    f"{called(node)} is kept apart from “{each}”, which is no user task of this process.",
                    "Name “starter” or the id of a user task.",
                )
            elif other is node:
                yield at(
                    node,
                    f"{called(node)} is kept apart from itself.",
                    "Name another task: who may do it has not done it before.",
                )
            elif isinstance(node, UserTask) and _assignee(node) is not None and _assignee(node) == _assignee(other):
                yield at(
                    node,
                    f"{called(node)} is not for who does “{other.name or each}”, and both have the same assignee: "
                    "nobody can do it.",
                    "Give one of them to a department or to somebody else.",
                )


def _assignee(task: UserTask) -> str | None:
    return task.assignee.text.strip() if task.assignee is not None else None
