"""Execution and task listeners: expressions, scripts and registered handlers that a model calls as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import Listener, SequenceFlow, UserTask
from engine.execution.native.compensation import Compensating
from engine.execution.native.state import Activity
from engine.execution.native.scopes import Variables


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


class Listeners(Compensating):
    """The layer that calls listeners and handlers."""

    def notify(self, event: str, activity: Activity) -> None:
        for listener in self.node(activity).listeners:
            if listener.event == event and not self.skip_listeners:
                self._call(listener, activity)

    def notify_taken(self, flow: SequenceFlow, parent: Activity) -> None:
        for listener in flow.listeners:
            self._call(listener, parent)

    def notify_task(self, event: str, activity: Activity) -> None:
        """`create`, `assignment`, `complete`, `delete` of a user task."""
        node = self.node(activity)
        if isinstance(node, UserTask):
            for listener in node.task_listeners:
                if listener.event == event:
                    self._call(listener, activity)

    def _call(self, listener: Listener, activity: Activity) -> None:
        if listener.expression is not None:
            self.evaluate(listener.expression, activity)
        elif listener.script is not None:
            self.run(listener.script, activity)
        elif listener.handler is not None:
            self.call_handler(listener.handler, activity, listener.fields)

    def call_handler(self, name: str, activity: Activity, fields: Mapping[str, Any]) -> Any:
        """The handler's result; whatever it raises goes through."""
        values = {key: self.evaluate(value, activity) for key, value in fields.items()}
        return self.world.handler(name)(HandlerExecution(self, activity, values))
