"""Tasks: people, services, scripts, messages."""

from __future__ import annotations

from bpmn import (
    DecisionWork,
    Event,
    ExpressionError,
    ExpressionWork,
    ExternalWork,
    FlowNode,
    HandlerWork,
    MessageDefinition,
    ReceiveTask,
    ScriptTask,
    ServiceTask,
    Work,
    decide,
)
from engine.errors import ExecutionFailed, ExpressionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.listeners import HandlerFailed
from engine.execution.native.run import Run
from engine.execution.native.state import Activity
from engine.execution.protocol import (
    BpmnError,
    ExternalTaskOpened,
)


class ServiceTaskBehaviour(Behaviour):
    """An expression, a handler registered by name, or nothing to do; also send and business rule tasks, message
    throws."""

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
        except HandlerFailed as failure:
            if not run.throw_exception(activity, failure.error):
                raise
            return
        if isinstance(work, ExpressionWork | HandlerWork) and work.result_variable:
            run.set_variable(activity, work.result_variable, result)
        if run.alive(activity):
            run.leave(activity)


class DecisionBehaviour(Behaviour):
    """A business rule task: evaluates a deployed decision over the variables it sees."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        work = work_of(node)
        if not isinstance(work, DecisionWork):
            raise AssertionError(f"{node.id} decides nothing")
        key = run.evaluate_text(work.decision, activity)
        definitions = run.world.decision(key, work.binding, run.definition_id)
        try:
            result = decide(definitions, key, run.view(activity)).mapped(work.map_result)
        except (ExpressionError, LookupError) as error:
            raise ExpressionFailed(str(error), node.id) from error
        if work.map_result == "variables":
            run.set_variables(activity, result)
        if work.result_variable:
            run.set_variable(activity, work.result_variable, result)
        run.leave(activity)


class ExternalTaskBehaviour(Behaviour):
    """Waits for a worker that fetches it by topic."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        work = work_of(node)
        if not isinstance(work, ExternalWork):
            raise AssertionError(f"{node.id} is no external task")
        wanted = work.priority or run.model.process.task_priority
        priority = 0 if wanted is None else run.number_of(wanted, activity, "priority")
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
