"""Execution and task listeners: expressions, scripts and registered handlers that a model calls as it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bpmn import Listener, SequenceFlow, UserTask
from engine.execution.native.compensation import Compensating
from engine.execution.native.scopes import Variables
from engine.execution.native.state import REOPENED, SHELLS, Activity, Job


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


def bean(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as properties and as getters: `task.name`, `task.getName()`."""

    def getter(value: Any) -> Callable[[], Any]:
        return lambda: value

    return {**facts, **{f"get{name[0].upper()}{name[1:]}": getter(value) for name, value in facts.items()}}


def task_facts(node: UserTask) -> dict[str, Any]:
    """`task` in a listener, as far as the model itself knows it."""
    return bean({"name": node.name, "taskDefinitionKey": node.id})


class Listeners(Compensating):
    """The layer that calls listeners and handlers."""

    def notify(self, event: str, activity: Activity) -> None:
        for listener in self.node(activity).listeners:
            if listener.event == event and not self.skip_listeners:
                self._call(listener, activity)

    def notify_taken(self, flow: SequenceFlow, parent: Activity) -> None:
        for listener in flow.listeners:
            self._call(listener, parent)

    def canceling(self, activity: Activity) -> None:
        self.notify_task("delete", activity)
        if activity.role not in (*SHELLS, REOPENED):
            self.notify("end", activity)

    def notify_task(self, event: str, activity: Activity, task: Mapping[str, Any] | None = None) -> None:
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

    def _call(self, listener: Listener, activity: Activity, task: Mapping[str, Any] | None = None) -> None:
        beans = {} if task is None else {"task": task}
        if listener.expression is not None:
            self.evaluate(listener.expression, activity, **beans)
        elif listener.script is not None:
            self.run(listener.script, activity, **beans)
        elif listener.handler is not None:
            self.call_handler(listener.handler, activity, listener.fields)

    def call_handler(self, name: str, activity: Activity, fields: Mapping[str, Any]) -> Any:
        """The handler's result; whatever it raises goes through."""
        values = {key: self.evaluate(value, activity) for key, value in fields.items()}
        return self.world.handler(name)(HandlerExecution(self, activity, values))
