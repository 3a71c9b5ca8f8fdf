"""What the tests of migration say: a source and a target drawn in a line each, an instance, and where it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict, replace

from bpmn import read
from engine.execution.migration_plan import MigrationInstruction, MigrationPlan
from engine.execution.migration_rules import generate, plan_reports
from engine.execution.protocol import (
    InstanceChange,
    JobMoved,
    SubscriptionMoved,
    SubscriptionOpened,
    TaskMoved,
)
from tests.engine.play import END, START, bpmn, flow, user_task
from tests.execution.play import Play
from tests.execution.world import MemoryEngine, Stored

BESIDE = (
    '<message id="m" name="paid"/><message id="n" name="sent"/><signal id="s" name="alarm"/>'
    '<error id="e" errorCode="broken"/>'
)
MESSAGE = '<messageEventDefinition messageRef="m"/>'
OTHER_MESSAGE = '<messageEventDefinition messageRef="n"/>'
SIGNAL = '<signalEventDefinition signalRef="s"/>'
COMPENSATION = "<compensateEventDefinition/>"


def timer(hours: int) -> str:
    return f"<timerEventDefinition><timeDuration>PT{hours}H</timeDuration></timerEventDefinition>"


def condition(value: int) -> str:
    return f"<conditionalEventDefinition><condition>${{level == {value}}}</condition></conditionalEventDefinition>"


def model(body: str) -> bytes:
    return bpmn(body, "process", beside=BESIDE)


def line(*elements: str) -> bytes:
    """A process of user tasks one after another, by their ids."""
    return model(START + "".join(user_task(each) for each in elements) + END + flow("start", *elements, "end"))


def scope(id: str, inside: str, *, tag: str = "subProcess", more: str = "") -> str:
    """A subprocess around a body that begins at `in_ID` and ends at `out_ID`."""
    return f'<{tag} id="{id}">{more}<startEvent id="in_{id}"/>{inside}<endEvent id="out_{id}"/></{tag}>'


def inside(id: str, task: str, *, more: str = "", tag: str = "subProcess") -> bytes:
    """A process with one user task in a subprocess."""
    body = scope(id, user_task(task) + flow(f"in_{id}", task, f"out_{id}"), tag=tag, more=more)
    return model(START + body + END + flow("start", id, "end"))


def boundary(id: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    return (
        f'<boundaryEvent id="{id}" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">{definition}'
        f'</boundaryEvent><endEvent id="after_{id}"/>' + flow(id, f"after_{id}")
    )


def with_boundary(definition: str, id: str = "edge", task: str = "ask") -> bytes:
    return line(task).replace(b"</process>", (boundary(id, task, definition) + "</process>").encode())


def turns(count: int, *, sequential: bool = False) -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>"
    )


def repeating(task: str, count: int, *, sequential: bool = False) -> bytes:
    node = user_task(task, inside=turns(count, sequential=sequential))
    return model(START + node + END + flow("start", task, "end"))


class Move(Play):
    """An instance on `source`, and `target`, the version it is to move to."""

    def __init__(self, source: bytes, target: bytes, *others: bytes, **variables: Any) -> None:
        self.engine = MemoryEngine()
        self.engine.deploy(*others)
        self.engine.deploy(source)
        (read_source,) = read(source).processes
        self.source = self.engine.latest[read_source.key]
        self.start(read_source.key, **variables)
        self.engine.deploy(target)
        self.target = self.engine.latest[read(target).processes[0].key]

    def plan(self, mapped: Mapping[str, str] | None = None, *, anew: tuple[str, ...] = ()) -> MigrationPlan:
        """None: what is generated."""
        if mapped is None:
            source, target = self.engine.models[self.source], self.engine.models[self.target]
            return generate(source, target, self.source, self.target)
        instructions = [MigrationInstruction(one, other, one in anew) for one, other in mapped.items()]
        return MigrationPlan(self.source, self.target, tuple(instructions))

    def wrong(self, mapped: Mapping[str, str], *, anew: tuple[str, ...] = ()) -> dict[str | None, tuple[str, ...]]:
        reports = plan_reports(
            self.engine.models[self.source], self.engine.models[self.target], self.plan(mapped, anew=anew)
        )
        return {each.instruction.source: each.failures for each in reports}

    def move(
        self, mapped: Mapping[str, str] | None = None, *, anew: tuple[str, ...] = (), **options: Any
    ) -> dict[str, tuple[str, ...]]:
        """What could not move, by element; empty if all did."""
        assert mapped is None or not self.wrong(mapped, anew=anew)
        with self.engine.command() as work:
            reports = work.migrate(self.id, self.plan(mapped, anew=anew), **options)
        for change in self.engine.last_changes:
            _keep(self.engine.instances[change.instance_id], change)
        self.check()
        return {each.element_id: each.failures for each in reports}


def same(*elements: str) -> dict[str, str]:
    return {each: each for each in elements}


def _keep(stored: Stored, change: InstanceChange) -> None:
    """What the engine's rows would be."""
    if change.migrated_from is not None:
        stored.definition_id = change.definition_id
    for each in change.happenings:
        if isinstance(each, SubscriptionMoved):
            kind = stored.subscriptions[each.number].event_type
            moved = SubscriptionOpened(each.number, each.activity, each.element_id, kind, each.event_name)
            stored.subscriptions[each.number] = moved
        elif isinstance(each, JobMoved):
            job = stored.jobs[each.number]
            job.element_id, job.due = each.element_id, each.due or job.due
        elif isinstance(each, TaskMoved):
            stored.tasks[each.number] = replace(stored.tasks[each.number], **asdict(each))
