"""The example plays to the same end on both executors, whatever is decided and in whatever order it is done."""

from __future__ import annotations

import random
import sys
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from bpmn import ExclusiveGateway, read
from tests.execution.spiff.pairs import PairedEngine, make, offered, seen
from tests.workflows.onboarding_plan import DECISIONS, applicable, variables_for

ONBOARDING = Path(__file__).resolve().parents[3] / "examples" / "onboarding.bpmn"
COMBINATIONS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(DECISIONS, size) for size in range(len(DECISIONS) + 1))
]
#: Each combination is played in this many orders; in every second one timers fall due in between.
ORDERS = 2


class NotifiedEngine(PairedEngine):
    """Notices are only counted."""

    def handler(self, name: str) -> Any:
        def notify(execution: Any) -> None:
            self.calls += 1

        return notify


def play(decided: frozenset[str], order: int) -> tuple[int, frozenset[str]]:
    """Commands until the end, and the activities that were done."""
    pair = [NotifiedEngine("native"), NotifiedEngine("spiff")]
    for engine in pair:
        engine.deploy(ONBOARDING.read_bytes())
        engine.start("onboarding", variables_for(decided))
    chance, commands, done = random.Random(f"{sorted(decided)} {order}"), 1, set[str]()
    while pair[0].instances or pair[1].instances:
        assert seen(pair[0]) == seen(pair[1])
        kinds = ("task", "job") if order % 2 else ("task",)
        move = chance.choice([each for each in offered(pair[0]) if each[0] in kinds])
        assert [make(engine, move, {}) for engine in pair] == ["done", "done"]
        done.add(move[2])
        commands += 1
    assert pair[0].ended_variables == pair[1].ended_variables
    assert pair[0].calls == pair[1].calls
    return commands, frozenset(done)


def test_the_onboarding_plays_to_the_same_end_on_both_executors_for_every_combination_of_decisions() -> None:
    commands, ways = 0, set[frozenset[str]]()
    for decided in COMBINATIONS:
        for order in range(ORDERS):
            taken, done = play(decided, order)
            commands += taken
            if order == 0:
                ways.add(done)
    sys.stdout.write(f"\nonboarding: {len(COMBINATIONS)} combinations, {ORDERS} orders each, {commands} commands ")
    assert len(ways) == len({frozenset(applicable(each)) for each in COMBINATIONS}) > 1


def test_every_choice_of_the_example_is_among_the_combinations() -> None:
    (model,) = read(ONBOARDING.read_bytes()).processes
    choices = [node for node in model.nodes.values() if isinstance(node, ExclusiveGateway) and len(node.outgoing) > 1]
    assert len(choices) == len(DECISIONS)
    assert len(COMBINATIONS) == 2 ** len(choices)
