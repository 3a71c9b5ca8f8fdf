"""Both executors, side by side: random models and hand-made ones, random walks, the same to see after every command.

What the two share by construction (variables, what is listened for, who catches) these walks hold only against each
other's bookkeeping; what SpiffWorkflow decides (which way, what joins, how often, when it is over) they hold against an
implementation that knows nothing of it."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway as StockParallelGateway

from engine.execution.native.state import JOINING
from engine.execution.spiff import specs
from engine.execution.spiff.repeating import SequentialTurns
from engine.execution.spiff.workflow import ACTIVITY
from tests.execution.blocks import KINDS, LEAVES, Block, Writer
from tests.execution.play import MODELS
from tests.execution.player import CONFORMANCE
from tests.execution.spiff.pairs import HUNT, Tally, walk
from tests.execution.walks import variable_names
from tests.execution.world import MemoryEngine, Refused

RANDOM_MODELS = 150 * HUNT
WALKS = 2
OWN = sorted(each for each in MODELS.glob("*.bpmn") if each.stem != "a_loop_without_a_wait_is_stopped")
OTHERS = sorted((CONFORMANCE / "camunda").glob("*.bpmn*")) if CONFORMANCE.is_dir() else []


def a_block(chance: random.Random, leaves: int) -> Block:
    """A random block with about as many leaves."""
    if leaves <= 1 or chance.random() < 0.15:
        return chance.choice(LEAVES), ()
    parts = chance.randint(1, 3)
    return chance.choice(KINDS), tuple(a_block(chance, leaves // parts) for _ in range(parts))


def random_walks(tally: Tally, models: int, first: int = 0) -> None:
    for number in range(first, first + models):
        chance = random.Random(f"model {number}")
        source = Writer().model(a_block(chance, chance.randint(1, 10)))
        tally.models += 1
        for turn in range(WALKS):
            start = {"x": chance.randrange(12)}
            walk(tally, [source], "process", ["x"], f"{number} {turn}", steps=120, start=start)


def told(tally: Tally, what: str) -> None:
    sys.stdout.write(f"\n{what}: {tally} ")
    assert not tally.divergences, tally.divergences[0]


def test_random_models_walk_alike_on_both_executors() -> None:
    tally = Tally()
    random_walks(tally, RANDOM_MODELS)
    assert tally.commands > 8 * RANDOM_MODELS
    told(tally, "random models")


@pytest.mark.parametrize(("what", "files"), [("our models", OWN), ("Camunda's models", OTHERS)])
def test_hand_made_models_walk_alike_on_both_executors(what: str, files: list[Path]) -> None:
    if not files:
        pytest.skip("../shared/conformance is not beside this checkout")
    tally = Tally()
    for path in files:
        source = path.read_bytes()
        siblings = [each.read_bytes() for each in files if "simpleSubProcess" in each.name and each != path]
        engine = MemoryEngine()
        try:
            engine.deploy(source)
        except Refused:
            continue
        tally.models += 1
        for key in engine.latest:
            for turn in range(3 * HUNT):
                walk(tally, [*siblings, source], key, variable_names(source), f"{path.name} {turn}")
    told(tally, what)


# ---------------------------------------------------------------- the walks find what they are for


def join_early(gateway: Any, task: Any) -> None:
    run = task.workflow.top_workflow.run
    task.internal_data[ACTIVITY].phase = JOINING
    here = specs.joining(task)
    if len(here) >= max(len(gateway.inputs) - 1, 1):
        run.merge(here, task)
        run.leave(task.internal_data[ACTIVITY])


def take_the_last_way(gateway: Any, task: Any) -> None:
    run = task.workflow.top_workflow.run
    task._sync_children(gateway.outputs[-1:], 4)
    run.leave(task.internal_data[ACTIVITY])


def join_as_the_library_does(gateway: Any, task: Any) -> None:
    run = task.workflow.top_workflow.run
    task.internal_data[ACTIVITY].phase = JOINING
    if StockParallelGateway._check_threshold_unstructured(gateway, task):
        run.merge(specs.joining(task), task)
        run.leave(task.internal_data[ACTIVITY])


MUTATIONS = {
    "a join that does not wait for all": (specs.ParallelGateway, "_run_hook", join_early),
    "a choice that takes the last way": (specs.ExclusiveGateway, "_run_hook", take_the_last_way),
    "the library's own join": (specs.ParallelGateway, "_run_hook", join_as_the_library_does),
    "a sequence of one turn": (SequentialTurns, "children_complete", lambda turns, task: True),
    "a branch that does not go on": (specs.Token, "chosen", lambda token, task: []),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_walks_find_an_executor_that_goes_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, wrong = MUTATIONS[name]
    monkeypatch.setattr(owner, attribute, wrong)
    tally = Tally()
    for first in range(0, 400, 20):
        random_walks(tally, 20, first)
        if tally.divergences:
            break
    assert tally.divergences, f"{tally}, and {name} was not found"
