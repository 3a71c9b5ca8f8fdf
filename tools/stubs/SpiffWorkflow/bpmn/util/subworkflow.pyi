from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task

class BpmnSubWorkflow:
    spec: Any
    task_tree: Task
    tasks: dict[UUID, Task]
    last_task: Task | None
    completed: bool
    def __init__(self, spec: Any, parent_task_id: UUID, top_workflow: Any, **kwargs: Any) -> None: ...
    def _task_completed_notify(self, task: Task) -> None: ...
