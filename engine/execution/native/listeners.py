"""Execution and task listeners: expressions, scripts and registered handlers that a model calls as it goes."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bpmn import Listener, SequenceFlow, UserTask
from engine.errors import EngineError, ExecutionFailed
from engine.execution.native.compensation import Compensating
from engine.execution.native.scopes import Variables, bean
from engine.execution.native.state import SHELLS, SILENT, Activity, Job
from engine.execution.protocol import BpmnError


class HandlerFailed(ExecutionFailed):
    """A registered handler raised something that is no BPMN error."""

    def __init__(self, handler: str, error: Exception, element_id: str) -> None:
        super().__init__(f"the handler {handler} failed: {type(error).__name__}: {error}", element_id)
        self.error = error


class HandlerExecution:
    """`DelegateExecution` over one activity: what a registered handler is given."""

    def __init__(self, run: Listeners, activity: Activity, fields: Mapping[str, Any]) -> None:
        self._run = run
        self._activity = activity
        self.fields = fields

    @property
    def variables(self) -> Variables:
        return self._run.view(self._activity)

    @property
    def process_instance_id(self) -> str:
        return self._run.instance_id

    @property
    def business_key(self) -> str | None:
        return self._run.business_key

    @property
    def activity_id(self) -> str:
        return self._activity.element


def task_facts(node: UserTask) -> dict[str, Any]:
    """`task` in a listener, as far as the model itself knows it."""
    return bean({"name": node.name, "taskDefinitionKey": node.id})


class Listeners(Compensating):
    """The layer that calls listeners and handlers."""

    #: activities whose end was heard: one that a listener's error cancels while it ends is not heard of twice
    _heard_end: frozenset[int] = frozenset()
    #: a listener of what is being canceled can throw no error: nobody there could go on with it
    _canceling = False

    def notify(self, event: str, activity: Activity) -> None:
        listeners = self.node(activity).listeners
        if not listeners or self.skip_listeners or activity.number in self._heard_end:
            return
        if event == "end":
            self._heard_end |= {activity.number}
        for listener in listeners:
            if listener.event == event:
                self._call(listener, activity)

    def notify_taken(self, flow: SequenceFlow, parent: Activity) -> None:
        for listener in flow.listeners:
            self._call(listener, parent)

    def canceling(self, activity: Activity) -> None:
        before, self._canceling = self._canceling, True
        self.notify_task("delete", activity)
        if activity.role not in SILENT:
            self.notify("end", activity)
            self.map_outputs(activity, canceled=True)
        self._canceling = before

    def notify_task(self, event: str, activity: Activity, task: dict[str, Any] | None = None) -> None:
        """`create`, `assignment`, `complete`, `delete` of a user task. `task` is what expressions see by that name."""
        node = self.node(activity)
        if isinstance(node, UserTask) and activity.role not in SHELLS and not self.skip_listeners:
            for listener in node.task_listeners:
                if listener.event == event and self.alive(activity):
                    self._call(listener, activity, task or task_facts(node))

    def task_timed_out(self, activity: Activity, job: Job, due: datetime | None) -> None:
        """The timer of a `timeout` listener; a cycle comes again."""
        node = self.node(activity)
        if not self.next_turn(job, due, activity, node):
            self.take_down(job)
        if isinstance(node, UserTask) and job.listener is not None:
            listeners = [each for each in node.task_listeners if each.event == "timeout"]
            self._call(listeners[job.listener], activity, task_facts(node))

    def throw_error(self, source: Activity, error: BpmnError) -> bool:
        raise AssertionError("the layer above finds who catches it")

    def _call(self, listener: Listener, activity: Activity, task: dict[str, Any] | None = None) -> None:
        try:
            self._carry_out(listener, activity, task)
        except BpmnError as error:
            if self._canceling or not self.throw_error(activity, error):
                raise ExecutionFailed(
                    f"nothing catches the error {error.code} of a listener", activity.element
                ) from error

    def _carry_out(self, listener: Listener, activity: Activity, task: dict[str, Any] | None) -> None:
        heard = bean({"eventName": listener.event})
        beans: dict[str, Mapping[str, Any]] = {"execution": heard}
        if task is not None:
            beans = {"task": ChainMap(task, heard, self.view(activity).methods())}
        if listener.expression is not None:
            self.evaluate(listener.expression, activity, **beans)
        elif listener.script is not None:
            self.run(listener.script, activity, **beans)
        elif listener.handler is not None:
            self.call_handler(listener.handler, activity, listener.fields)

    def call_handler(self, name: str, activity: Activity, fields: Mapping[str, Any]) -> Any:
        """The handler's result. BpmnError goes through; anything else it raises is HandlerFailed."""
        values = {key: self.evaluate(value, activity) for key, value in fields.items()}
        handler = self.world.handler(name)
        try:
            return handler(HandlerExecution(self, activity, values))
        except (BpmnError, EngineError):
            raise
        except Exception as error:
            raise HandlerFailed(name, error, activity.element) from error
