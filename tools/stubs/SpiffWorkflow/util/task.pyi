class TaskState:
    FUTURE: int
    WAITING: int
    READY: int
    STARTED: int
    COMPLETED: int
    CANCELLED: int
