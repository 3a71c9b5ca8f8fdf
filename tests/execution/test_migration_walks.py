"""Random walks over our own models: wherever an instance stands, moving it to an equal version changes nothing."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from bpmn import read
from engine.errors import ExpressionFailed
from engine.execution.migration_rules import generate
from engine.execution.protocol import ActivityMoved, IncidentMoved, JobMoved, SubscriptionMoved, TaskMoved
from tests.execution.test_walks import OWN
from tests.execution.walks import AnyHandlerEngine, variable_names, walk
from tests.execution.world import Refused

MOVED = (ActivityMoved, TaskMoved, JobMoved, SubscriptionMoved, IncidentMoved)
WALKS = 4


class TwinEngine(AnyHandlerEngine):
    """Moves every instance to the twin of its definition, and back, after every command that has changed it."""

    def __init__(self, chance: random.Random, source: bytes) -> None:
        super().__init__(chance)
        self.deploy(source)
        self.twins = {}
        for model in read(source).processes:
            if model.process.executable:
                here = self.latest[model.key]
                self.models[f"{here}'"] = model
                self.twins |= {here: f"{here}'", f"{here}'": here}
        self.counted = Counter[str]()

    def move_all(self) -> None:
        for instance_id, stored in list(self.instances.items()):
            source, target = stored.definition_id, self.twins[stored.definition_id]
            plan = generate(self.models[source], self.models[target], source, target)
            before = stored.state
            work = self.executor.begin(self)
            try:
                refused = bool(work.migrate(instance_id, plan))
            except ExpressionFailed:  # a task's name asks for a variable that a walk has deleted
                refused = True
            self.counted["refused" if refused else "moved"] += 1
            if refused:
                continue
            (change,) = work.changes()
            assert change.state == before, plan
            assert all(isinstance(each, MOVED) for each in change.happenings), change.happenings
            stored.definition_id = target


def bounded(engine: TwinEngine, key: str, names: list[str]) -> None:
    for _ in range(6):
        walk(engine, key, names, steps=3)
        engine.move_all()


def moves_through(path: Path) -> Counter[str]:
    source, found = path.read_bytes(), Counter[str]()
    for turn in range(WALKS):
        try:
            engine = TwinEngine(random.Random(f"{path.name} {turn}"), source)
        except Refused:
            return found
        engine.start_jobs.clear()
        for definition_id in [each for each in engine.twins if not each.endswith("'")]:
            bounded(engine, engine.models[definition_id].key, variable_names(source))
        found += engine.counted
    return found


@pytest.mark.parametrize("path", OWN, ids=[each.stem for each in OWN])
def test_moving_to_an_equal_version_changes_nothing(path: Path) -> None:
    moves_through(path)


def test_most_places_can_move() -> None:
    counted = sum((moves_through(each) for each in OWN[::6]), Counter[str]())
    assert counted["moved"] > 5 * counted["refused"] > 0, counted
