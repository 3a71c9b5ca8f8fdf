"""From what happened, in order, to what is to be written: rows that begin, rows that end, variables as they are at
last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpmn import ProcessModel, UserTask, is_external
from engine.calendar import due_moment
from engine.context import CommandContext
from engine.database.tables import event_subscription, external_task, incident, job, task
from engine.errors import ExpressionFailed
from engine.execution.protocol import (
    ActivityEnded,
    ActivityMoved,
    ActivityStarted,
    ExternalTaskOpened,
    Happening,
    IncidentClosed,
    IncidentMoved,
    IncidentOpened,
    InstanceCalled,
    InstanceChange,
    JobClosed,
    JobMoved,
    JobOpened,
    SubscriptionClosed,
    SubscriptionMoved,
    SubscriptionOpened,
    TaskMoved,
    TaskOpened,
    VariableRemoved,
    VariableSet,
)
from engine.history_types import history_type
from engine.ids import public_id
from engine.moves import Moves, note_move

CANDIDATE = "candidate"

#: What is known of a user task only when somebody completes it, by column of its history.
CLOSING_COLUMNS = (
    "assignee",
    "completed_by",
    "completed_for",
    "claimed_at",
    "queue_s",
    "touch_s",
    "queue_biz_s",
    "touch_biz_s",
    "completed_day",
)
NO_FACTS = {f"row_{name}": None for name in CLOSING_COLUMNS}


@dataclass
class Folded:
    """What one instance's change comes down to. Rows are ready to insert; `gone` are the numbers of rows to delete."""

    definition_key: str
    start_activity_id: str | None
    activities: list[dict[str, Any]] = field(default_factory=list)
    ended_activities: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    identity_links: list[dict[str, Any]] = field(default_factory=list)
    external_tasks: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    gone: dict[Any, list[int]] = field(default_factory=dict)
    variables: dict[tuple[int, str], Any] = field(default_factory=dict)
    removed: set[tuple[int, str]] = field(default_factory=set)
    moved: Moves = field(default_factory=dict)

    @property
    def root_variables(self) -> dict[str, Any]:
        """The variables of the instance itself that were written."""
        return {name: value for (scope, name), value in self.variables.items() if scope == 0}


def fold(context: CommandContext, model: ProcessModel, change: InstanceChange) -> Folded:
    return _Folding(context, model, change).folded()


