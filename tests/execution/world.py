"""An engine without a database: definitions, stored instances as bytes, a clock that stands still. Each command loads
what it touches and stores what became of it, or nothing, so every test also tries that state survives being saved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import Any

from bpmn import (
    ConditionalDefinition,
    DecisionDefinitions,
    Definitions,
    Event,
    MessageDefinition,
    PlainNames,
    ProcessModel,
    Severity,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
    UnreadableModel,
    check,
    evaluate,
    next_due,
    read,
    schedule,
    text,
    truth,
)
from engine.calendar import OfficeCalendar, Site, expression_functions
from engine.errors import ExecutionFailed
from engine.execution.native import NativeExecutor
from engine.execution.native.execution import NativeExecution
from engine.execution.protocol import (
    ActivityEnded,
    ExternalTaskOpened,
    Handler,
    Happening,
    IncidentClosed,
    IncidentOpened,
    InstanceChange,
    JobClosed,
    JobOpened,
    Receiver,
    StartPutOff,
    StoredInstance,
    SubscriptionClosed,
    SubscriptionOpened,
    TaskOpened,
    VariableRemoved,
    VariableSet,
)
from engine.execution.spiff import SpiffExecutor
from engine.start_events import named_message_starts
from tests.execution.rows import ExternalRow, JobRow, StartSubscription, Stored


class Refused(Exception):
    """A model with errors."""


class MemoryEngine:
    """Implements `World`, and the part of an engine that the tests need; `executor` runs what is deployed."""

    def __init__(self, executor: str = "native") -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self.calendar = OfficeCalendar(Site())
        self.executor: NativeExecutor = SpiffExecutor()
        self.runs_on = executor
        self.executors: dict[str, str] = {}
        self.models: dict[str, ProcessModel] = {}
        self.latest: dict[str, str] = {}
        self.instances: dict[str, Stored] = {}
        self.ended_variables: dict[str, dict[str, Any]] = {}
        self.started: list[str] = []
        self.start_subscriptions: list[StartSubscription] = []
        self.start_jobs: list[JobRow] = []
        self.handlers: dict[str, Handler] = {}
        self.decisions: dict[str, DecisionDefinitions] = {}
        self.last_changes: list[InstanceChange] = []
        self._ids = itertools.count(1)

    # ------------------------------------------------------------ World

    @property
    def zone(self) -> tzinfo:
        return UTC

    @property
    def opening(self) -> time_of_day:
        return time_of_day(8)

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        return expression_functions(self.calendar, lambda: self.now)

    def model(self, definition_id: str) -> ProcessModel:
        return self.models[definition_id]

    def executor_of(self, definition_id: str) -> str:
        return self.executors.get(definition_id, self.runs_on)

    def load(self, instance_id: str) -> StoredInstance:
        if instance_id not in self.instances:
            raise ExecutionFailed(f"instance {instance_id} has ended")
        found = self.instances[instance_id]
        return StoredInstance(instance_id, found.definition_id, found.state, found.business_key, found.caller)

    def called_definition(self, key: str, binding: str, version: str | None, caller_definition_id: str) -> str:
        if key not in self.latest:
            raise ExecutionFailed(f"no process {key} is deployed")
        return self.latest[key]

    def signal_receivers(self, name: str) -> Sequence[Receiver]:
        return self._receivers("signal", name)

    def message_receivers(self, name: str) -> Sequence[Receiver]:
        return self._receivers("message", name)

    def _receivers(self, event_type: str, name: str) -> Sequence[Receiver]:
        found = [
            Receiver(stored.definition_id, each.element_id, instance_id, number)
            for instance_id, stored in self.instances.items()
            for number, each in stored.subscriptions.items()
            if each.event_type == event_type and each.event_name == name
        ]
        return found + [
            Receiver(each.definition_id, each.element_id)
            for each in self.start_subscriptions
            if each.event_type == event_type and each.event_name == name
        ]

    def handler(self, name: str) -> Handler:
        if name not in self.handlers:
            raise ExecutionFailed(f"no handler is registered as {name}")
        return self.handlers[name]

    def decision(self, key: str, binding: str, caller_definition_id: str) -> DecisionDefinitions:
        if key not in self.decisions:
            raise ExecutionFailed(f"no decision {key} is deployed")
        return self.decisions[key]

    def new_instance_id(self) -> str:
        return f"i{next(self._ids)}"

    # ------------------------------------------------------------ commands

    @contextmanager
    def command(self) -> Iterator[NativeExecution]:
        work = self.executor.begin(self)
        yield work
        self.last_changes = work.changes()
        for change in self.last_changes:
            self._record(change)

    def _record(self, change: InstanceChange) -> None:
        if change.created:
            self.started.append(change.instance_id)
        stored = self.instances.get(change.instance_id) or Stored(
            change.definition_id, b"", change.business_key, change.caller
        )
        variables = self.ended_variables.setdefault(change.instance_id, {})
        for each in change.happenings:
            match each:
                case VariableSet(scope=0):
                    variables[each.name] = each.value
                case VariableRemoved(scope=0):
                    variables.pop(each.name, None)
                case StartPutOff():
                    job = JobRow(None, 0, 0, each.element_id, None, 3, each.definition_id)
                    job.variables, job.business_key = each.variables, each.business_key
                    self.start_jobs.append(job)
                case _:
                    self._keep(stored, change.instance_id, each)
        if change.state is None:
            self.instances.pop(change.instance_id, None)
        else:
            stored.state = change.state
            self.instances[change.instance_id] = stored

    @staticmethod
    def _keep(stored: Stored, instance_id: str, happening: Happening) -> None:
        match happening:
            case TaskOpened(number=number):
                stored.tasks[number] = happening
            case ExternalTaskOpened(number=number):
                stored.externals[number] = ExternalRow(instance_id, number, happening.element_id, happening.topic)
            case ActivityEnded(number=number):
                stored.tasks.pop(number, None)
                stored.externals.pop(number, None)
            case JobOpened(number=number):
                row = JobRow(instance_id, number, happening.activity, happening.element_id, happening.due)
                stored.jobs[number] = row
            case SubscriptionOpened(number=number):
                stored.subscriptions[number] = happening
            case IncidentOpened(number=number):
                stored.incidents[number] = happening
            case JobClosed(number=number):
                stored.jobs.pop(number)
            case SubscriptionClosed(number=number):
                stored.subscriptions.pop(number)
            case IncidentClosed(number=number):
                stored.incidents.pop(number)
            case _:
                pass

    # ------------------------------------------------------------ definitions

    def deploy(self, *sources: bytes) -> None:
        read_all: list[Definitions] = []
        for source in sources:
            try:
                found = read(source)
            except UnreadableModel as error:
                raise Refused(str(error)) from error
            errors = [each for each in check(found) if each.severity is Severity.ERROR]
            if errors:
                raise Refused("; ".join(f"{each.rule} {each.element_id}: {each.message}" for each in errors))
            read_all.append(found)
        for definitions in read_all:
            for model in definitions.processes:
                if model.process.executable:
                    taken = {
                        each.event_name
                        for each in self.start_subscriptions
                        if each.event_type == "message" and self.models[each.definition_id].key != model.key
                    }
                    if taken & {name for _, name in named_message_starts(model)}:
                        raise Refused(f"a message of {model.key} starts another process already")
                    self._deploy(model)

    def _deploy(self, model: ProcessModel) -> None:
        definition_id = f"{model.key}:{next(self._ids)}"
        self.models[definition_id] = model
        self.executors[definition_id] = self.runs_on
        self.latest[model.key] = definition_id
        for start in model.process.start_events:
            node = model.nodes[start]
            definition = node.definition if isinstance(node, Event) else None
            names = PlainNames({}, dict(self.functions))
            if isinstance(definition, TimerDefinition):
                assert definition.form is not None
                assert definition.expression is not None
                plan = schedule(definition.form, evaluate(definition.expression, names), self.now, UTC, self.opening)
                row = JobRow(None, 0, 0, start, plan.due, 3, definition_id, plan.cycle, plan.repeats)
                self.start_jobs.append(row)
            elif isinstance(definition, MessageDefinition | SignalDefinition):
                name = None if definition.name is None else text(evaluate(definition.name, names))
                self.start_subscriptions.append(StartSubscription(definition_id, start, definition.kind.value, name))
            elif isinstance(definition, ConditionalDefinition):
                self.start_subscriptions.append(StartSubscription(definition_id, start, "conditional", None))

    # ------------------------------------------------------------ verbs

    def start(
        self, key: str, variables: Mapping[str, Any] | None = None, business_key: str | None = None,
        user: str | None = None,
    ) -> str:  # fmt: skip
        with self.command() as work:
            return work.start(self.latest[key], variables or {}, business_key=business_key, initiator=user)

    def complete(self, instance_id: str, number: int, variables: Mapping[str, Any] | None = None) -> None:
        with self.command() as work:
            work.complete_task(instance_id, number, variables or {}, {})

    def correlate(
        self,
        name: str,
        business_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        any_one: bool = False,
    ) -> str:
        waiting = [
            (instance_id, number)
            for instance_id, stored in self.instances.items()
            for number, each in stored.subscriptions.items()
            if each.event_type == "message" and each.event_name == name and business_key in (None, stored.business_key)
        ]
        if len(waiting) > 1 and not any_one:
            raise ExecutionFailed(f"{len(waiting)} receivers wait for message {name}")
        with self.command() as work:
            if waiting:
                work.deliver(*waiting[0], variables or {})
                return waiting[0][0]
            for each in self.start_subscriptions:
                if each.event_type == "message" and each.event_name == name:
                    return work.start(
                        each.definition_id, variables or {}, business_key=business_key, start_event=each.element_id
                    )
        raise ExecutionFailed(f"nothing waits for message {name}")

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> None:
        with self.command() as work:
            work.broadcast_signal(name, variables or {})

    def evaluate_conditions(self, variables: Mapping[str, Any]) -> list[str]:
        found = []
        with self.command() as work:
            for each in self.start_subscriptions:
                definition = self.models[each.definition_id].nodes[each.element_id]
                if each.event_type == "conditional" and isinstance(definition, StartEvent):
                    condition = definition.definition
                    assert isinstance(condition, ConditionalDefinition)
                    assert condition.condition is not None
                    if condition.variable_name not in (None, *variables):
                        continue
                    try:
                        holds = truth(evaluate(condition.condition, PlainNames(dict(variables))))
                    except Exception:
                        holds = False
                    if holds:
                        found.append(work.start(each.definition_id, variables, start_event=each.element_id))
        return found

    # ------------------------------------------------------------ jobs

    def advance(self, by: timedelta) -> None:
        self.now += by
        self._run_jobs(lambda job: job.due is None or job.due <= self.now)

    def run_continuations(self) -> None:
        self._run_jobs(lambda job: job.due is None)

    def _run_jobs(self, wanted: Callable[[JobRow], bool]) -> None:
        failed: set[tuple[str | None, int]] = set()
        while due := [
            job for job in self.jobs() if job.retries and wanted(job) and (job.instance_id, job.number) not in failed
        ]:
            job = min(due, key=lambda each: each.due or datetime.min.replace(tzinfo=UTC))
            if not self.execute(job):
                failed.add((job.instance_id, job.number))

    def jobs(self) -> list[JobRow]:
        return self.start_jobs + [job for stored in self.instances.values() for job in stored.jobs.values()]

    def execute(self, job: JobRow) -> bool:
        if job.instance_id is None:
            self.start_jobs.remove(job)
            if job.cycle is not None and job.repeats != 1 and job.due is not None:
                due = next_due(job.cycle, job.due, UTC)
                if due is not None:
                    left = None if job.repeats is None else job.repeats - 1
                    self.start_jobs.append(replace(job, due=due, repeats=left))
            with self.command() as work:
                work.start(job.definition_id, job.variables, business_key=job.business_key, start_event=job.element_id)
            return True
        try:
            with self.command() as work:
                work.run_job(job.instance_id, job.number, job.due)
        except ExecutionFailed as error:
            job.retries -= 1
            if not job.retries:
                with self.command() as work:
                    work.open_incident(job.instance_id, job.activity, "failedJob", str(error), job.number)
            return False
        return True
