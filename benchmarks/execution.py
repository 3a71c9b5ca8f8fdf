"""Microseconds of CPU that an executor takes for one command: load the state, complete a task, save the state.

python -m benchmarks.execution
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from datetime import time as time_of_day
from functools import cache
from typing import Any

from bpmn import DecisionDefinitions, ProcessModel, read
from engine.errors import ExecutionFailed
from engine.execution.protocol import ActivityEnded, Handler, InstanceChange, Receiver, StoredInstance, TaskOpened
from engine.executors import EXECUTORS

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="p" isExecutable="true">'
)
TAIL = "</process></definitions>"
#: Onboardings are measured in passes: what the machine does beside it disturbs some of them.
PASSES = 20
INSTANCES = 50
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@cache
def model_of(body: str) -> ProcessModel:
    """Read once, as the engine keeps the model of a definition."""
    return read((HEAD + body + TAIL).encode()).processes[0]


class OneProcess:
    """A world of one model and one instance, kept as its bytes."""

    now = MOMENT
    zone: tzinfo = UTC
    opening = time_of_day(8)
    functions: Mapping[str, Callable[..., Any]] = {}

    def __init__(self, body: str, executor: str) -> None:
        self.runs_on = executor
        self.process = model_of(body)
        self.state: bytes | None = None
        self.open: list[int] = []

    def model(self, definition_id: str) -> ProcessModel:
        return self.process

    def executor_of(self, definition_id: str) -> str:
        return self.runs_on

    def load(self, instance_id: str) -> StoredInstance:
        return StoredInstance(instance_id, "p", self.state or b"")

    def called_definition(self, key: str, binding: str, version: str | None, caller_definition_id: str) -> str:
        raise ExecutionFailed("nothing is called here")

    def signal_receivers(self, name: str) -> Sequence[Receiver]:
        return ()

    def message_receivers(self, name: str) -> Sequence[Receiver]:
        return ()

    def handler(self, name: str) -> Handler:
        raise ExecutionFailed("no handler is registered here")

    def decision(self, key: str, binding: str, caller_definition_id: str) -> DecisionDefinitions:
        raise ExecutionFailed("nothing is decided here")

    def new_instance_id(self) -> str:
        return "i"

    def keep(self, change: InstanceChange) -> None:
        self.state = change.state
        for each in change.happenings:
            if isinstance(each, TaskOpened):
                self.open.append(each.number)
            elif isinstance(each, ActivityEnded) and each.number in self.open:
                self.open.remove(each.number)


@dataclass
class Measured:
    name: str
    start: float
    commands: list[float] = field(default_factory=list)
    largest: int = 0
    passes: int = 1

    def __str__(self) -> str:
        times = sorted(self.commands) or [0.0]
        tenth = max(len(self.commands) // 10, 1)
        first, last = sum(self.commands[:tenth]) / tenth, sum(self.commands[-tenth:]) / tenth
        mean = sum(times) / len(times)
        return (
            f"{self.name:34}{self.start:>10.0f}{mean:>8.0f}{times[len(times) // 2]:>8.0f}"
            f"{first:>10.0f}{last:>10.0f}{self.largest:>11,}{len(self.commands):>9,}"
        )


def in_passes(measured: Measured) -> str:
    """What the machine does beside it disturbs some passes more than others."""
    length = len(measured.commands) // measured.passes
    parts = [measured.commands[n * length : (n + 1) * length] for n in range(measured.passes)]
    means = sorted(sum(part) / length for part in parts)
    least, middle, most = means[0], means[len(means) // 2], means[-1]
    return f"  the means of {len(means)} passes: {least:.1f} to {most:.1f}, the middle one {middle:.1f}"


def measure(
    name: str,
    body: str,
    variables: Mapping[str, Any],
    given: Callable[[int], Mapping[str, Any]] = lambda _: {},
    *,
    runs_on: str = "native",
) -> Measured:
    """Starts the process and completes tasks, the newest last, until it has ended."""
    world, executor = OneProcess(body, runs_on), EXECUTORS[runs_on]
    began = time.process_time_ns()
    execution = executor.begin(world)
    execution.start("p", variables)
    changes = execution.changes()
    result = Measured(name, (time.process_time_ns() - began) / 1000)
    world.keep(changes[0])
    while world.open:
        result.largest = max(result.largest, len(world.state or b""))
        values = given(len(result.commands))
        began = time.process_time_ns()
        execution = executor.begin(world)
        execution.complete_task("i", world.open[0], values, {})
        changes = execution.changes()
        result.commands.append((time.process_time_ns() - began) / 1000)
        world.keep(changes[0])
    return result


# ---------------------------------------------------------------- the processes


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def onboarding() -> str:
    tasks = [f"task{number}" for number in range(8)]
    chain = ["start", *tasks, "end"]
    nodes = "".join(
        f'<userTask id="{task}" name="Task" camunda:assignee="${{manager}}" camunda:candidateGroups="hr,it"/>'
        for task in tasks
    )
    return f'<startEvent id="start"/>{nodes}<endEvent id="end"/>' + "".join(map(flow, chain, chain[1:]))


def loop(inside: str) -> str:
    return (
        f'<startEvent id="start"/><exclusiveGateway id="merge"/>{inside}'
        '<exclusiveGateway id="more" default="more_merge"/><endEvent id="end"/>'
        + flow("start", "merge")
        + flow("merge", "again")
        + flow("again", "more")
        + flow("more", "merge")
        + flow("more", "end", "${n == limit}")
    )


def parallel(width: int) -> str:
    branches = "".join(
        f'<userTask id="t{number}"/>' + flow("fork", f"t{number}") + flow(f"t{number}", "join")
        for number in range(width)
    )
    return (
        '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="end"/>'
        + branches
        + flow("start", "fork")
        + flow("join", "end")
    )


def multi_instance() -> str:
    return (
        '<startEvent id="start"/><userTask id="each"><multiInstanceLoopCharacteristics camunda:collection="people" '
        'camunda:elementVariable="who"/></userTask><endEvent id="end"/>' + flow("start", "each") + flow("each", "end")
    )


def measurements(runs_on: str) -> Iterator[Measured]:
    people = {"manager": "eva", "firstName": "Ada", "lastName": "Byron", "startDate": "2026-12-01", "department": "it"}
    name, onboardings = "onboarding, 8 user tasks", (PASSES + 1) * INSTANCES
    rounds = [
        measure(name, onboarding(), people, lambda turn: {f"done{turn}": True}, runs_on=runs_on)
        for _ in range(onboardings)
    ][INSTANCES:]  # the first pass compiles what is kept afterwards
    onboarded = Measured(name, sum(each.start for each in rounds) / len(rounds), [], rounds[0].largest, PASSES)
    onboarded.commands = [each for one in rounds for each in one.commands]
    yield onboarded
    again = '<userTask id="again"/>'
    yield measure(
        "loop, 10,000 turns", loop(again), {"n": 0, "limit": 10_000}, lambda turn: {"n": turn + 1}, runs_on=runs_on
    )
    script = '<scriptTask id="again" scriptFormat="python"><script>n = n + 1</script></scriptTask>'
    yield measure("script loop, 10,000 in one command", loop(script), {"n": 0, "limit": 10_000}, runs_on=runs_on)
    yield measure("parallel, 200 ways", parallel(200), {}, runs_on=runs_on)
    yield measure(
        "multi-instance, 1,000 at once", multi_instance(), {"people": [f"p{n}" for n in range(1000)]}, runs_on=runs_on
    )


def main() -> None:
    heading = ("start", 10), ("mean", 8), ("median", 8), ("first 10%", 10), ("last 10%", 10), ("max bytes", 11)
    print(f"{'microseconds of CPU':34}" + "".join(f"{title:>{width}}" for title, width in heading) + f"{'commands':>9}")
    for runs_on in EXECUTORS:
        print(runs_on)
        for each in measurements(runs_on):
            print(each)
            if each.passes > 1:
                print(in_passes(each))


if __name__ == "__main__":
    main()
