"""A task that comes again ten thousand times: the instance stays small, a turn as little work as on the first day."""

from __future__ import annotations

from statistics import median

from sqlalchemy import select

from engine import SYSTEM, ProcessEngine, complete_task
from engine.database.tables import process_instance, task
from tests.calls import calls_of
from tests.engine.play import START, bpmn, deploy, flow, start, user_task
from tests.faults.finding import Finding, Stage
from tests.faults.writers import LOOP

#: Counted in calls of functions, which a busy machine does not change.
FLAT = 1.1
#: Bytes by which numbers grow as they count on.
DIGITS = 20
#: The same loop, but a script in it goes through all turns there have been.
GROWING = bpmn(
    START
    + '<exclusiveGateway id="merge"/>'
    + user_task("again")
    + '<scriptTask id="count" scriptFormat="python"><script>turns = [each for each in turns] + [1] '
    + "if has('turns') else [1]</script></scriptTask>"
    + flow("start", "merge", "again", "count", "merge"),
    "loop",
)


def ten_thousand_turns(stage: Stage) -> Finding:
    finding = Finding()
    turns = stage.size(300, 10_000)
    with stage.engine("sqlite") as engine:
        first, last, sizes = _turn(engine, turns, {})
    finding.lost = turns - len(sizes)
    finding.expect(max(sizes) < min(sizes) + DIGITS, f"the state grew from {min(sizes)} to {max(sizes)} bytes")
    finding.expect(last < first * FLAT, f"a turn made {first:,.0f} calls at first and {last:,.0f} at last")
    finding.figures = (
        f"{turns:,} turns, alive: {max(sizes)} bytes of state, {first:,.0f} calls of functions a turn at first, "
        f"{last:,.0f} at last"
    )
    with stage.engine("sqlite") as engine:
        first, last, grown = _turn(engine, 50, {"said": "x" * 200}, GROWING)
    finding.expect(grown[-1] > 10 * grown[0], "a variable for every turn does not show in the state")
    finding.expect(last > first * FLAT, "a list that is walked in every turn does not show in the calls")
    finding.control = (
        f"one that keeps what each turn said, and goes through its turns, grows from {grown[0]} to {grown[-1]} bytes "
        f"and from {first:,.0f} to {last:,.0f} calls in 50"
    )
    return finding


def _turn(
    engine: ProcessEngine, turns: int, said: dict[str, str], model: bytes = LOOP
) -> tuple[float, float, list[int]]:
    """The median calls of functions in a turn of the first and of the last tenth, and the bytes of state after each
    turn."""
    deploy(engine, model)
    instance = start(engine, "loop")
    waiting = (
        select(task.c.id, process_instance.c.state).join(process_instance).where(process_instance.c.id == instance.id)
    )
    tenth = max(turns // 10, 1)
    calls, sizes = list[int](), list[int]()
    with engine.database.read() as connection:
        found = connection.execute(waiting).one()
    for turn in range(turns):

        def once(turn: int = turn, task_id: str = found.id) -> None:
            with engine.command(SYSTEM) as context:
                complete_task(context, task_id, {f"{name}{turn}": value for name, value in said.items()})

        if turn < tenth or turn >= turns - tenth:
            calls.append(calls_of(once))
        else:
            once()
        with engine.database.read() as connection:
            found = connection.execute(waiting).one()
        sizes.append(len(found.state))
    return median(calls[:tenth]), median(calls[tenth:]), sizes
