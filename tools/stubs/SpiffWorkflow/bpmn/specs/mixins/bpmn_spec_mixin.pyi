from SpiffWorkflow.specs import TaskSpec

class BpmnSpecMixin(TaskSpec):
    def connect_outgoing_if(self, condition: object, taskspec: TaskSpec) -> None: ...
