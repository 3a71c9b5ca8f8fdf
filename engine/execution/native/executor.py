"""The native executor: what the engine begins commands with and reads stored instances through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn import Definitions, FlowNode, Problem, ProcessModel, Severity
from engine.execution.migration_plan import MigrationPlan
from engine.execution.native.command import Kind, native_kind
from engine.execution.native.execution import NativeExecution
from engine.execution.native.migration_reports import migration_reports
from engine.execution.native.state import AFTER, BEFORE, ROOT, SHELLS, Activity, load
from engine.execution.protocol import ActivityReport, ActivityView, World


class NativeExecutor:
    """Stateless; one serves all threads. `kinds` give those of the other executors whose instances a command may
    meet."""

    name = "native"

    def __init__(self, kinds: Mapping[str, Callable[[], Kind]] | None = None) -> None:
        self._kinds: Mapping[str, Callable[[], Kind]] = {"native": native_kind, **(kinds or {})}

    def refused(self, definitions: Definitions) -> tuple[Problem, ...]:
        """What is drawn in SpiffWorkflow's dialect means something else to it."""
        if definitions.dialect != "spiff" or not definitions.processes:
            return ()
        process = definitions.processes[0].process
        message = "The file is drawn in SpiffWorkflow's dialect (spiff:), which the executor native does not run."
        remedy = "Deploy it without naming an executor, or with the executor spiff."
        return (Problem("dialect", Severity.ERROR, process.id, process.line, message, remedy, process.name),)

    def begin(self, world: World) -> NativeExecution:
        return NativeExecution(world, self._kinds)

    def activity_tree(self, model: ProcessModel, state: bytes) -> ActivityView:
        activities = load(state).activities
        inside: dict[int, list[Activity]] = {}
        for each in activities:
            inside.setdefault(each.parent, []).append(each)

        def view(activity: Activity) -> ActivityView:
            node = model.nodes[activity.element]
            body = activity.role in SHELLS
            return ActivityView(
                number=activity.number,
                element_id=activity.element,
                type="multiInstanceBody" if body else activity_type(node),
                name=node.name,
                children=tuple(view(each) for each in inside.get(activity.number, ())),
                body=body,
                waiting_async=activity.phase in (BEFORE, AFTER),
                called_instance_id=activity.called,
            )

        return view(next(each for each in activities if each.number == ROOT))

    def migration_reports(
        self, source: ProcessModel, target: ProcessModel, state: bytes, plan: MigrationPlan
    ) -> list[ActivityReport]:
        return migration_reports(source, target, load(state), plan)

    def variables(
        self, model: ProcessModel, state: bytes, activity: int = ROOT, *, local: bool = False
    ) -> dict[str, Any]:
        activities = {each.number: each for each in load(state).activities}
        if activity not in activities:
            raise LookupError(f"there is no activity {activity}")
        current: Activity | None = activities[activity]
        found: dict[str, Any] = {}
        while current is not None:
            found = {**current.variables, **found}
            current = None if local else activities.get(current.parent)
        return found


def activity_type(node: FlowNode) -> str:
    """The element's type as Camunda names it in the activity tree and the history."""
    return "processDefinition" if node.scope is None else node.type
