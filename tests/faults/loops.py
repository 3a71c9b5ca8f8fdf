"""A task that comes again ten thousand times: the instance stays small and as quick as on its first day."""

from __future__ import annotations

import time

from sqlalchemy import select

from engine import SYSTEM, ProcessEngine, complete_task
from engine.database.tables import process_instance, task
from tests.engine.play import deploy, start
from tests.faults.finding import Finding, Stage, percentile
from tests.faults.writers import LOOP

FLAT = 1.5
#: Bytes by which numbers grow as they count on.
DIGITS = 20


def ten_thousand_turns(stage: Stage) -> Finding:
    finding = Finding()
    turns = stage.size(300, 10_000)
    with stage.engine("sqlite") as engine:
        first, last, sizes = _turn(engine, turns, {})
    finding.lost = turns - len(sizes)
    finding.expect(max(sizes) < min(sizes) + DIGITS, f"the state grew from {min(sizes)} to {max(sizes)} bytes")
    finding.expect(last < first * FLAT, f"a turn took {first:.2f} ms of CPU at first and {last:.2f} at last")
    finding.figures = (
        f"{turns:,} turns, alive: {max(sizes)} bytes of state, {first:.2f} ms of CPU a turn at first, "
        f"{last:.2f} at last"
    )
    with stage.engine("sqlite") as engine:
        _, _, grown = _turn(engine, 50, {"said": "x" * 200})
    finding.expect(grown[-1] > 10 * grown[0], "a variable for every turn does not show in the state")
    finding.control = f"one that keeps what each turn said grows from {grown[0]} to {grown[-1]} bytes in 50"
    return finding


def _turn(engine: ProcessEngine, turns: int, said: dict[str, str]) -> tuple[float, float, list[int]]:
    """The quicker ones of the first and of the last tenth (a busy machine makes turns slower, never quicker), in
    milliseconds of CPU, and the bytes of state after each turn."""
    deploy(engine, LOOP)
    instance = start(engine, "loop")
    waiting = (
        select(task.c.id, process_instance.c.state).join(process_instance).where(process_instance.c.id == instance.id)
    )
    taken, sizes = list[float](), list[int]()
    with engine.database.read() as connection:
        found = connection.execute(waiting).one()
    for turn in range(turns):
        began = time.thread_time()
        with engine.command(SYSTEM) as context:
            complete_task(context, found.id, {f"{name}{turn}": value for name, value in said.items()})
        taken.append((time.thread_time() - began) * 1000)
        with engine.database.read() as connection:
            found = connection.execute(waiting).one()
        sizes.append(len(found.state))
    tenth = max(turns // 10, 1)
    return percentile(taken[:tenth], 0.1), percentile(taken[-tenth:], 0.1), sizes
