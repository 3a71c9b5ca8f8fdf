"""Tasks: people, services, scripts, messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bpmn import (
    Event,
    Expression,
    ExpressionWork,
    ExternalWork,
    FlowNode,
    FormReference,
    HandlerWork,
    MessageDefinition,
    ReceiveTask,
    ScriptTask,
    ServiceTask,
    UserTask,
    Work,
    text,
)
from engine.errors import ExecutionFailed, ExpressionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import Activity
from engine.execution.protocol import (
    BpmnError,
    ExternalTaskOpened,
    TaskOpened,
)

DEFAULT_PRIORITY = 50


class UserTaskBehaviour(Behaviour):
    """Waits for a person. Without any owner rule the department of its lane is the candidate."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not isinstance(node, UserTask):
            raise AssertionError(f"{node.id} is no user task")

        def given(expression: Expression | None) -> Any:
            return None if expression is None else run.evaluate(expression, activity)

        assignee = given(node.assignee)
        users, groups = names(given(node.candidate_users)), names(given(node.candidate_groups))
        if not assignee and not users and not groups and node.department:
            groups = (node.department,)
        priority = given(node.priority)
        name = run.evaluate_text(Expression(node.name), activity) if node.name else None
        run.happenings.append(
            TaskOpened(
                number=activity.number,
                element_id=node.id,
                name=name,
                description=node.documentation,
                assignee=text(assignee) if assignee else None,
                candidate_users=users,
                candidate_groups=groups,
                due_date=date_text(given(node.due_date)),
                follow_up_date=date_text(given(node.follow_up_date)),
                priority=DEFAULT_PRIORITY if priority is None else whole(priority, node.id, "priority"),
                form_key=form_key(run, activity, node.form),
            )
        )
        run.notify_task("create", activity)
        if assignee and run.alive(activity):
            run.notify_task("assignment", activity)


class ServiceTaskBehaviour(Behaviour):
    """An expression, a handler registered by name, or nothing to do; also send and business rule tasks, message throws."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        work = work_of(node)
        result = None
        try:
            if isinstance(work, ExpressionWork):
                result = run.evaluate(work.expression, activity)
            elif isinstance(work, HandlerWork):
                result = run.call_handler(work.name, activity, work.fields)
            elif work is not None:
                raise ExecutionFailed(f"nothing here runs {work}", node.id)
        except BpmnError as error:
            if not run.throw_error(activity, error) and run.alive(activity):
                run.proceed(activity, [])
            return
        if isinstance(work, ExpressionWork | HandlerWork) and work.result_variable:
            run.set_variable(activity, work.result_variable, result)
        if run.alive(activity):
            run.leave(activity)


class ExternalTaskBehaviour(Behaviour):
    """Waits for a worker that fetches it by topic."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        work = work_of(node)
        if not isinstance(work, ExternalWork):
            raise AssertionError(f"{node.id} is no external task")
        priority = 0 if work.priority is None else run.number_of(work.priority, activity, "priority")
        topic = run.evaluate_text(work.topic, activity)
        run.happenings.append(ExternalTaskOpened(activity.number, node.id, topic, priority))


class ReceiveTaskBehaviour(Behaviour):
    """Waits for its message, or, without one, for a plain trigger."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if isinstance(node, ReceiveTask) and node.message is not None:
            run.listen(activity, node)


class ScriptTaskBehaviour(Behaviour):
    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if isinstance(node, ScriptTask) and node.script is not None:
            result = run.run(node.script, activity)
            if node.result_variable:
                run.set_variable(activity, node.result_variable, result)
        if run.alive(activity):
            run.leave(activity)


# ---------------------------------------------------------------- what expressions gave


def work_of(node: FlowNode) -> Work | None:
    if isinstance(node, ServiceTask):
        return node.work
    if isinstance(node, Event) and isinstance(node.definition, MessageDefinition):
        return node.definition.work
    return None


def names(value: Any) -> tuple[str, ...]:
    """User or group ids: a list, or text with commas between them."""
    if value is None:
        return ()
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(found for part in parts if (found := text(part).strip()))


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
