"""A `ProcessModel` as SpiffWorkflow's specs: one process spec a scope. Compiled once a model and then only read, by all
threads: whatever the library would hook into a spec while it runs (the turns of a repetition) is hooked in here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from bpmn import (
    Activity,
    AdHocSubProcess,
    ComplexGateway,
    ExclusiveGateway,
    Expression,
    FlowNode,
    InclusiveGateway,
    ParallelGateway,
    ProcessModel,
    Scope,
    SequenceFlow,
)
from engine.execution.spiff import specs
from engine.execution.spiff.repeating import Item, Items, LoopTurns, ParallelTurns, SequentialTurns
from engine.execution.spiff.specs import spec_name

_Body = LoopTurns | ParallelTurns | SequentialTurns
_ALWAYS = Expression("${true}")


@dataclass(frozen=True, slots=True)
class Compiled:
    """The spec of each scope by its id; that of the process among them."""

    process: BpmnProcessSpec
    inner: dict[str, BpmnProcessSpec]

    def of_scope(self, scope: str) -> BpmnProcessSpec:
        return self.inner.get(scope, self.process)


@lru_cache(maxsize=512)
def compiled(model: ProcessModel) -> Compiled:
    scopes = {node.id: _scope(model, node) for node in model.nodes.values() if isinstance(node, Scope)}
    return Compiled(scopes.pop(model.key), scopes)


def _scope(model: ProcessModel, scope: Scope) -> BpmnProcessSpec:
    spec = BpmnProcessSpec(scope.id)
    inside = [model.nodes[each] for each in scope.nodes]
    made = {node.id: _node(spec, node) for node in inside}
    for node in inside:
        for flow in node.outgoing:
            if flow.target in made:
                _connect(made[node.id], node, flow, made[flow.target])
    return spec


def _node(spec: BpmnProcessSpec, node: FlowNode) -> specs.Token:
    loop = node.multi_instance or node.standard_loop if isinstance(node, Activity) else None
    if not isinstance(node, Activity) or loop is None:
        return _plain(spec, node)
    turn = _plain(spec, node, turn=True)
    body = _body(spec, node)
    turn.completed_event.connect(body.merge_child)
    return body


def _body(spec: BpmnProcessSpec, node: Activity) -> _Body:
    repeated = node.multi_instance
    if node.standard_loop is not None and repeated is None:
        loop = LoopTurns(
            spec,
            spec_name(node.id),
            node,
            task_spec=spec_name(node.id, turn=True),
            maximum=None,
            condition=None,
            test_before=node.standard_loop.test_before,
        )
        loop.loop = node.standard_loop
        return loop
    if repeated is None:
        raise AssertionError(f"{node.id} repeats nothing")
    kind = SequentialTurns if repeated.sequential else ParallelTurns
    body = kind(
        spec,
        spec_name(node.id),
        node,
        task_spec=spec_name(node.id, turn=True),
        data_input=Items(repeated),
        input_item=Item(),
        condition=repeated.completion_condition,
    )
    body.loop = repeated
    return body


def _plain(spec: BpmnProcessSpec, node: FlowNode, *, turn: bool = False) -> specs.Token:
    name = spec_name(node.id, turn=turn)
    if isinstance(node, Scope) and not isinstance(node, AdHocSubProcess):
        return specs.SubprocessTask(spec, name, node, turn=turn, subworkflow_spec=node.id)
    for kind, made in _GATEWAYS.items():
        if isinstance(node, kind):
            return made(spec, name, node)
    return specs.Work(spec, name, node, turn=turn)


_GATEWAYS: dict[type[FlowNode], type[specs.Token]] = {
    ExclusiveGateway: specs.ExclusiveGateway,
    ParallelGateway: specs.ParallelGateway,
    InclusiveGateway: specs.InclusiveGateway,
    ComplexGateway: specs.InclusiveGateway,
}


def _connect(source: Any, node: FlowNode, flow: SequenceFlow, target: specs.Token) -> None:
    if isinstance(node, ParallelGateway) or flow.id == node.default_flow:
        source.connect(target)
    else:
        source.connect_outgoing_if(flow.condition or _ALWAYS, target)
