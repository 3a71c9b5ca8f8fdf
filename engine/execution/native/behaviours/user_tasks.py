"""User tasks: who is to do it, until when, with which form; and the listeners that may still change that."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from bpmn import Expression, FlowNode, FormReference, UserTask, text
from engine.errors import ExpressionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import Activity
from engine.execution.protocol import TaskOpened

DEFAULT_PRIORITY = 50


class UserTaskBehaviour(Behaviour):
    """Waits for a person. Without any owner rule the department of its lane is the candidate."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not isinstance(node, UserTask):
            raise AssertionError(f"{node.id} is no user task")
        task = task_of(run, activity, node)
        if node.task_listeners:
            draft = TaskDraft(task)
            run.notify_task("create", activity, draft.shown)
            if draft.task.assignee and run.alive(activity):
                run.notify_task("assignment", activity, draft.shown)
            if not run.alive(activity):
                return
            task = draft.task
        run.happenings.append(task)
        for index, timer in enumerate(node.task_timeouts):
            run.start_timer(activity, node, timer, listener=index)


class TaskDraft:
    """A task about to be opened, which its listeners may still change. `shown` is `task` as they see it."""

    def __init__(self, task: TaskOpened) -> None:
        self.task = task
        self.shown: dict[str, Any] = {
            "name": task.name,
            "assignee": task.assignee,
            "taskDefinitionKey": task.element_id,
            "getName": lambda: self.task.name,
            "getDescription": lambda: self.task.description,
            "getAssignee": lambda: self.task.assignee,
            "getPriority": lambda: self.task.priority,
            "getDueDate": lambda: self.task.due_date,
            "getFollowUpDate": lambda: self.task.follow_up_date,
            "getTaskDefinitionKey": lambda: task.element_id,
            "setName": lambda value: self._set(name=optional_text(value)),
            "setDescription": lambda value: self._set(description=optional_text(value)),
            "setAssignee": lambda value: self._set(assignee=optional_text(value)),
            "setPriority": lambda value: self._set(priority=whole(value, task.element_id, "priority")),
            "setDueDate": lambda value: self._set(due_date=date_text(value)),
            "setFollowUpDate": lambda value: self._set(follow_up_date=date_text(value)),
            "addCandidateUser": lambda value: self._set(candidate_users=(*self.task.candidate_users, text(value))),
            "addCandidateGroup": lambda value: self._set(candidate_groups=(*self.task.candidate_groups, text(value))),
            "deleteCandidateUser": lambda value: self._set(candidate_users=without(self.task.candidate_users, value)),
            "deleteCandidateGroup": lambda value: self._set(
                candidate_groups=without(self.task.candidate_groups, value)
            ),
        }

    def _set(self, **changed: Any) -> None:
        self.task = msgspec.structs.replace(self.task, **changed)
        for name, value in changed.items():
            if name in self.shown:
                self.shown[name] = value


def task_of(run: Run, activity: Activity, node: UserTask) -> TaskOpened:
    """What the model says of the task, its expressions evaluated."""

    def given(expression: Expression) -> Any:
        return run.evaluate(expression, activity)

    assignee = None if node.assignee is None else given(node.assignee)
    users = () if node.candidate_users is None else names(given(node.candidate_users))
    groups = () if node.candidate_groups is None else names(given(node.candidate_groups))
    if not assignee and not users and not groups and node.department:
        groups = (node.department,)
    priority = None if node.priority is None else given(node.priority)
    return TaskOpened(
        number=activity.number,
        element_id=node.id,
        name=run.composite(node.name, activity),
        description=run.composite(node.documentation, activity),
        assignee=text(assignee) if assignee else None,
        candidate_users=users,
        candidate_groups=groups,
        due_date=None if node.due_date is None else date_text(given(node.due_date)),
        follow_up_date=None if node.follow_up_date is None else date_text(given(node.follow_up_date)),
        priority=DEFAULT_PRIORITY if priority is None else whole(priority, node.id, "priority"),
        form_key=form_key(run, activity, node.form),
    )


def names(value: Any) -> tuple[str, ...]:
    """User or group ids: a list, or text with commas between them."""
    if value is None:
        return ()
    parts = [text(part) for part in value] if isinstance(value, list | tuple) else str(value).split(",")
    return tuple([found for part in parts if (found := part.strip())])


def date_text(value: Any) -> str | None:
    """A date or moment as ISO 8601 text; text stays as it is."""
    if value is None or value == "":
        return None
    return value.isoformat() if isinstance(value, date | datetime) else text(value)


def whole(value: Any, element_id: str, what: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ExpressionFailed(f"the {what} is {value!r}: a whole number is needed", element_id) from None


def form_key(run: Run, activity: Activity, form: FormReference | None) -> str | None:
    return None if form is None or form.key is None else run.evaluate_text(form.key, activity)


def optional_text(value: Any) -> str | None:
    return None if value is None else text(value)


def without(found: tuple[str, ...], value: Any) -> tuple[str, ...]:
    return tuple(each for each in found if each != text(value))
