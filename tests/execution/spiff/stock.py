"""SpiffWorkflow as it comes, beside ours, over the same model."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from tests.execution.world import MemoryEngine

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://onedoor.example/tests" id="d">'
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def flows(*chains: str, **conditions: str) -> str:
    """`"a b c"` joins a to b to c; a keyword `a_b` is the condition of the flow from a to b."""
    found = []
    for each in chains:
        nodes = each.split()
        for source, target in pairwise(nodes):
            condition = conditions.get(f"{source}_{target}")
            inside = (
                f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>'
                if condition
                else ""
            )
            ends = f'id="{source}_{target}" sourceRef="{source}" targetRef="{target}"'
            found.append(f"<sequenceFlow {ends}>{inside}</sequenceFlow>")
    return "".join(found)


def model(body: str, declared: str = "", key: str = "process") -> bytes:
    return f'{HEAD}{declared}<process id="{key}" isExecutable="true">{body}</process></definitions>'.encode()


class Stock:
    """The library alone, with its own parser, engine and script engine."""

    def __init__(self, source: bytes, **variables: Any) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(source)
        self.workflow = BpmnWorkflow(parser.get_spec("process"), parser.get_subprocess_specs("process"))
        for task in self.workflow.get_tasks(state=TaskState.READY):
            task.data.update(variables)
        self.workflow.do_engine_steps()

    @property
    def ready(self) -> list[str]:
        return sorted(self._name(each) for each in self.workflow.get_tasks(state=TaskState.READY) if self._name(each))

    @property
    def done(self) -> list[str]:
        return [self._name(each) for each in self.workflow.get_tasks(state=TaskState.COMPLETED)]

    @property
    def ended(self) -> bool:
        return bool(self.workflow.completed)

    def complete(self, element: str, **variables: Any) -> None:
        task = next(each for each in self.workflow.get_tasks(state=TaskState.READY) if self._name(each) == element)
        task.data.update(variables)
        task.run()
        self.workflow.do_engine_steps()

    def message(self, name: str) -> None:
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload={}))
        self.workflow.do_engine_steps()

    @staticmethod
    def _name(task: Task) -> str:
        return str(task.task_spec.bpmn_id or "")


class Ours:
    """The same on the executor spiff."""

    def __init__(self, source: bytes, **variables: Any) -> None:
        self.engine = MemoryEngine("spiff")
        self.engine.deploy(source)
        self.id = self.engine.start("process", variables)

    @property
    def ready(self) -> list[str]:
        if self.ended:
            return []
        return sorted(each.element_id for each in self.engine.instances[self.id].tasks.values())

    @property
    def ended(self) -> bool:
        return self.id not in self.engine.instances

    @property
    def variables(self) -> dict[str, Any]:
        return self.engine.ended_variables[self.id]

    def complete(self, element: str, **variables: Any) -> None:
        tasks = self.engine.instances[self.id].tasks
        self.engine.complete(self.id, next(n for n, each in tasks.items() if each.element_id == element), variables)

    def message(self, name: str) -> None:
        self.engine.correlate(name)
