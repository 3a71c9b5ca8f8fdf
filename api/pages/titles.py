"""Names of tasks and flows as the model gives them, in the person's language."""

from __future__ import annotations

from collections.abc import Iterable

from api.pages.frame import language
from bpmn import Element, ProcessModel, label
from engine import CommandContext, Task, definition_model


def task_title(context: CommandContext, task: Task) -> str:
    node = definition_model(context, task.definition_id).nodes.get(task.activity_id)
    found = label(node, language()) if node is not None else None
    return found or task.name or task.activity_id


def task_titles(context: CommandContext, tasks: Iterable[Task]) -> dict[str, str]:
    """By task id."""
    return {task.id: task_title(context, task) for task in tasks}


def activity_title(context: CommandContext, definition_id: str, activity_id: str, otherwise: str) -> str:
    """`otherwise` for an activity of a called flow, which this model does not have."""
    node = definition_model(context, definition_id).nodes.get(activity_id)
    return (label(node, language()) if node is not None else None) or otherwise


def flow_names(context: CommandContext, definition_ids: Iterable[str]) -> dict[str, str]:
    """By definition id; models are cached, so this is cheap."""
    found = {}
    for each in set(definition_ids):
        process = definition_model(context, each).process
        found[each] = label(process, language()) or process.id
    return found


def names_in_drawing(model: ProcessModel) -> dict[str, str]:
    """By element id: what is called otherwise in the person's language than in the drawing."""
    elements: list[Element] = [model.process, *model.nodes.values(), *model.flows.values(), *model.lanes]
    found = {each.id: label(each, language()) for each in elements if each.name}
    return {each.id: found[each.id] for each in elements if each.name and found[each.id] != each.name}
