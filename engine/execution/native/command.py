"""One command's work: the instances that take part in it, the steps still to come, and how far it may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bpmn import CallActivity, EventKind, FlowNode
from engine.errors import BudgetExceeded, ExecutionFailed
from engine.execution.native.behaviours import behaviour_of
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.behaviours.calls import CallActivityBehaviour
from engine.execution.native.behaviours.gateways import release_inclusive_join
from engine.execution.native.listening import Message, Signal
from engine.execution.native.reach import inclusive_joins
from engine.execution.native.run import Run
from engine.execution.native.state import FORMAT, ROOT, Activity, InstanceState, load
from engine.execution.native.tokens import Step
from engine.execution.protocol import Caller, EndState, Receiver, StartPutOff, World

#: What one command may do before it is taken for a runaway.
STEP_BUDGET = 200_000
ACTIVITY_BUDGET = 100_000
DEPTH_BUDGET = 50
INSTANCE_BUDGET = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """How instances run: the class of their run, what their elements do, and what lets an inclusive join go."""

    run: type[Run]
    behaviour_of: Callable[[FlowNode, str], Behaviour]
    release_join: Callable[[Run], bool]


@cache
def native_kind() -> Kind:
    return Kind(Run, behaviour_of, release_inclusive_join)


class Command:
    """Is the `Work` of every run that takes part in it. `kinds` by the name of the executor: one command may touch
    instances of several, and a call, a signal or an error goes from one to the other like any other."""

    def __init__(self, world: World, kinds: Mapping[str, Callable[[], Kind]]) -> None:
        self.world = world
        self._kinds = kinds
        self._runs: dict[str, Run] = {}
        self._joins: dict[str, Callable[[Run], bool]] = {}
        self._created: set[str] = set()
        self._depths: dict[str, int] = {}
        #: those that the step under way has put off, the first to come first
        self.next_steps: list[Step] = []
        self._stack: list[Step] = []
        self._steps = 0
        self._activities = 0

    # ------------------------------------------------------------ the step loop

    def later(self, step: Callable[..., object], *arguments: Any) -> None:
        self.next_steps.append((step, arguments))

    def afford(self, activities: int) -> None:
        """BudgetExceeded if the command may not open so many more."""
        if self._activities + activities > ACTIVITY_BUDGET:
            raise BudgetExceeded(f"One command may open {ACTIVITY_BUDGET:,} activities; this one wants more.")

    def spend(self, activities: int) -> None:
        """Counts activities before they are created."""
        self._activities += activities
        if self._activities > ACTIVITY_BUDGET:
            self.afford(0)

    def settle(self) -> None:
        """Depth first: what a step puts off runs, in that order, before what waited already. Then, all tokens resting,
        inclusive joins are decided one by one."""
        stack, following = self._stack, self.next_steps
        while True:
            while following or stack:
                if following:
                    stack += following[::-1]
                    following.clear()
                step, arguments = stack.pop()
                step(*arguments)
                self._steps += 1
                if self._steps > STEP_BUDGET:
                    raise BudgetExceeded(
                        f"The command takes more than {STEP_BUDGET:,} steps: does the process loop without waiting?"
                    )
            if not self._joins or not any(self._release(run) for run in list(self._runs.values())):
                return

    def _release(self, run: Run) -> bool:
        release = self._joins.get(run.instance_id)
        return release is not None and run.end_state is None and release(run)

    # ------------------------------------------------------------ Work: what runs ask

    def run_of(self, instance_id: str) -> Run:
        found = self._runs.get(instance_id)
        if found is None:
            stored = self.world.load(instance_id)
            found = self._run(stored.definition_id, load(stored.state), instance_id, stored.business_key, stored.caller)
        return found

    def _run(
        self,
        definition_id: str,
        state: InstanceState,
        instance_id: str,
        business_key: str | None,
        caller: Caller | None,
    ) -> Run:
        kind = self._kinds[self.world.executor_of(definition_id)]()
        run = kind.run(
            self.world.model(definition_id),
            state,
            self,
            kind.behaviour_of,
            instance_id=instance_id,
            definition_id=definition_id,
            business_key=business_key,
            caller=caller,
        )
        self._runs[instance_id] = run
        self._watch_joins(run, kind)
        return run

    def _watch_joins(self, run: Run, kind: Kind) -> None:
        if inclusive_joins(run.model):
            self._joins[run.instance_id] = kind.release_join

    def create(
        self,
        definition_id: str,
        variables: Mapping[str, Any],
        *,
        business_key: str | None,
        start_event: str | None,
        caller: Caller | None = None,
        empty: bool = False,
    ) -> Run:
        if len(self._created) >= INSTANCE_BUDGET:
            raise BudgetExceeded(
                f"One command may start {INSTANCE_BUDGET:,} instances; this one wants more: does one start itself?"
            )
        run = self._run(definition_id, InstanceState(FORMAT), self.world.new_instance_id(), business_key, caller)
        self._created.add(run.instance_id)
        if start_event is None and not empty:
            start = run.model.first_start(run.model.process)
            if start is None:
                raise ExecutionFailed("has no start event that a plain start could use", run.model.key)
            start_event = start.id
        run.start(start_event, variables)
        return run

    def call(self, definition_id: str, caller: Caller, variables: Mapping[str, Any], business_key: str | None) -> str:
        depth = self._depths.get(caller.instance_id, 0) + 1
        if depth > DEPTH_BUDGET:
            raise BudgetExceeded(f"Calls are nested more than {DEPTH_BUDGET} deep: does a process call itself?")
        run = self.create(definition_id, variables, business_key=business_key, start_event=None, caller=caller)
        self._depths[run.instance_id] = depth
        return run.instance_id

    def throw_signal(self, signal: Signal, thrower: Run | None = None) -> None:
        """To everyone who listens now, whether stored or only since this command; then to the processes that it starts.
        One thrown asynchronously leaves a job with each of them."""
        stored = self.world.signal_receivers(signal.name)
        for receiver in stored:
            if receiver.instance_id is not None:
                self.run_of(receiver.instance_id)
        for run in list(self._runs.values()):
            for subscription in list(run.subscriptions.values()):
                if subscription.kind != EventKind.SIGNAL.value or subscription.name != signal.name:
                    continue
                if signal.asynchronous:
                    run.put_off_event(subscription, signal.variables)
                else:
                    self.later(self.receive, run, subscription.number, signal.variables, None)
        for receiver in stored:
            if receiver.instance_id is not None:
                continue
            if signal.asynchronous and thrower is not None:
                thrower.happenings.append(
                    StartPutOff(
                        receiver.definition_id, receiver.element_id, dict(signal.variables), signal.business_key
                    )
                )
            else:
                self.later(self._start_by_signal, receiver, signal)

    def _start_by_signal(self, receiver: Receiver, signal: Signal) -> None:
        self.create(
            receiver.definition_id,
            signal.variables,
            business_key=signal.business_key,
            start_event=receiver.element_id,
        )

    @staticmethod
    def receive(run: Run, number: int, variables: Mapping[str, Any], local: Mapping[str, Any] | None) -> None:
        """What the subscription waits for has come; nothing, if that is gone."""
        subscription = run.subscriptions.get(number)
        if subscription is None:
            return
        owner = run.activities[subscription.owner]
        for name, value in (local or {}).items():
            run.set_local(owner, name, value)
        node = run.model.nodes[subscription.element]
        run.received(owner, node, variables)
        run.later(run.caught, owner, node)

    def send_message(self, message: Message) -> None:
        """To the one instance that waits for it and that it fits, or else to the process that it starts."""
        self.later(self._deliver, message)

    def _deliver(self, message: Message) -> None:
        stored = self.world.message_receivers(message.name)
        for receiver in stored:
            if receiver.instance_id is not None:
                self.run_of(receiver.instance_id)
        waiting = [
            (run, each.number)
            for run in self._runs.values()
            for each in run.subscriptions.values()
            if each.kind == EventKind.MESSAGE.value and each.name == message.name and run.fits(message.correlations)
        ]
        if len(waiting) > 1:
            raise ExecutionFailed(
                f"{len(waiting)} instances wait for the message {message.name} and fit: correlate by a property that "
                "tells them apart",
                message.sender,
            )
        if waiting:
            self.receive(*waiting[0], message.payload, None)
            return
        starts = [each for each in stored if each.instance_id is None]
        if not starts:
            raise ExecutionFailed(f"nobody that fits waits for the message {message.name}", message.sender)
        first = starts[0]
        self.create(first.definition_id, message.payload, business_key=None, start_event=first.element_id)

    def ended(self, run: Any, variables: dict[str, Any]) -> None:
        """An instance has ended; one that was called and completed returns to its caller."""
        if run.caller is None or run.end_state is not EndState.COMPLETED:
            return
        outer = self.run_of(run.caller.instance_id)
        activity = outer.activities.get(run.caller.activity)
        node = None if activity is None else outer.node(activity)
        if activity is None or not isinstance(node, CallActivity):
            return
        root = Activity(ROOT, run.model.key, variables=variables)
        results, local = run.mapped_out(node.outs, root)
        outer.later(lambda caller: CallActivityBehaviour.returned(outer, caller, results, local), activity)
