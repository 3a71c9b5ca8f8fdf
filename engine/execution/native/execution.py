"""The verbs of one command on the native executor, and what became of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bpmn import EventKind, ExternalWork, IntermediateCatchEvent, ReceiveTask, StartEvent, UserTask
from engine.errors import Conflict, ExecutionFailed, ExpressionFailed, InvalidInput
from engine.execution.migration_plan import MigrationPlan
from engine.execution.native.behaviours.tasks import work_of
from engine.execution.native.command import Command
from engine.execution.native.listening import Signal
from engine.execution.native.migration import Migration
from engine.execution.native.migration_reports import migration_reports
from engine.execution.native.modification import cancel_upwards, modify
from engine.execution.native.run import Run
from engine.execution.native.scopes import bean
from engine.execution.native.state import AFTER, ARRIVED, BEFORE, SHELLS, Activity, Incident, dump
from engine.execution.protocol import ActivityReport, EndState, IncidentOpened, InstanceChange


class NativeExecution(Command):
    """Implements `engine.execution.protocol.Execution`."""

    # ------------------------------------------------------------ Execution: verbs

    def start(
        self,
        definition_id: str,
        variables: Mapping[str, Any],
        *,
        business_key: str | None = None,
        start_event: str | None = None,
        initiator: str | None = None,
        instructions: Sequence[Mapping[str, Any]] = (),
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> str:
        model = self.world.model(definition_id)
        values = dict(variables)
        for each in model.process.start_events:
            node = model.nodes[each]
            if isinstance(node, StartEvent) and node.initiator and start_event in (None, each):
                values[node.initiator] = initiator
        run = self.create(
            definition_id, values, business_key=business_key, start_event=start_event, empty=bool(instructions)
        )
        if instructions:
            run.skip_io_mappings, run.skip_listeners = skip_io_mappings, skip_custom_listeners
            run.begin_root()
            self._modify(run, instructions)
        self.settle()
        return run.instance_id

    def _modify(self, run: Run, instructions: Sequence[Mapping[str, Any]]) -> None:
        """One instruction after another, each until all rests; only then may the instance end."""
        run.held = True
        for instruction in instructions:
            if run.end_state is not None:
                raise InvalidInput("An instruction has ended the instance: those after it cannot be carried out.")
            modify(run, instruction)
            self.settle()
        run.held = False
        if run.end_state is None and not run.has_children(run.root):
            if run.came_to_end:
                run.leave(run.root)
            else:
                self._cancel(run, EndState.EXTERNALLY_TERMINATED)

    def lock(self, instance_id: str) -> None:
        self.run_of(instance_id)

    def complete_task(
        self,
        instance_id: str,
        activity: int,
        variables: Mapping[str, Any],
        local: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "task")
        if found.phase or run.has_children(found) or found.role in SHELLS:
            raise Conflict("The task is not open: it has not begun, or repeats.")
        self._report(run, found, variables, local)
        node = run.node(found)
        if isinstance(node, UserTask):
            if node.task_listeners:
                run.notify_task("complete", found, None if facts is None else bean(facts))
            run.later(run.leave, found)
        elif not self._turned_into_error(run, found, facts):
            run.later(run.leave, found)
        self.settle()

    def hear_task(self, instance_id: str, activity: int, event: str, facts: Mapping[str, Any]) -> None:
        run = self.run_of(instance_id)
        run.notify_task(event, run.open_activity(activity, "task"), bean(facts))
        self.settle()

    def fail_external_task(
        self,
        instance_id: str,
        activity: int,
        variables: Mapping[str, Any],
        local: Mapping[str, Any],
        facts: Mapping[str, Any],
    ) -> bool:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "external task")
        self._report(run, found, variables, local)
        thrown = self._turned_into_error(run, found, facts, failed=True)
        self.settle()
        return thrown

    @staticmethod
    def _report(run: Run, task: Activity, variables: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        for name, value in local.items():
            run.set_local(task, name, value)
        run.set_variables(task, variables)

    @staticmethod
    def _turned_into_error(run: Run, task: Activity, facts: Mapping[str, Any] | None, *, failed: bool = False) -> bool:
        """Throws the first `camunda:errorEventDefinition` of an external task whose expression holds. As in Camunda,
        one that cannot be evaluated does not stop a failure from being noted."""
        work = work_of(run.node(task))
        for error in work.errors if isinstance(work, ExternalWork) else ():
            try:
                holds = error.expression and run.holds(error.expression, task, externalTask=bean(facts or {}))
            except ExpressionFailed:
                if failed:
                    continue
                raise
            if holds:
                if not run.throw(task, EventKind.ERROR, error.code):
                    run.later(run.proceed, task, [])
                return True
        return False

    def trigger(self, instance_id: str, activity: int, variables: Mapping[str, Any]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        node = run.node(found)
        if (
            found.role in SHELLS
            or found.phase
            or not (
                isinstance(node, UserTask | ReceiveTask | IntermediateCatchEvent)
                or isinstance(work_of(node), ExternalWork)
            )
        ):
            raise ExecutionFailed("waits for nothing that a trigger could be", found.element)
        run.set_variables(found, variables)
        run.later(run.leave, found)
        self.settle()

    def deliver(
        self, instance_id: str, subscription: int, variables: Mapping[str, Any], local: Mapping[str, Any] | None = None
    ) -> None:
        run = self.run_of(instance_id)
        if subscription not in run.subscriptions:
            raise Conflict("Nothing waits for this event any more: somebody was faster.")
        self.receive(run, subscription, variables, local)
        self.settle()

    def broadcast_signal(self, name: str, variables: Mapping[str, Any]) -> None:
        self.throw_signal(Signal(name, variables))
        self.settle()

    def run_job(self, instance_id: str, job: int, due: datetime | None) -> None:
        run = self.run_of(instance_id)
        found = run.jobs.get(job)
        if found is None:
            raise Conflict("This job is done already.")
        owner, node = run.activities[found.owner], run.model.nodes[found.element]
        if found.event is not None:
            run.take_down(found)
            self.receive(run, found.event, found.variables, None)
        elif found.listener is not None:
            run.task_timed_out(owner, found, due)
        elif owner.phase in (BEFORE, AFTER) and owner.element == found.element:
            phase, owner.phase = owner.phase, ARRIVED
            run.take_down(found)
            run.later(run.begin if phase == BEFORE else run.go_on, owner)
        else:
            if getattr(node, "interrupting", True) or not run.next_turn(found, due, owner, node):
                run.take_down(found)
            run.later(run.caught, owner, node)
        self.settle()

    def end_job(self, instance_id: str, job: int) -> None:
        run = self.run_of(instance_id)
        found = run.jobs.get(job)
        if found is not None:
            run.take_down(found)

    def throw_error(
        self, instance_id: str, activity: int, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        if not run.throw(found, EventKind.ERROR, code, message, variables):
            run.set_variables(found, variables)
            run.later(run.proceed, found, [])
        self.settle()

    def throw_escalation(self, instance_id: str, activity: int, code: str, variables: Mapping[str, Any]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        if not run.throw(found, EventKind.ESCALATION, code, None, variables):
            raise ExecutionFailed(f"nothing catches the escalation {code}", found.element)
        self.settle()

    def set_variables(
        self, instance_id: str, activity: int, variables: Mapping[str, Any], *, local: bool = False
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        for name, value in variables.items():
            if local:
                run.set_local(found, name, value)
            else:
                run.set_variable(found, name, value)
        self.settle()

    def remove_variables(self, instance_id: str, activity: int, names: Sequence[str]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        for name in names:
            run.remove_variable(found, name)
        self.settle()

    def modify(
        self,
        instance_id: str,
        instructions: Sequence[Mapping[str, Any]],
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> None:
        run = self.run_of(instance_id)
        run.skip_io_mappings, run.skip_listeners = skip_io_mappings, skip_custom_listeners
        self._modify(run, instructions)
        self.settle()

    def migrate(
        self,
        instance_id: str,
        plan: MigrationPlan,
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> list[ActivityReport]:
        run = self.run_of(instance_id)
        target = self.world.model(plan.target_definition_id)
        reports = migration_reports(run.model, target, run.stored(), plan)
        if not reports:
            run.skip_io_mappings, run.skip_listeners = skip_io_mappings, skip_custom_listeners
            Migration(run, target, plan).carry_out()
            self._watch_joins(run, self._kinds[self.world.executor_of(plan.target_definition_id)]())
            self.settle()
        return reports

    def cancel(
        self,
        instance_id: str,
        end_state: EndState = EndState.EXTERNALLY_TERMINATED,
        *,
        skip_io_mappings: bool = False,
        skip_custom_listeners: bool = False,
    ) -> None:
        run = self.run_of(instance_id)
        run.skip_io_mappings, run.skip_listeners = skip_io_mappings, skip_custom_listeners
        self._cancel(run, end_state)
        self.settle()

    def _cancel(self, run: Run, end_state: EndState) -> None:
        """With a called instance goes the call activity that waits for it."""
        run.cancel_instance(end_state)
        if run.caller is not None:
            outer = self.run_of(run.caller.instance_id)
            activity = outer.activities.get(run.caller.activity)
            if activity is not None:
                activity.called = None
                cancel_upwards(outer, activity)
                if not outer.has_children(outer.root):
                    self._cancel(outer, end_state)

    def open_incident(
        self, instance_id: str, activity: int, incident_type: str, message: str, configuration: int
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        incident = Incident(run.new_number(), found.number, configuration)
        run.incidents[incident.number] = incident
        run.happenings.append(
            IncidentOpened(incident.number, found.number, found.element, incident_type, message, configuration)
        )

    def close_incidents(self, instance_id: str, configuration: int) -> None:
        run = self.run_of(instance_id)
        for incident in [each for each in run.incidents.values() if each.about == configuration]:
            run.close_incident(incident)

    # ------------------------------------------------------------ what became of it

    def changes(self) -> list[InstanceChange]:
        return [
            InstanceChange(
                instance_id=run.instance_id,
                definition_id=run.definition_id,
                created=run.instance_id in self._created,
                state=dump(run.stored()) if run.end_state is None else None,
                business_key=run.business_key,
                caller=run.caller,
                start_activity_id=run.start_activity_id,
                ended=run.end_state,
                migrated_from=run.migrated_from,
                happenings=run.happenings,
            )
            for run in (sorted(self._runs.values(), key=self._depth_of) if len(self._runs) > 1 else self._runs.values())
            if run.happenings or run.instance_id in self._created or run.end_state is not None or run.migrated_from
        ]

    def _depth_of(self, run: Run) -> int:
        depth, caller = 0, run.caller
        while caller is not None and caller.instance_id in self._runs:
            depth, caller = depth + 1, self._runs[caller.instance_id].caller
        return depth
