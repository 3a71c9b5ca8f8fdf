from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task

class BpmnWorkflow:
    spec: Any
    task_tree: Task
    tasks: dict[UUID, Task]
    last_task: Task | None
    completed: bool
    subprocess_specs: dict[str, Any]
    subprocesses: dict[UUID, Any]
    def __init__(self, spec: Any, subprocess_specs: Any = ..., script_engine: Any = ..., **kwargs: Any) -> None: ...
    def create_subprocess(self, my_task: Task, spec_name: str) -> Any: ...
    def _task_completed_notify(self, task: Task) -> None: ...
