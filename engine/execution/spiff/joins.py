"""Inclusive joins, decided when everything rests: one goes when no other token of its scope can still come to it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bpmn import Activity, IntermediateThrowEvent, LinkDefinition
from engine.execution.native.reach import link_target
from engine.execution.native.state import JOINING
from engine.execution.spiff.specs import InclusiveGateway, ParallelGateway, Token, spec_name
from engine.execution.spiff.workflow import ACTIVITY

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
    from SpiffWorkflow.task import Task

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
        for task in workflow.task_tree.children:
            if isinstance(task.task_spec, InclusiveGateway) and _joins(task) and not _another_may_come(run, task):
                run.later(run.go_from_join, task.internal_data[ACTIVITY])
                return True
    return False


def _joins(task: Task) -> bool:
    return bool(task.internal_data[ACTIVITY].phase == JOINING)


def _another_may_come(run: SpiffRun, join: Task) -> bool:
    """One that waits at a parallel join does not move by itself: whoever lets it go is looked at in its own right."""
    for other in join.parent.children:
        if isinstance(other.task_spec, ParallelGateway) and _joins(other):
            continue
        if other.task_spec is join.task_spec:
            if not _joins(other):
                return True
        elif join.task_spec.name in ahead(run.model, join.workflow.spec, other.task_spec.name):
            return True
    return False
