"""Walks on both executors side by side: the same random moves, and after each the same to see."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.errors import EngineError
from engine.execution.protocol import ActivityView, DelegateExecution
from tests.execution.soundness import unsound
from tests.execution.walks import VALUES
from tests.execution.world import JobRow, MemoryEngine, Stored

#: Times as many models as in the daily run; a long hunt sets it.
HUNT = int(os.environ.get("ONEDOOR_WALKS", "1"))


class HandlerFailed(Exception):
    pass


class PairedEngine(MemoryEngine):
    """Every handler is registered; each eighth call fails, so that both engines of a pair fail at the same call."""

    def __init__(self, executor: str) -> None:
        super().__init__(executor)
        self.calls = 0

    def handler(self, name: str) -> Any:
        def handle(execution: DelegateExecution) -> None:
            self.calls += 1
            if self.calls % 8 == 0:
                raise HandlerFailed(name)
            execution.variables["handled"] = name

        return handle


#: Something to do: what kind of thing, of which instance, at which element, the how-manyth of those there.
Move = tuple[str, str, str, int]


def things(stored: Stored) -> dict[str, list[tuple[str, Any]]]:
    """What can be done with an instance, by kind: the element and the row."""
    heard = stored.subscriptions
    open_tasks = [(each.element_id, each.number) for each in (*stored.tasks.values(), *stored.externals.values())]
    return {
        "task": open_tasks,
        "job": [(each.element_id, each) for each in stored.jobs.values()],
        "message": [(each.element_id, number) for number, each in heard.items() if each.event_type == "message"],
        "signal": [(each.element_id, each.event_name) for each in heard.values() if each.event_type == "signal"],
        "error": [(each.element_id, each.number) for each in stored.externals.values()],
        "set": [("", 0)],
    }


def offered(engine: MemoryEngine) -> list[Move]:
    found: list[Move] = []
    for instance_id, stored in engine.instances.items():
        for kind, rows in things(stored).items():
            seen = Counter[str]()
            for element, _ in rows:
                found.append((kind, instance_id, element, seen[element]))
                seen[element] += 1
    return sorted(found)


def make(engine: MemoryEngine, move: Move, given: dict[str, Any]) -> str:
    """Does it; "done", or the name of the error that refused it."""
    kind, instance_id, element, place = move
    row = [each for at, each in things(engine.instances[instance_id])[kind] if at == element][place]
    try:
        if kind == "task":
            engine.complete(instance_id, row, given)
        elif kind == "job":
            assert isinstance(row, JobRow)
            engine.now = max(engine.now, row.due or engine.now)
            engine.execute(row)
        elif kind == "signal":
            engine.signal(row, given)
        else:
            with engine.command() as work:
                if kind == "message":
                    work.deliver(instance_id, row, given)
                elif kind == "error":
                    work.throw_error(instance_id, row, "e", None, given)
                else:
                    work.set_variables(instance_id, 0, given)
    except (EngineError, HandlerFailed) as error:
        return type(error).__name__
    return "done"


def paths(view: ActivityView, above: str = "") -> Iterator[str]:
    here = f"{above}/{view.element_id}{'#body' if view.body else ''}{'~' if view.waiting_async else ''}"
    yield here
    for child in view.children:
        yield from paths(child, here)


def seen(engine: MemoryEngine) -> dict[str, Any]:
    """Everything that is to be the same: instances, their variables, tasks, jobs, subscriptions, and where tokens
    stand."""
    found: dict[str, Any] = {"started": sorted(engine.started), "ended": engine.ended_variables}
    for instance_id, stored in engine.instances.items():
        model = engine.models[stored.definition_id]
        tasks, heard = stored.tasks.values(), stored.subscriptions.values()
        found[instance_id] = {
            "variables": engine.executor.variables(model, stored.state),
            "tasks": sorted(
                (each.element_id, str(each.name), str(each.assignee), each.candidate_groups) for each in tasks
            ),
            "external": sorted((each.element_id, each.topic) for each in stored.externals.values()),
            "jobs": sorted((each.element_id, str(each.due)) for each in stored.jobs.values()),
            "subscriptions": sorted((each.element_id, each.event_type, str(each.event_name)) for each in heard),
            "tree": sorted(paths(engine.executor.activity_tree(model, stored.state))),
        }
    return found


@dataclass
class Tally:
    models: int = 0
    walks: int = 0
    commands: int = 0
    refused: int = 0
    divergences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.models} models, {self.walks} walks, {self.commands} commands "
            f"({self.refused} refused alike), {len(self.divergences)} divergences"
        )


def walk(
    tally: Tally, sources: list[bytes], key: str, names: list[str], seed: str, steps: int = 25, start: Any = None
) -> bool:
    """One walk through a process on both executors; False, and noted, where they part."""
    chance = random.Random(seed)
    pair = [PairedEngine("native"), PairedEngine("spiff")]
    for engine in pair:
        engine.deploy(*sources)
        engine.start_jobs.clear()
    tally.walks += 1
    given = start if start is not None else {name: chance.choice(VALUES) for name in names}
    results = [_begin(engine, key, given) for engine in pair]
    story = [f"start {given}"]
    for _ in range(steps):
        tally.commands += 1
        tally.refused += results[0] != "done"
        first, second = (seen(engine) for engine in pair)
        if results[0] != results[1] or first != second or unsound(pair[1]):
            what = unsound(pair[1]) or [
                f"{part}: {first.get(part)} on native, {second.get(part)} on spiff"
                for part in first
                if first.get(part) != second.get(part)
            ]
            tally.divergences.append(f"{key}, seed {seed}, after {story}: {results} {what}")
            return False
        moves = offered(pair[0])
        if not moves:
            break
        move = chance.choice(moves)
        given = {chance.choice(names): chance.choice(VALUES)} if start is None else {"x": chance.randrange(12)}
        story.append(f"{move} {given}")
        results = [make(engine, move, given) for engine in pair]
    return True


def _begin(engine: PairedEngine, key: str, given: dict[str, Any]) -> str:
    try:
        engine.start(key, given, user="kermit")
    except (EngineError, HandlerFailed) as error:
        return type(error).__name__
    return "done"
