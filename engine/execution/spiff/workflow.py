"""SpiffWorkflow's own workflow of one instance, kept to what lives: its tree holds the tokens of now, never history.

Three habits of the library are changed here. Nothing is predicted, so no task exists that no token stands on. What has
ended is taken out at once and its children move up, so the tree stays flat however long an instance lives (the library
stops looking at depth 1,000). And a completed task updates its children only, not everything that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.execution.native.state import Activity
    from engine.execution.spiff.run import SpiffRun

#: Where a task keeps the activity whose token it is.
ACTIVITY = "activity"


class Conditions:
    """The script engine of every workflow here: the library asks it for conditions, and it asks our interpreter. The
    library's own, which runs any Python, is never made."""

    def __init__(self, run: SpiffRun) -> None:
        self._run = run

    def evaluate(self, task: Task, expression: Any, external_context: Any = None) -> bool:
        return self._run.holds(expression, task.internal_data[ACTIVITY])

    def execute(self, task: Task, script: Any, external_context: Any = None) -> None:
        raise AssertionError("scripts run as the work of their task")


class Instance(BpmnWorkflow):
    """The workflow of a process instance."""

    def __init__(self, spec: BpmnProcessSpec, inner: dict[str, BpmnProcessSpec], run: SpiffRun) -> None:
        super().__init__(spec, inner, script_engine=Conditions(run), deserializing=True)
        self.run = run
        self.task_tree = Task(self, spec.start, state=TaskState.COMPLETED)

    def create_subprocess(self, my_task: Task, spec_name: str) -> Subprocess:
        created = Subprocess(self, my_task, self.subprocess_specs[spec_name])
        self.subprocesses[my_task.id] = created
        return created

    def _task_completed_notify(self, task: Task) -> None:
        self.last_task = task


class Subprocess(BpmnSubWorkflow):
    """The workflow inside a subprocess; `around` is the activity it belongs to."""

    def __init__(self, instance: Instance, task: Task, spec: BpmnProcessSpec) -> None:
        super().__init__(spec, parent_task_id=task.id, top_workflow=instance, deserializing=True)
        self.around: Activity = task.internal_data[ACTIVITY]
        self.task_tree = Task(self, spec.start, state=TaskState.COMPLETED)

    def _task_completed_notify(self, task: Task) -> None:
        self.last_task = task


def forget(task: Task) -> None:
    """Takes out what has ended; its children become those of its parent."""
    workflow, parent = task.workflow, task.parent
    for child in task.children:
        child.parent = parent
        parent._children.append(child.id)
    parent._children.remove(task.id)
    del workflow.tasks[task.id]
    workflow.top_workflow.subprocesses.pop(task.id, None)
    if workflow.last_task is task:
        workflow.last_task = None
