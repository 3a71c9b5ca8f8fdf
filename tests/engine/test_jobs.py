"""Timers and continuations: run once, when they are due, and told about when they fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import (
    SYSTEM,
    InvalidInput,
    NotFound,
    ProcessEngine,
    Settings,
    TestClock,
    run_due,
    set_due_date,
    set_retries,
)
from engine.database.tables import incident
from engine.jobs import next_due_at
from tests.engine.play import (
    END,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    history,
    jobs,
    rows,
    start,
    user_task,
    waiting,
)


def timer(kind: str, text: str, id: str = "wait") -> str:
    return (
        f'<intermediateCatchEvent id="{id}"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>'
        "</intermediateCatchEvent>"
    )


def boundary(kind: str, text: str, *, interrupting: bool = True) -> str:
    return (
        f'<boundaryEvent id="late" attachedToRef="work" cancelActivity="{str(interrupting).lower()}">'
        f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition></boundaryEvent>"
    )


def escalating(kind: str, text: str, *, interrupting: bool) -> bytes:
    return bpmn(
        START
        + user_task("work")
        + boundary(kind, text, interrupting=interrupting)
        + user_task("escalated")
        + END
        + flow("start", "work", "end")
        + flow("late", "escalated", "end")
    )


def test_a_timer_fires_when_it_is_due_and_not_before(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(
        engine,
        bpmn(START + timer("timeDuration", "PT2H") + user_task("after") + END + flow("start", "wait", "after", "end")),
    )
    start(engine)
    (job,) = jobs(engine)
    assert (job.type, job.due_at, job.retries) == ("timer", clock.now() + timedelta(hours=2), 3)
    clock.advance(timedelta(minutes=119))
    assert run_due(engine) == 0
    clock.advance(timedelta(minutes=1))
    assert run_due(engine) == 1
    assert (waiting(engine), jobs(engine)) == (["after"], [])


def test_a_date_without_time_fires_when_the_office_opens(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + timer("timeDate", "${firstDay}") + END + flow("start", "wait", "end")))
    start(engine, variables={"firstDay": "2027-04-06"})
    assert jobs(engine)[0].due_at == datetime(2027, 4, 6, 6, 0, tzinfo=UTC)  # eight o'clock, summer time


def test_an_interrupting_escalation_takes_the_task_away(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=True))
    start(engine)
    clock.advance(timedelta(days=3))
    run_due(engine)
    assert waiting(engine) == ["escalated"]
    assert history(engine)["work"].canceled


def test_a_reminder_leaves_the_task_and_repeats_as_often_as_it_says(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, escalating("timeCycle", "R2/P1D", interrupting=False))
    start(engine)
    for expected in (["escalated", "work"], ["escalated", "escalated", "work"], ["escalated", "escalated", "work"]):
        clock.advance(timedelta(days=1))
        run_due(engine)
        assert waiting(engine) == expected
    assert jobs(engine) == []


def test_completing_a_task_removes_its_timer(engine: ProcessEngine) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    start(engine)
    complete(engine, "work")
    assert jobs(engine) == []


def test_what_became_overdue_while_nobody_ran_fires_once(
    engine: ProcessEngine, clock: TestClock, database_url: str
) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    start(engine)
    clock.advance(timedelta(days=30))
    restarted = ProcessEngine(Settings(database_url, engine.settings.home), clock)
    assert run_due(restarted) == 1
    assert run_due(restarted) == 0
    restarted.close()
    assert waiting(engine) == ["escalated", "work"]


def test_the_next_due_moment_is_that_of_the_earliest_job_that_may_run(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    with engine.query(SYSTEM) as context:
        assert next_due_at(context) is None
    start(engine)
    clock.advance(timedelta(days=1))
    start(engine)
    with engine.query(SYSTEM) as context:
        assert next_due_at(context) == clock.now() + timedelta(days=2)


def test_the_engine_tells_its_waker_of_an_earlier_job_after_the_commit(engine: ProcessEngine, clock: TestClock) -> None:
    told: list[datetime | None] = []
    engine.on_due = told.append
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    start(engine)
    assert told == [clock.now() + timedelta(days=3)]


# ---------------------------------------------------------------- start timers


def test_a_start_timer_starts_an_instance_at_every_turn_of_its_cycle(engine: ProcessEngine, clock: TestClock) -> None:
    source = bpmn(
        '<startEvent id="start"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>'
        "</startEvent>" + user_task("work") + END + flow("start", "work", "end")
    )
    deploy(engine, source)
    for expected in (1, 2, 3, 3):
        clock.advance(timedelta(hours=1))
        run_due(engine)
        assert len(waiting(engine)) == expected
    assert jobs(engine) == []


def test_only_the_newest_version_is_started_by_its_timer(engine: ProcessEngine, clock: TestClock) -> None:
    def source(hours: int) -> bytes:
        return bpmn(
            f'<startEvent id="start"><timerEventDefinition><timeDuration>PT{hours}H</timeDuration>'
            "</timerEventDefinition></startEvent>" + user_task("work") + END + flow("start", "work", "end")
        )

    deploy(engine, source(1))
    newest = deploy(engine, source(2))
    (job,) = jobs(engine)
    assert (job.definition_id, job.process_instance_id) == (newest, None)
    clock.advance(timedelta(hours=1))
    assert run_due(engine) == 0
    clock.advance(timedelta(hours=1))
    assert run_due(engine) == 1


# ---------------------------------------------------------------- failing


def test_retries_and_due_dates_are_set_and_nonsense_refused(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    start(engine)
    (job,) = jobs(engine)
    with engine.command(SYSTEM) as context:
        set_due_date(context, job.id, clock.now())
    assert run_due(engine) == 1
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        set_retries(context, job.id, -1)
    with pytest.raises(NotFound), engine.command(SYSTEM) as context:
        set_retries(context, job.id, 1)


def test_a_job_whose_retries_are_taken_away_is_an_incident_and_does_not_run(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    start(engine)
    (job,) = jobs(engine)
    with engine.command(SYSTEM) as context:
        set_retries(context, job.id, 0)
    clock.advance(timedelta(days=3))
    assert run_due(engine) == 0
    assert len(rows(engine, incident)) == 1


def test_jobs_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    definition = deploy(engine, escalating("timeDuration", "P3D", interrupting=False))
    instance = start(engine)
    (job,) = jobs(engine)
    due = clock.now() + timedelta(days=3)
    for filters, expected in (
        ({"id": job.id}, 1),
        ({"ids": (job.id,)}, 1),
        ({"process_instance_id": instance.id}, 1),
        ({"process_instance_ids": ()}, 0),
        ({"definition_id": definition, "definition_key": "p", "activity_id": "late"}, 1),
        ({"timers": True}, 1),
        ({"messages": True}, 0),
        ({"executable": True}, 0),
        ({"with_exception": True}, 0),
        ({"with_retries_left": True, "active": True}, 1),
        ({"no_retries_left": True}, 0),
        ({"suspended": True}, 0),
        ({"due_before": due}, 0),
        ({"due_after": due - timedelta(seconds=1)}, 1),
    ):
        assert len(jobs(engine, **filters)) == expected, filters


def test_nothing_fires_by_itself_with_a_clock_that_stands_still(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    assert run_due(engine) == 0
