"""The call activity: starts an instance of another process and waits until that returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import CallActivity, FlowNode, text
from engine.errors import ExecutionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import Activity
from engine.execution.protocol import Caller, InstanceCalled


class CallActivityBehaviour(Behaviour):
    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not isinstance(node, CallActivity) or node.called_element is None:
            raise ExecutionFailed("calls no process", node.id)
        key = run.evaluate_text(node.called_element, activity)
        chosen = node.version if node.binding == "version" else node.version_tag
        version = None if chosen is None else run.evaluate_text(chosen, activity)
        definition_id = run.world.called_definition(key, node.binding, version, run.definition_id)
        given = next((mapping.business_key for mapping in node.ins if mapping.business_key is not None), None)
        business_key = None if given is None else text(run.evaluate(given, activity))
        variables = run.mapped(node.ins, activity)
        activity.called = run.work.call(
            definition_id, Caller(run.instance_id, activity.number), variables, business_key
        )
        run.happenings.append(InstanceCalled(activity.number, activity.called))

    @staticmethod
    def returned(run: Run, activity: Activity, results: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        """The called instance has completed."""
        activity.called = None
        run.set_variables(activity, results)
        for name, value in local.items():
            run.set_local(activity, name, value)
        run.leave(activity)
