"""One command on the native executor: the instances it touches, the steps still to come, and what became of it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bpmn import EventKind, StartEvent, UserTask
from engine.errors import BudgetExceeded, Conflict, ExecutionFailed, InvalidInput
from engine.execution.native.behaviours import behaviour_of
from engine.execution.native.behaviours.calls import CallActivityBehaviour
from engine.execution.native.behaviours.gateways import release_inclusive_join
from engine.execution.native.behaviours.scopes import none_start
from engine.execution.native.modification import cancel_upwards, modify
from engine.execution.native.reach import inclusive_joins
from engine.execution.native.run import Run
from engine.execution.native.state import AFTER, ARRIVED, BEFORE, BODY, ROOT, Activity, Incident, InstanceState, dump, load
from engine.execution.protocol import Caller, EndState, IncidentOpened, InstanceChange, Receiver, World

#: What one command may do before it is taken for a runaway.
STEP_BUDGET = 200_000
ACTIVITY_BUDGET = 100_000
DEPTH_BUDGET = 50


class NativeExecution:
    """Implements `engine.execution.protocol.Execution`, and is the `Work` of every run that takes part in the command."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._runs: dict[str, Run] = {}
        self._created: set[str] = set()
        self._depths: dict[str, int] = {}
        self._stack: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._put_off: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._steps = 0
        self._activities = 0

    # ------------------------------------------------------------ the step loop

    def later(self, step: Callable[..., None], *arguments: Any) -> None:
        self._put_off.append((step, arguments))

    def afford(self, activities: int) -> None:
        """BudgetExceeded if the command may not open so many more."""
        if self._activities + activities > ACTIVITY_BUDGET:
            raise BudgetExceeded(f"One command may open {ACTIVITY_BUDGET:,} activities; this one wants more.")

    def spend(self, activities: int) -> None:
        """Counts activities before they are created."""
        self.afford(activities)
        self._activities += activities

    def _settle(self) -> None:
        """Depth first: what a step puts off runs, in that order, before what waited already. Then, all tokens resting,
        inclusive joins are decided one by one."""
        stack = self._stack
        while True:
            while self._put_off or stack:
                stack.extend(reversed(self._put_off))
                self._put_off.clear()
                step, arguments = stack.pop()
                step(*arguments)
                self._steps += 1
                if self._steps > STEP_BUDGET:
                    raise BudgetExceeded(
                        f"The command takes more than {STEP_BUDGET:,} steps: does the process loop without waiting?"
                    )
            if not any(self._release(run) for run in list(self._runs.values())):
                return

    @staticmethod
    def _release(run: Run) -> bool:
        joins = inclusive_joins(run.model)
        return bool(joins) and run.end_state is None and release_inclusive_join(run, joins)

    # ------------------------------------------------------------ Work: what runs ask

    def run_of(self, instance_id: str) -> Run:
        found = self._runs.get(instance_id)
        if found is None:
            stored = self.world.load(instance_id)
            found = self._run(
                stored.definition_id, load(stored.state), instance_id, stored.business_key, stored.caller
            )
        return found

    def _run(
        self, definition_id: str, state: InstanceState, instance_id: str, business_key: str | None, caller: Caller | None
    ) -> Run:
        run = Run(
            self.world.model(definition_id),
            state,
            self,
            behaviour_of,
            instance_id=instance_id,
            definition_id=definition_id,
            business_key=business_key,
            caller=caller,
        )
        self._runs[instance_id] = run
        return run

    def _create(
        self,
        definition_id: str,
        variables: Mapping[str, Any],
        *,
        business_key: str | None,
        start_event: str | None,
        caller: Caller | None = None,
        empty: bool = False,
    ) -> Run:
        run = self._run(definition_id, InstanceState(), self.world.new_instance_id(), business_key, caller)
        self._created.add(run.instance_id)
        if start_event is None and not empty:
            start = none_start(run, run.model.process)
            if start is None:
                raise ExecutionFailed("has no start event", run.model.key)
            start_event = start.id
        run.start(start_event, variables)
        return run

    def call(
        self, definition_id: str, caller: Caller, variables: Mapping[str, Any], business_key: str | None
    ) -> str:
        depth = self._depths.get(caller.instance_id, 0) + 1
        if depth > DEPTH_BUDGET:
            raise BudgetExceeded(f"Calls are nested more than {DEPTH_BUDGET} deep: does a process call itself?")
        run = self._create(definition_id, variables, business_key=business_key, start_event=None, caller=caller)
        self._depths[run.instance_id] = depth
        return run.instance_id

    def throw_signal(self, name: str, variables: Mapping[str, Any]) -> None:
        """Everyone who listens now, whether stored or only since this command; then the processes that it starts."""
        stored = self.world.signal_receivers(name)
        for receiver in stored:
            if receiver.instance_id is not None:
                self.run_of(receiver.instance_id)
        for run in list(self._runs.values()):
            for subscription in list(run.subscriptions.values()):
                if subscription.kind == EventKind.SIGNAL.value and subscription.name == name:
                    self.later(self._receive, run, subscription.number, variables, None)
        for receiver in stored:
            if receiver.instance_id is None:
                self.later(self._start_by_signal, receiver, dict(variables))

    def _start_by_signal(self, receiver: Receiver, variables: dict[str, Any]) -> None:
        self._create(receiver.definition_id, variables, business_key=None, start_event=receiver.element_id)

    def ended(self, run: Any, variables: dict[str, Any]) -> None:
        """An instance has ended; one that was called and completed returns to its caller."""
        if run.caller is None or run.end_state is not EndState.COMPLETED:
            return
        outer = self.run_of(run.caller.instance_id)
        activity = outer.activities.get(run.caller.activity)
        if activity is None:
            return
        node = outer.node(activity)
        root = Activity(ROOT, run.model.key, variables=variables)
        results = outer.mapped(getattr(node, "outs", ()), root, source=run)
        outer.later(lambda caller: CallActivityBehaviour.returned(outer, caller, results), activity)

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
    ) -> str:
        model = self.world.model(definition_id)
        values = dict(variables)
        for each in model.process.start_events:
            node = model.nodes[each]
            if isinstance(node, StartEvent) and node.initiator and start_event in (None, each):
                values[node.initiator] = initiator
        run = self._create(
            definition_id, values, business_key=business_key, start_event=start_event, empty=bool(instructions)
        )
        if instructions:
            run.begin_root()
            self._modify(run, instructions)
        self._settle()
        return run.instance_id

    def _modify(self, run: Run, instructions: Sequence[Mapping[str, Any]]) -> None:
        """One instruction after another, each until all rests; only then may the instance end."""
        run.held = True
        for instruction in instructions:
            if run.end_state is not None:
                raise InvalidInput("An instruction has ended the instance: those after it cannot be carried out.")
            modify(run, instruction)
            self._settle()
        run.held = False
        if run.end_state is None and not run.has_children(run.root):
            if run.came_to_end:
                run.leave(run.root)
            else:
                run.cancel_instance(EndState.EXTERNALLY_TERMINATED)

    def lock(self, instance_id: str) -> None:
        self.run_of(instance_id)

    def complete_task(
        self, instance_id: str, activity: int, variables: Mapping[str, Any], local: Mapping[str, Any]
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "task")
        for name, value in local.items():
            run.set_local(found, name, value)
        run.set_variables(found, variables)
        if isinstance(run.node(found), UserTask) and found.role != BODY:
            run.notify_task("complete", found)
        run.later(run.leave, found)
        self._settle()

    def trigger(self, instance_id: str, activity: int, variables: Mapping[str, Any]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        if found.role == BODY or run.has_children(found) or found.phase:
            raise ExecutionFailed("waits for nothing that a trigger could be", found.element)
        run.set_variables(found, variables)
        run.later(run.leave, found)
        self._settle()

    def deliver(
        self, instance_id: str, subscription: int, variables: Mapping[str, Any], local: Mapping[str, Any] | None = None
    ) -> None:
        run = self.run_of(instance_id)
        if subscription not in run.subscriptions:
            raise Conflict("Nothing waits for this event any more: somebody was faster.")
        self._receive(run, subscription, variables, local)
        self._settle()

    @staticmethod
    def _receive(run: Run, number: int, variables: Mapping[str, Any], local: Mapping[str, Any] | None) -> None:
        subscription = run.subscriptions.get(number)
        if subscription is None:
            return
        owner = run.activities[subscription.owner]
        for name, value in (local or {}).items():
            run.set_local(owner, name, value)
        run.set_variables(owner, variables)
        run.later(run.caught, owner, run.model.nodes[subscription.element])

    def broadcast_signal(self, name: str, variables: Mapping[str, Any]) -> None:
        self.throw_signal(name, variables)
        self._settle()

    def run_job(self, instance_id: str, job: int, due: datetime | None) -> None:
        run = self.run_of(instance_id)
        found = run.jobs.get(job)
        if found is None:
            raise Conflict("This job is done already.")
        owner, node = run.activities[found.owner], run.model.nodes[found.element]
        if owner.phase in (BEFORE, AFTER) and owner.element == found.element:
            phase, owner.phase = owner.phase, ARRIVED
            run.take_down(found)
            run.later(run.begin if phase == BEFORE else run.go_on, owner)
        else:
            if getattr(node, "interrupting", True) or not run.next_turn(found, due, owner, node):
                run.take_down(found)
            run.later(run.caught, owner, node)
        self._settle()

    def throw_error(
        self, instance_id: str, activity: int, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        if not run.throw(found, EventKind.ERROR, code, message, variables):
            run.set_variables(found, variables)
            run.later(run.proceed, found, [])
        self._settle()

    def throw_escalation(self, instance_id: str, activity: int, code: str, variables: Mapping[str, Any]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        if not run.throw(found, EventKind.ESCALATION, code, None, variables):
            raise ExecutionFailed(f"nothing catches the escalation {code}", found.element)
        self._settle()

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
        self._settle()

    def remove_variables(self, instance_id: str, activity: int, names: Sequence[str]) -> None:
        run = self.run_of(instance_id)
        found = run.open_activity(activity, "activity")
        for name in names:
            run.remove_variable(found, name)
        self._settle()

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
        self._settle()

    def cancel(self, instance_id: str, end_state: EndState = EndState.EXTERNALLY_TERMINATED) -> None:
        run = self.run_of(instance_id)
        run.cancel_instance(end_state)
        if run.caller is not None:
            outer = self.run_of(run.caller.instance_id)
            activity = outer.activities.get(run.caller.activity)
            if activity is not None:
                activity.called = None
                cancel_upwards(outer, activity)
                if not outer.has_children(outer.root):
                    self.cancel(outer.instance_id, end_state)
        self._settle()

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
                happenings=run.happenings,
            )
            for run in sorted(self._runs.values(), key=self._depth_of)
            if run.happenings or run.instance_id in self._created or run.end_state is not None
        ]

    def _depth_of(self, run: Run) -> int:
        depth, caller = 0, run.caller
        while caller is not None and caller.instance_id in self._runs:
            depth, caller = depth + 1, self._runs[caller.instance_id].caller
        return depth
