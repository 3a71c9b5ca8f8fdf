"""Moves the tokens of one instance until every one of them waits.

A step is a method call on an activity, put off with `later`. Steps run depth first in the order they were put off, so
one branch comes to rest before its sibling starts, as in Camunda. A token stands on its node from the moment it is
sent there; a step whose activity has been cancelled meanwhile is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from bpmn import Activity as ActivityNode
from bpmn import (
    BoundaryEvent,
    FlowNode,
    MultiInstance,
    ProcessModel,
    SequenceFlow,
    StartEvent,
)
from engine.errors import ExecutionFailed
from engine.execution.native.listening import Listening, Message, Signal
from engine.execution.native.state import (
    AFTER,
    ARRIVED,
    BEFORE,
    BODY,
    ITERATION,
    REOPENED,
    REOPENED_BODY,
    ROOT,
    SHELLS,
    SILENT,
    Activity,
    InstanceState,
    Job,
)
from engine.execution.protocol import (
    ActivityStarted,
    Caller,
    EndState,
    JobType,
    World,
)

#: Roles whose end the activity around them handles, and no flow.
INNER = (ITERATION, REOPENED, REOPENED_BODY)


#: A function and what it is called with.
Step = tuple[Callable[..., object], tuple[Any, ...]]


class Work(Protocol):
    """What one instance asks of the command it runs in."""

    @property
    def world(self) -> World: ...
    @property
    def next_steps(self) -> list[Step]: ...
    def run_of(self, instance_id: str) -> Tokens: ...
    def call(
        self, definition_id: str, caller: Caller, variables: Mapping[str, Any], business_key: str | None
    ) -> str: ...
    def throw_signal(self, signal: Signal, thrower: Any = None) -> None: ...
    def send_message(self, message: Message) -> None: ...
    def ended(self, run: Tokens, variables: dict[str, Any]) -> None: ...
    def spend(self, activities: int) -> None: ...
    def afford(self, activities: int) -> None: ...


class Behaves(Protocol):
    """What a kind of element does when a token comes in, and when something inside it ends. `run` is the whole run of
    the instance, of which these tokens are a layer."""

    def enter(self, run: Any, activity: Activity, node: FlowNode) -> None: ...
    def child_ended(self, run: Any, activity: Activity, node: FlowNode, child: Activity) -> None: ...
    def compensated(self, run: Any, activity: Activity, node: FlowNode) -> None: ...


class Tokens(Listening):
    """The layer that places, moves and removes tokens."""

    end_state: EndState | None = None
    start_activity_id: str | None = None
    skip_io_mappings = False
    skip_listeners = False
    #: while a modification goes on the instance stays, even if nothing is left in it; did it come to its end then?
    held = False
    came_to_end = False
    #: the definition it ran on before this command moved it
    migrated_from: str | None = None

    def __init__(
        self,
        model: ProcessModel,
        state: InstanceState,
        work: Work,
        behaviour_of: Callable[[FlowNode, str], Behaves],
        *,
        instance_id: str,
        definition_id: str,
        business_key: str | None,
        caller: Caller | None,
    ) -> None:
        super().__init__(model, state)
        self.work = work
        self.world = world = work.world
        self.functions = world.functions
        self.now, self.zone, self.opening = world.now, world.zone, world.opening
        self.instance_id = instance_id
        self.definition_id = definition_id
        self.business_key = business_key
        self.caller = caller
        self._behaviour_of = behaviour_of

    # ------------------------------------------------------------ steps

    def later(self, step: Callable[..., object], activity: Activity, *arguments: Any) -> None:
        self.work.next_steps.append((self._step, (step, activity, *arguments)))

    def _step(self, step: Callable[..., object], activity: Activity, *arguments: Any) -> None:
        if self.alive(activity):
            step(activity, *arguments)

    def behaviour(self, activity: Activity) -> Behaves:
        return self._behaviour_of(self.node(activity), activity.role)

    # ------------------------------------------------------------ a token comes

    def start(self, start_event: str | None, variables: Mapping[str, Any]) -> Activity:
        """The root activity, and inside it a token on the start event; None: the modification that follows says
        where."""
        root = self.add(Activity(ROOT, self.model.process.id, entry=start_event))
        self.happenings.append(ActivityStarted(ROOT, -1, root.element))
        for name, value in variables.items():
            self.set_local(root, name, value)
        self.start_activity_id = start_event
        if start_event is not None:
            self.later(self.begin, root)
        return root

    def begin_root(self) -> None:
        """Opens the instance without a token: start instructions put them."""
        self.notify("start", self.root)
        self.open(self.root)
        self.later(self.look_at_conditions, self.root)

    def place(
        self,
        node: FlowNode,
        parent: Activity,
        *,
        role: str = "",
        entry: str | None = None,
        counter: int | None = None,
        undoes: int | None = None,
    ) -> Activity:
        """An activity that stands on the node and has not begun."""
        self.work.spend(1)
        number = self.new_number()
        return self.add(
            Activity(number, node.id, parent.number, role, ARRIVED, entry=entry, counter=counter, undoes=undoes)
        )

    def arrive(
        self,
        node: FlowNode,
        parent: Activity,
        *,
        role: str = "",
        variables: Mapping[str, Any] | None = None,
        entry: str | None = None,
        counter: int | None = None,
        undoes: int | None = None,
    ) -> Activity:
        """Puts a token on the node at once and runs it later."""
        if not role and isinstance(node, ActivityNode) and (node.multi_instance or node.standard_loop):
            role = BODY
        activity = self.place(node, parent, role=role, entry=entry, counter=counter, undoes=undoes)
        if variables:
            for name, value in variables.items():
                self.set_local(activity, name, value)
        loop = self.multi_instance(node) if role == ITERATION else None
        if (loop or node).async_before:
            self.put_off(activity, BEFORE)
        else:
            self.later(self.begin, activity)
        return activity

    @staticmethod
    def multi_instance(node: FlowNode) -> MultiInstance | None:
        return node.multi_instance if isinstance(node, ActivityNode) else None

    def begin(self, activity: Activity) -> None:
        node = self.model.nodes[activity.element]
        if activity.number != ROOT:
            activity.phase = ""
            self.happenings.append(
                ActivityStarted(activity.number, activity.parent, node.id, activity.role == BODY, activity.counter)
            )
        if activity.role not in SHELLS:
            if node.inputs:
                self.map_inputs(activity)
            if node.listeners:
                self.notify("start", activity)
        self.after_conditions(self._enter, activity)

    def _enter(self, activity: Activity) -> None:
        """Conditions that hold already come before what the activity itself does, and may take its place."""
        self.open(activity)
        met = self.look_at_conditions(activity) if self.subscriptions else ()
        if not met:
            self._do(activity)
        elif not any(isinstance(event, BoundaryEvent | StartEvent) and event.interrupting for event in met):
            self.later(self._do, activity)

    def _do(self, activity: Activity) -> None:
        node = self.model.nodes[activity.element]
        self._behaviour_of(node, activity.role).enter(self, activity, node)

    def begin_empty(self, scope: Activity) -> None:
        """Opens a scope without a token at its start: a modification puts one elsewhere inside."""
        node = self.node(scope)
        body = scope.role == BODY
        scope.phase = ""
        self.happenings.append(ActivityStarted(scope.number, scope.parent, node.id, body, scope.counter))
        if not body:
            self.map_inputs(scope)
            self.notify("start", scope)
        self.open(scope)
        self.later(self.look_at_conditions, scope)

    def open(self, activity: Activity) -> None:
        """Starts listening for the events that may happen while the activity is there."""
        for event in self.hears(activity):
            self.listen(activity, self.model.nodes[event])

    def notify(self, event: str, activity: Activity) -> None:
        """Told when an activity starts or ends; the layer above calls the model's listeners."""

    def notify_taken(self, flow: SequenceFlow, parent: Activity) -> None:
        """Told when a flow is taken."""

    def canceling(self, activity: Activity) -> None:
        """Told before an activity that has begun is canceled."""

    def completed(self, activity: Activity) -> None:
        """Told when an activity completes, before it is removed; the layer above keeps what undoes it."""

    # ------------------------------------------------------------ a token goes

    def leave(self, activity: Activity) -> None:
        """Completes the activity and goes on along every flow whose condition holds, or else the default flow; not
        before those who wait for a condition have seen what it has written, for they may cancel it."""
        self.after_conditions(self._leave, activity)

    def _leave(self, activity: Activity) -> None:
        if activity.role not in SILENT:
            node = self.model.nodes[activity.element]
            if node.listeners:
                self.notify("end", activity)
                if not self.alive(activity):
                    return
            if node.outputs:
                self.map_outputs(activity)
        self.proceed(activity, [] if activity.role in INNER else self.open_flows(activity))

    def open_flows(self, activity: Activity) -> list[SequenceFlow]:
        node = self.model.nodes[activity.element]
        if len(node.outgoing) == 1 and node.outgoing[0].condition is None:
            return [node.outgoing[0]]
        taken = [
            flow
            for flow in node.outgoing
            if flow.id != node.default_flow and (flow.condition is None or self.holds(flow.condition, activity))
        ]
        taken = taken or [flow for flow in node.outgoing if flow.id == node.default_flow]
        if not taken and node.outgoing:
            raise ExecutionFailed(
                "no flow out of it can be taken: no condition holds and there is no default flow", node.id
            )
        return taken

    def pass_on(self, activity: Activity, flows: Iterable[SequenceFlow]) -> None:
        """A gateway that has chosen its flows."""
        self.notify("end", activity)
        if self.alive(activity):
            self.map_outputs(activity)
            self.proceed(activity, flows)

    def proceed(self, activity: Activity, flows: Iterable[SequenceFlow]) -> None:
        """Ends the activity and sends a token along each flow; without any, the scope around it hears of the end."""
        node, flows = self.model.nodes[activity.element], list(flows)
        self.completed(activity)
        if activity.number == ROOT:
            self.end(activity, EndState.COMPLETED)
            return
        parent = self.activities[activity.parent]
        self.remove(activity)
        loop = self.multi_instance(node) if activity.role == ITERATION else None
        if (loop is not None and loop.async_after) or (node.async_after and activity.role not in INNER):
            entries: list[str | None] = [flow.id for flow in flows]
            for entry in entries or [None]:
                after = self.place(
                    node, parent, role=activity.role, entry=entry, counter=activity.counter, undoes=activity.undoes
                )
                self.put_off(after, AFTER)
        elif flows:
            for flow in flows:
                self.take(flow, parent, activity.undoes)
        else:
            self.finished(activity, parent)

    def finished(self, activity: Activity, parent: Activity) -> None:
        """A branch has come to its end: the thrower it compensated for, or else the scope around it, may go on."""
        if activity.undoes is not None:
            self.undone(activity.undoes)
        else:
            self.behaviour(parent).child_ended(self, parent, self.node(parent), activity)

    def undone(self, thrower_number: int) -> None:
        """Told when something that compensates has ended; the layer above knows who waits for it."""

    def take(self, flow: SequenceFlow, parent: Activity, undoes: int | None = None) -> None:
        if flow.listeners:
            self.notify_taken(flow, parent)
            if not self.alive(parent):
                return
        self.arrive(self.model.nodes[flow.target], parent, undoes=undoes)

    # ------------------------------------------------------------ asynchronous continuations

    def put_off(self, activity: Activity, phase: str) -> None:
        activity.phase = phase
        node = self.node(activity)
        loop = self.multi_instance(node) if activity.role == ITERATION else None
        job = Job(self.new_number(), activity.number, activity.element)
        self.open_job(activity, node, job, JobType.CONTINUATION, None, settings=loop)

    def go_on(self, activity: Activity) -> None:
        """The continuation after an activity."""
        node, parent = self.node(activity), self.parent(activity)
        activity.phase = ARRIVED
        self.remove(activity)
        if activity.entry is not None:
            flow = next(flow for flow in node.outgoing if flow.id == activity.entry)
            self.take(flow, parent, activity.undoes)
        else:
            self.finished(activity, parent)

    # ------------------------------------------------------------ the end

    def cancel(self, activities: Iterable[Activity]) -> None:
        """Removes these and all inside them, with what they listen for, what they called and what they could undo."""
        doomed = self.subtree(activities)
        for each in doomed:
            if not self.alive(each):
                continue
            called = each.called
            if each.phase not in (ARRIVED, BEFORE, AFTER):
                self.canceling(each)
            self.remove(each, canceled=True)
            if each.undoes is not None:
                self.undone(each.undoes)
            if called is not None:
                self.work.run_of(called).cancel_instance(EndState.INTERNALLY_TERMINATED)
        self.forget([each.number for each in doomed])

    def cancel_instance(self, state: EndState) -> None:
        if ROOT not in self.activities:
            return
        root = self.root
        self.cancel(self.children(root))
        self.end(root, state)

    def end(self, root: Activity, state: EndState) -> None:
        self.end_state = state
        variables = dict(root.variables)
        self.forget([ROOT])
        self.remove(root, canceled=state is not EndState.COMPLETED)
        self.work.ended(self, variables)
