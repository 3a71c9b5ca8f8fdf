"""Models nobody drew: every random block-structured model comes to its end, whatever order its work is done in."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.execution.blocks import Block, Writer, blocks
from tests.execution.soundness import unsound
from tests.execution.world import MemoryEngine

MOST_COMMANDS = 3_000
#: One that interrupts nothing may come as often as one likes.
MOST_MESSAGES = 50


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks(), seed=st.integers(0, 2**16))
def test_every_block_structured_model_comes_to_its_end(block: Block, seed: int) -> None:
    engine, chance = MemoryEngine(), random.Random(seed)
    engine.deploy(Writer().model(block))
    instance_id = engine.start("process", {"x": chance.randrange(12)})
    for turn in range(MOST_COMMANDS):
        assert not unsound(engine)
        if instance_id not in engine.instances:
            return
        stored = engine.instances[instance_id]
        moves = [("task", number) for number in stored.tasks] + [("job", number) for number in stored.jobs]
        if turn < MOST_MESSAGES or not moves:
            moves += [
                ("message", number) for number, each in stored.subscriptions.items() if each.event_type == "message"
            ]
        kind, number = chance.choice(moves)
        if kind == "task":
            engine.complete(instance_id, number, {"x": chance.randrange(12)})
        elif kind == "message":
            with engine.command() as work:
                work.deliver(instance_id, number, {"x": chance.randrange(12)})
        else:
            job = stored.jobs[number]
            engine.now = max(engine.now, job.due or engine.now)
            assert engine.execute(job)
    raise AssertionError("it never ends")
