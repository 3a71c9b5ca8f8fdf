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
        draft = draft_of(run, activity, node)
        if node.task_listeners:
            table = draft.table()
            run.notify_task("create", activity, table)
            if draft.assignee and run.alive(activity):
                run.notify_task("assignment", activity, table)
            if not run.alive(activity):
                return
        run.happenings.append(draft.opened(activity.number))
        for index, timer in enumerate(node.task_timeouts):
            run.start_timer(activity, node, timer, listener=index)


class TaskDraft(msgspec.Struct):
    """A task about to be opened."""

    element_id: str
    name: str | None
    description: str | None
    assignee: str | None
    users: tuple[str, ...]
    groups: tuple[str, ...]
    due_date: str | None
    follow_up_date: str | None
    priority: int
    form_key: str | None
    shown: dict[str, Any] = {}

    def opened(self, number: int) -> TaskOpened:
        return TaskOpened(
            number=number,
            element_id=self.element_id,
            name=self.name,
            description=self.description,
            assignee=self.assignee,
            candidate_users=self.users,
            candidate_groups=self.groups,
            due_date=self.due_date,
            follow_up_date=self.follow_up_date,
            priority=self.priority,
            form_key=self.form_key,
        )

    def table(self) -> dict[str, Any]:
        """`task` as listeners see it; kept up to date as they change it."""
        self.shown = {
            "name": self.name,
            "assignee": self.assignee,
            "taskDefinitionKey": self.element_id,
            "getName": lambda: self.name,
            "getDescription": lambda: self.description,
            "getAssignee": lambda: self.assignee,
            "getPriority": lambda: self.priority,
            "getDueDate": lambda: self.due_date,
            "getFollowUpDate": lambda: self.follow_up_date,
            "getTaskDefinitionKey": lambda: self.element_id,
            "setName": lambda value: self._set("name", optional_text(value)),
            "setDescription": lambda value: self._set("description", optional_text(value)),
            "setAssignee": lambda value: self._set("assignee", optional_text(value)),
            "setPriority": lambda value: self._set("priority", whole(value, self.element_id, "priority")),
            "setDueDate": lambda value: self._set("due_date", date_text(value)),
            "setFollowUpDate": lambda value: self._set("follow_up_date", date_text(value)),
            "addCandidateUser": lambda value: self._set("users", (*self.users, text(value))),
            "addCandidateGroup": lambda value: self._set("groups", (*self.groups, text(value))),
            "deleteCandidateUser": lambda value: self._set("users", without(self.users, value)),
            "deleteCandidateGroup": lambda value: self._set("groups", without(self.groups, value)),
        }
        return self.shown

    def _set(self, name: str, value: Any) -> None:
        setattr(self, name, value)
        if name in self.shown:
            self.shown[name] = value


def draft_of(run: Run, activity: Activity, node: UserTask) -> TaskDraft:
    def given(expression: Expression | None) -> Any:
        return None if expression is None else run.evaluate(expression, activity)

    assignee, priority = given(node.assignee), given(node.priority)
    users, groups = names(given(node.candidate_users)), names(given(node.candidate_groups))
    if not assignee and not users and not groups and node.department:
        groups = (node.department,)
    return TaskDraft(
        element_id=node.id,
        name=run.composite(node.name, activity),
        description=run.composite(node.documentation, activity),
        assignee=text(assignee) if assignee else None,
        users=users,
        groups=groups,
        due_date=date_text(given(node.due_date)),
        follow_up_date=date_text(given(node.follow_up_date)),
        priority=DEFAULT_PRIORITY if priority is None else whole(priority, node.id, "priority"),
        form_key=form_key(run, activity, node.form),
    )


def names(value: Any) -> tuple[str, ...]:
    """User or group ids: a list, or text with commas between them."""
    if value is None:
        return ()
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple([found for part in parts if (found := text(part).strip())])


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
