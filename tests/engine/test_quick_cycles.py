"""The times of a cycle lie ten seconds apart: a quicker one is refused, or goes on slower where it was there before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    ExpressionFailed,
    ModelRefused,
    ProcessEngine,
    TestClock,
    delete_deployment,
    deploy_resources,
    run_due,
)
from tests.engine.play import END, START, bpmn, complete, deploy, flow, jobs, start, user_task, waiting

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUICK = "R/PT0.000001S"


def nagging(cycle: str) -> bytes:
    """start -> first -> work -> end, and the cycle once work has begun."""
    event = (
        '<boundaryEvent id="again" attachedToRef="work" cancelActivity="false"><timerEventDefinition>'
        f"<timeCycle>{cycle}</timeCycle></timerEventDefinition></boundaryEvent>"
    )
    body = START + user_task("first") + user_task("work") + event + user_task("nag") + END
    return bpmn(body + flow("start", "first", "work", "end") + flow("again", "nag"))


def beginning(cycle: str) -> bytes:
    """The cycle starts it."""
    event = f"<timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition>"
    return bpmn(f'<startEvent id="start">{event}</startEvent>' + user_task("work") + END + flow("start", "work", "end"))


def deployed_before(engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch, source: bytes) -> None:
    """By a release that had no such rule."""
    with monkeypatch.context() as earlier:
        earlier.setattr("bpmn.timers.SHORTEST_PERIOD", timedelta())
        deploy(engine, source)


@pytest.mark.parametrize("make", [nagging, beginning])
def test_one_that_is_written_out_is_not_deployed(engine: ProcessEngine, make: Callable[[str], bytes]) -> None:
    with pytest.raises(ModelRefused, match="less than 10 seconds apart"):
        deploy(engine, make(QUICK))


def test_one_that_an_expression_gives_is_refused(engine: ProcessEngine) -> None:
    deploy(engine, nagging("${often}"))
    start(engine, variables={"often": QUICK})
    with pytest.raises(ExpressionFailed, match="less than 10 seconds apart"):
        complete(engine, "first")
    complete(engine, "first", variables={"often": "R/PT10S"})
    assert waiting(engine) == ["work"]
    with pytest.raises(ExpressionFailed, match="less than 10 seconds apart"):
        deploy(engine, beginning("${'" + QUICK + "'}"))


@pytest.mark.parametrize(("cycle", "seconds"), [("R3/PT5S", [5, 15, 25]), ("* * * * * ?", [1, 11, 21, 31])])
def test_one_of_a_model_of_an_earlier_release_fires_slower(
    engine: ProcessEngine, clock: TestClock, monkeypatch: pytest.MonkeyPatch, cycle: str, seconds: list[int]
) -> None:
    deployed_before(engine, monkeypatch, nagging(cycle))
    start(engine)
    began = clock.now()
    complete(engine, "first")
    for count, second in enumerate(seconds):
        assert [job.due_at for job in jobs(engine)] == [began + timedelta(seconds=second)]
        clock.advance(began + timedelta(seconds=second) - clock.now())
        run_due(engine)
        assert waiting(engine).count("nag") == count + 1
    assert len(jobs(engine)) == (0 if cycle.startswith("R3") else 1)


@pytest.mark.parametrize("cycle", ["R/PT5S", "${'R/PT5S'}", "* * * * * ?"])
def test_one_that_starts_a_flow_does_so_again_after_the_newer_version_is_deleted(
    engine: ProcessEngine, clock: TestClock, monkeypatch: pytest.MonkeyPatch, cycle: str
) -> None:
    deployed_before(engine, monkeypatch, beginning(cycle))
    with engine.command(SYSTEM) as context:
        newest = deploy_resources(context, "newest", [("test.bpmn", beginning("R/P1D"))])
    with engine.command(SYSTEM) as context:
        delete_deployment(context, newest.deployment.id)
    for _ in range(2):
        clock.advance(timedelta(seconds=10))
        run_due(engine)
    assert waiting(engine) == ["work", "work"]
    [job] = jobs(engine)
    assert job.due_at is not None
    assert timedelta() < job.due_at - clock.now() <= timedelta(seconds=10)
