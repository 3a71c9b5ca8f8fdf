"""Inclusive joins, decided when everything rests: one goes when no other token of its scope can still come to it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bpmn import Activity, IntermediateThrowEvent, LinkDefinition
from engine.execution.native.reach import link_target
from engine.execution.native.state import JOINING
from engine.execution.spiff.specs import InclusiveGateway, Token, spec_name
from engine.execution.spiff.workflow import ACTIVITY

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

    from bpmn import ProcessModel
    from engine.execution.spiff.run import SpiffRun


@lru_cache(maxsize=4096)
def ahead(model: ProcessModel, spec: BpmnProcessSpec, name: str) -> frozenset[str]:
    """The specs that a token on this one may come to; the library itself only looks back, from the join."""
    found: set[str] = set()
    todo = [name]
    while todo:
        at = spec.task_specs[todo.pop()]
        following = [each.name for each in at.outputs]
        if isinstance(at, Token) and isinstance(at.node, Activity):
            following.extend(map(spec_name, at.node.boundary_events))
        elif isinstance(at, Token) and isinstance(at.node, IntermediateThrowEvent):
            target = link_target(model, at.node) if isinstance(at.node.definition, LinkDefinition) else None
            following.extend([] if target is None else [spec_name(target.id)])
        todo.extend(each for each in following if each not in found)
        found.update(following)
    return frozenset(found)


def release_join(run: SpiffRun) -> bool:
    """Lets one inclusive join go; False if none can."""
    for workflow in run.workflows():
        live = workflow.task_tree.children
        for task in live:
            if isinstance(task.task_spec, InclusiveGateway) and task.internal_data[ACTIVITY].phase == JOINING:
                others = [each for each in live if each.task_spec is not task.task_spec]
                arriving = [each for each in live if each.task_spec is task.task_spec and each is not task]
                if any(each.internal_data[ACTIVITY].phase != JOINING for each in arriving):
                    continue
                if not any(task.task_spec.name in ahead(run.model, workflow.spec, each.task_spec.name) for each in others):
                    run.later(run.go_from_join, task.internal_data[ACTIVITY])
                    return True
    return False