class _Folding:
    def __init__(self, context: CommandContext, model: ProcessModel, change: InstanceChange) -> None:
        self._context = context
        self._model = model
        self._change = change
        self._result = Folded(model.key, change.start_activity_id)
        self._activities: dict[int, dict[str, Any]] = {}
        self._tasks: dict[int, dict[str, Any]] = {}
        self._links: dict[int, list[dict[str, Any]]] = {}
        self._externals: dict[int, dict[str, Any]] = {}
        self._jobs: dict[int, dict[str, Any]] = {}
        self._subscriptions: dict[int, dict[str, Any]] = {}
        self._incidents: dict[int, dict[str, Any]] = {}

    def folded(self) -> Folded:
        for each in self._change.happenings:
            self._take(each)
        result = self._result
        result.activities = list(self._activities.values())
        result.tasks = list(self._tasks.values())
        result.identity_links = [link for number in self._tasks for link in self._links.get(number, ())]
        result.external_tasks = list(self._externals.values())
        result.jobs = list(self._jobs.values())
        result.subscriptions = list(self._subscriptions.values())
        result.incidents = list(self._incidents.values())
        return result

    def _take(self, each: Happening) -> None:
        match each:
            case ActivityStarted():
                self._started(each)
            case ActivityEnded():
                self._ended(each)
            case TaskOpened():
                self._task(each)
            case VariableSet():
                self._variable(each.scope, each.name, each.value, removed=False)
            case VariableRemoved():
                self._variable(each.scope, each.name, None, removed=True)
            case InstanceCalled():
                if each.number in self._activities:
                    self._activities[each.number]["called_instance_id"] = each.instance_id
            case _:
                self._take_waiting(each)

    def _take_waiting(self, each: Happening) -> None:
        match each:
            case ExternalTaskOpened():
                self._external(each)
            case JobOpened():
                self._job(each)
            case JobClosed():
                self._closed(self._jobs, job, each.number)
            case SubscriptionOpened():
                self._subscription(each)
            case SubscriptionClosed():
                self._closed(self._subscriptions, event_subscription, each.number)
            case IncidentOpened():
                self._incident(each)
            case IncidentClosed():
                self._closed(self._incidents, incident, each.number)
            case ActivityMoved() | TaskMoved() | JobMoved() | SubscriptionMoved() | IncidentMoved():
                note_move(self._result.moved, each, self._change, self._model)

    def _variable(self, scope: int, name: str, value: Any, *, removed: bool) -> None:
        self._result.variables[scope, name] = value
        if removed:
            self._result.removed.add((scope, name))
        else:
            self._result.removed.discard((scope, name))

    # ------------------------------------------------------------ activities

    def _id(self, number: int) -> str:
        return public_id(self._change.instance_id, number)

    def _day(self, moment: datetime) -> str:
        return self._context.engine.calendar.local_day(moment).isoformat()

    def _started(self, each: ActivityStarted) -> None:
        if each.number == 0:
            return  # the instance itself: its history is the process instance's
        node = self._model.nodes[each.element_id]
        self._activities[each.number] = {
            "id": self._id(each.number),
            "process_instance_id": self._change.instance_id,
            "number": each.number,
            "parent": each.parent,
            "definition_id": self._change.definition_id,
            "definition_key": self._model.key,
            "activity_id": each.element_id,
            "activity_name": node.name,
            "activity_type": "multiInstanceBody" if each.body else history_type(node),
            "department": node.department,
            "iteration": each.iteration,
            "started_at": self._context.now,
            "ended_at": None,
            "canceled": False,
            "called_instance_id": None,
            "is_task": False,
            "task_name": None,
            "assignee": None,
            "due_at": None,
            "priority": None,
            "created_day": None,
        }

    def _ended(self, each: ActivityEnded) -> None:
        if each.number == 0:
            return
        # None: a scope of the version that the instance has just left
        node = self._model.nodes.get(each.element_id)
        row = self._activities.get(each.number)
        if row is not None:
            row["ended_at"], row["canceled"] = self._context.now, each.canceled
        else:
            self._result.ended_activities.append(
                {
                    "row_id": self._id(each.number),
                    "row_ended_at": self._context.now,
                    "row_canceled": each.canceled,
                    **NO_FACTS,
                }
            )
        if isinstance(node, UserTask):
            self._closed(self._tasks, task, each.number)
        elif node is not None and is_external(node):
            self._closed(self._externals, external_task, each.number)

    def _closed(self, opened: dict[int, dict[str, Any]], table: Any, number: int) -> None:
        """A row that this command opened is never written; one from before is deleted."""
        if opened.pop(number, None) is None:
            self._result.gone.setdefault(table, []).append(number)

    # ------------------------------------------------------------ what waits

    def _common(self, number: int, element_id: str) -> dict[str, Any]:
        return {
            "id": self._id(number),
            "process_instance_id": self._change.instance_id,
            "number": number,
            "definition_id": self._change.definition_id,
            "definition_key": self._model.key,
            "activity_id": element_id,
        }

    def _task(self, each: TaskOpened) -> None:
        node = self._model.nodes[each.element_id]
        now = self._context.now
        department = next(iter(each.candidate_groups), None) or node.department
        due = self._moment(each.due_date, each.element_id, department)
        is_candidate = bool(each.candidate_groups)
        self._tasks[each.number] = {
            **self._common(each.number, each.element_id),
            "name": each.name,
            "description": each.description,
            "department": department,
            "department_is_candidate": is_candidate,
            "assignee": each.assignee,
            "priority": each.priority,
            "created_at": now,
            "claimed_at": now if each.assignee else None,
            "due_at": due,
            "follow_up_at": self._moment(each.follow_up_date, each.element_id, department),
            "form_key": each.form_key,
            "suspended": False,
        }
        task_id = self._id(each.number)
        self._links[each.number] = [
            {"task_id": task_id, "type": CANDIDATE, "user_id": user, "group_id": None} for user in each.candidate_users
        ] + [
            {"task_id": task_id, "type": CANDIDATE, "user_id": None, "group_id": group}
            for group in each.candidate_groups[1:]
        ]
        row = self._activities.get(each.number)
        if row is not None:
            row.update(
                is_task=True,
                task_name=each.name,
                assignee=each.assignee,
                due_at=due,
                priority=each.priority,
                department=department,
                created_day=self._day(now),
            )

    def _moment(self, text: str | None, element_id: str, department: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            return due_moment(text, self._context.engine.calendars.of(department))
        except ValueError as error:
            raise ExpressionFailed(str(error), element_id) from error

    def _external(self, each: ExternalTaskOpened) -> None:
        self._externals[each.number] = {
            **self._common(each.number, each.element_id),
            "topic": each.topic,
            "priority": each.priority,
            "created_at": self._context.now,
            "suspended": False,
        }

    def _job(self, each: JobOpened) -> None:
        self._jobs[each.number] = {
            **self._common(each.number, each.element_id),
            "activity_number": each.activity,
            "type": each.type.value,
            "due_at": each.due,
            "created_at": self._context.now,
            "retries": 3,
            "attempts": 0,
            "retry_cycle": each.retry_cycle,
            "priority": each.priority,
            "exclusive": each.exclusive,
            "suspended": False,
        }

    def _subscription(self, each: SubscriptionOpened) -> None:
        row = {
            **self._common(each.number, each.element_id),
            "activity_number": each.activity,
            "event_type": each.event_type,
            "event_name": each.event_name,
            "created_at": self._context.now,
        }
        del row["definition_key"]
        self._subscriptions[each.number] = row

    def _incident(self, each: IncidentOpened) -> None:
        configuration = None if each.configuration is None else self._id(each.configuration)
        self._incidents[each.number] = {
            "id": self._id(each.number),
            "process_instance_id": self._change.instance_id,
            "number": each.number,
            "definition_id": self._change.definition_id,
            "activity_id": each.element_id,
            "incident_type": each.incident_type,
            "message": each.message,
            "configuration": configuration,
            "occurred_at": self._context.now,
        }
