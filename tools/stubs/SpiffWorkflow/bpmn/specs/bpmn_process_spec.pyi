from typing import Any

class BpmnProcessSpec:
    start: Any
    task_specs: dict[str, Any]
    def __init__(self, name: str | None = ...) -> None: ...
