"""What each kind of element is to SpiffWorkflow: its task specs, with the hooks that tie a task to an activity of ours.

A task becomes READY: a token stands on its element (`SpiffRun.stands`). Its turn comes: `_run_hook` carries out what
the element does. It completes: the library makes the tasks that follow, and these become READY."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway as SpiffExclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway as SpiffInclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as SpiffParallelGateway
from SpiffWorkflow.bpmn.specs.defaults import SubWorkflowTask as SpiffSubWorkflowTask
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs import MultiChoice
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn import FlowNode
from engine.execution.native.behaviours import behaviour_of
from engine.execution.native.state import JOINING
from engine.execution.spiff.workflow import ACTIVITY

#: Set on a task that is about to complete: False ends its branch here.
ONWARD = "onward"


def spec_name(element: str, *, turn: bool = False) -> str:
    """The library has specs called Start and End, and takes an element called so for them. A repeated activity has one
    spec for its body and one for its turns."""
    return f"turn:{element}" if turn else f"bpmn:{element}"


class Token(MultiChoice, BpmnSpecMixin):
    """What all elements have. `turn` marks the inner spec of a repeated activity. Every element may choose among its
    flows. Task data is never used: variables live in the scopes of our activities, so branches cannot alias or
    overwrite each other's."""

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, node: FlowNode, *, turn: bool = False, **facts: Any
    ) -> None:
        super().__init__(wf_spec, name, **facts)
        self.node = node
        self.turn = turn

    def test(self) -> None:
        """The rules have looked at the model before it was deployed."""

    def _predict(self, my_task: Task, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted."""

    def _update_hook(self, my_task: Task) -> bool:
        return True

    def _on_ready_hook(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.run.stands(my_task)

    def _on_complete_hook(self, my_task: Task) -> None:
        if my_task.internal_data[ONWARD] and not my_task.children:
            my_task._sync_children(self.chosen(my_task), TaskState.FUTURE)
        super()._on_complete_hook(my_task)

    def chosen(self, my_task: Task) -> list[Any]:
        """The specs that follow: every one whose condition holds, or else the default."""
        found, default = self._get_matching_outputs(my_task)
        if self.outputs and not found and not default:
            my_task.workflow.top_workflow.run.nowhere_to_go(my_task)
        return found or default

    def _on_cancel(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.run.spiff_cancelled(my_task)
        super()._on_cancel(my_task)


class Work(Token):
    """Tasks and events: what they do is said once for both executors, in the native behaviours."""

    def _run_hook(self, my_task: Task) -> None:
        run, activity = my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY]
        message = run.sends(self.node)
        if message is not None:
            run.send(activity, message)
        else:
            behaviour_of(self.node, activity.role).enter(run, activity, self.node)


class ExclusiveGateway(Token, SpiffExclusiveGateway):
    """The library chooses: the first condition that holds, or else the default."""

    def _run_hook(self, my_task: Task) -> None:
        run = my_task.workflow.top_workflow.run
        try:
            SpiffExclusiveGateway._run_hook(self, my_task)
        except WorkflowException:
            if self.outputs:
                run.nowhere_to_go(my_task)
        run.leave(my_task.internal_data[ACTIVITY])


def joining(my_task: Task) -> list[Task]:
    """The tasks that wait at this join, in the same scope, in the order they came."""
    return [
        each
        for each in my_task.parent.children
        if each.task_spec is my_task.task_spec and each.internal_data[ACTIVITY].phase == JOINING
    ]


class ParallelGateway(Token, SpiffParallelGateway):
    """Joins by counting the tasks that wait here; the library's way, looking for finished parents all over the tree,
    takes those of an earlier turn of a loop for new ones."""

    def _run_hook(self, my_task: Task) -> None:
        run = my_task.workflow.top_workflow.run
        my_task.internal_data[ACTIVITY].phase = JOINING
        here = joining(my_task)
        if len(here) >= len(self.inputs):
            run.merge(here[: len(self.inputs)], my_task)
            run.leave(my_task.internal_data[ACTIVITY])


class InclusiveGateway(Token, SpiffInclusiveGateway):
    """The library chooses the flows; whether a join can go is decided when everything rests (`joins.py`)."""

    def _run_hook(self, my_task: Task) -> None:
        my_task.internal_data[ACTIVITY].phase = JOINING
        if len(joining(my_task)) >= len(self.inputs):
            self.go(my_task)

    def go(self, my_task: Task) -> None:
        run = my_task.workflow.top_workflow.run
        run.merge(joining(my_task), my_task)
        run.leave(my_task.internal_data[ACTIVITY])


class SubprocessTask(Token, SpiffSubWorkflowTask):
    """Everything with others inside; the library keeps a workflow of its own for that."""

    def _run_hook(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.run.begin_inside(my_task.internal_data[ACTIVITY])
