"""What an instance waits for: messages, signals, conditions, timers, continuations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

from bpmn import Activity as ActivityNode
from bpmn import (
    ConditionalDefinition,
    Event,
    EventDefinition,
    Expression,
    ExpressionError,
    FlowNode,
    MessageDefinition,
    MultiInstance,
    ReceiveTask,
    Schedule,
    Scope,
    SignalDefinition,
    TimerDefinition,
    TimerError,
    next_due,
    schedule,
)
from engine.errors import ExecutionFailed, ExpressionFailed
from engine.execution.native.scopes import Scopes
from engine.execution.native.state import ITERATION, SHELLS, Activity, Job, Subscription
from engine.execution.protocol import JobOpened, JobType, SubscriptionOpened


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal on its way, with what it carries."""

    name: str
    variables: Mapping[str, Any]
    business_key: str | None = None
    asynchronous: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the element of an instance sends, what it carries, and whom it is for."""

    name: str
    payload: Mapping[str, Any]
    correlations: Mapping[str, Mapping[str, Any]]
    sender: str


class Listening(Scopes):
    """The tree that also waits for events. `later` puts a step off; the layer above says how a caught event goes on."""

    now: datetime
    zone: tzinfo
    opening: time
    #: values written that those who wait for a condition have not looked at yet
    _unseen = 0

    def later(self, step: Callable[..., object], activity: Activity, *arguments: Any) -> None:
        raise AssertionError("the layer above runs the steps")

    def caught(self, owner: Activity, node: FlowNode) -> None:
        """`node` has caught what `owner` waited for."""
        raise AssertionError("the layer above lets tokens go on")

    # ------------------------------------------------------------ beginning to wait

    def listen(self, owner: Activity, node: FlowNode) -> None:
        """`owner` waits for what `node` catches. Errors, escalations, compensation and cancel are thrown at it
        instead."""
        definition = self.definition(node)
        match definition:
            case MessageDefinition() | SignalDefinition():
                name = None if definition.name is None else self.evaluate_text(definition.name, owner)
                self.subscribe(owner, node, definition, name)
            case ConditionalDefinition():
                self.subscribe(owner, node, definition, None)
            case TimerDefinition():
                self.start_timer(owner, node, definition)
            case _:
                pass

    @staticmethod
    def definition(node: FlowNode) -> EventDefinition | None:
        if isinstance(node, Event):
            return node.definition
        return node.message if isinstance(node, ReceiveTask) else None

    def subscribe(self, owner: Activity, node: FlowNode, definition: EventDefinition, name: str | None) -> Subscription:
        subscription = Subscription(self.new_number(), owner.number, definition.kind.value, node.id, name)
        self.hang(subscription)
        self.happenings.append(
            SubscriptionOpened(subscription.number, owner.number, node.id, definition.kind.value, name)
        )
        return subscription

    def start_timer(
        self, owner: Activity, node: FlowNode, definition: TimerDefinition, *, listener: int | None = None
    ) -> None:
        plan = self.planned(owner, node, definition)
        job = Job(self.new_number(), owner.number, node.id, plan.cycle, plan.repeats, listener=listener)
        self.open_job(owner, node, job, JobType.TIMER, plan.due)

    def planned(self, owner: Activity, node: FlowNode, definition: TimerDefinition) -> Schedule:
        """When a timer that begins now is due."""
        if definition.form is None or definition.expression is None:
            raise ExecutionFailed("the timer says no date, duration or cycle", node.id)
        value = self.evaluate(definition.expression, owner)
        try:
            # One that is written out was looked at when it was deployed, by the release of that day.
            refuse = not definition.expression.is_written_out
            return schedule(definition.form, value, self.now, self.zone, self.opening, refuse_quick=refuse)
        except TimerError as error:
            raise ExpressionFailed(str(error), node.id) from error

    def open_job(
        self,
        owner: Activity,
        node: FlowNode,
        job: Job,
        type: JobType,
        due: datetime | None,
        *,
        settings: MultiInstance | None = None,
    ) -> None:
        """`settings` are those of the turns of a multi-instance, which may differ from the activity's own."""
        if job.number not in self.jobs:
            self.hang(job)
        wanted = node.job_priority or self.model.process.job_priority
        priority = 0 if wanted is None else self.number_of(wanted, owner, "job priority")
        cycle, exclusive = (settings or node).retry_cycle, (settings or node).exclusive
        retry = None if cycle is None else self.evaluate_text(cycle, owner)
        self.happenings.append(JobOpened(job.number, owner.number, job.element, type, due, priority, exclusive, retry))

    def put_off_event(self, subscription: Subscription, variables: Mapping[str, Any]) -> None:
        """A job brings what the subscription waits for."""
        owner, node = self.activities[subscription.owner], self.model.nodes[subscription.element]
        job = Job(self.new_number(), owner.number, node.id, event=subscription.number, variables=dict(variables))
        self.open_job(owner, node, job, JobType.CONTINUATION, None)

    def number_of(self, expression: Expression, activity: Activity, what: str) -> int:
        value = self.evaluate(expression, activity)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ExpressionFailed(f"the {what} is {value!r}: a whole number is needed", activity.element) from None

    def next_turn(self, job: Job, due: datetime | None, owner: Activity, node: FlowNode) -> bool:
        """A cycle that has fired is set for its next turn; False if that was the last."""
        if job.cycle is None or job.repeats == 1 or due is None:
            return False
        following = next_due(job.cycle, due, self.zone)
        if following is None:
            return False
        if job.repeats is not None:
            job.repeats -= 1
        self.open_job(owner, node, job, JobType.TIMER, following)
        return True

    # ------------------------------------------------------------ conditions

    def variable_written(self, holder: Activity, name: str, event: str) -> None:
        if self.subscriptions and any(each.kind == "conditional" for each in self.subscriptions.values()):
            self._unseen += 1
            self.later(self._check_conditions, self.root, holder, name, event)

    def after_conditions(self, step: Callable[..., object], activity: Activity) -> None:
        """Runs the step when all that was written has been looked at: now, if nothing else was written."""
        if self._unseen:
            self.later(step, activity)
        elif self.alive(activity):
            step(activity)

    def _check_conditions(self, _root: Activity, holder: Activity, name: str, event: str) -> None:
        """Those who wait for a condition and see this very variable look again."""
        self._unseen -= 1
        if not self.alive(holder):
            return
        for subscription in list(self.subscriptions.values()):
            if subscription.kind != "conditional":
                continue
            definition = self.definition(self.model.nodes[subscription.element])
            owner = self.activities[subscription.owner]
            if not isinstance(definition, ConditionalDefinition):
                continue
            if definition.variable_name not in (None, name):
                continue
            if definition.variable_events and event not in definition.variable_events:
                continue
            sees = holder in self.lineage(owner) if event == "delete" else self.holder(owner, name) is holder
            if sees:
                self.later(self.check_condition, owner, subscription)

    def look_at_conditions(self, owner: Activity) -> list[FlowNode]:
        """What the owner waits for and holds already happens now; the events that have."""
        met = []
        for thing in self.hanging_on(owner):
            if isinstance(thing, Subscription) and thing.kind == "conditional" and thing.number in self.subscriptions:
                node = self.model.nodes[thing.element]
                if self.condition_holds(node, owner):
                    met.append(node)
                    self.caught(owner, node)
        return met

    def check_condition(self, owner: Activity, subscription: Subscription) -> None:
        node = self.model.nodes[subscription.element]
        if subscription.number in self.subscriptions and self.condition_holds(node, owner):
            self.caught(owner, node)

    def condition_holds(self, node: FlowNode, owner: Activity) -> bool:
        """A condition over variables that are not there yet does not hold."""
        definition = self.definition(node)
        if not isinstance(definition, ConditionalDefinition) or definition.condition is None:
            return False
        try:
            return self.holds(definition.condition, owner)
        except ExpressionFailed as error:
            if isinstance(error.__cause__, ExpressionError):
                return False
            raise

    # ------------------------------------------------------------ what is listened for

    def hears(self, activity: Activity) -> list[str]:
        """The events that may happen while the activity is there: on its edge, and inside."""
        node = self.model.nodes[activity.element]
        found: list[str] = []
        if isinstance(node, ActivityNode) and activity.role != ITERATION:
            found += node.boundary_events
        if isinstance(node, Scope) and activity.role not in SHELLS:
            found += self.event_starts(node)
        return found

    # ------------------------------------------------------------ ceasing to wait

    def stop_listening_for(self, owner: Activity, elements: frozenset[str]) -> None:
        for thing in self.hanging_on(owner):
            if thing.element in elements:
                self.take_down(thing)

    def event_starts(self, scope: Scope) -> list[str]:
        """The start events of the event subprocesses right inside a scope."""
        return [start for each in scope.event_subprocesses for start in self.model.scope(each).start_events]
