"""Priorities of jobs: given by the process, by the activity, by hand; and in which order jobs run."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from engine import (
    ExpressionFailed,
    NotFound,
    ProcessEngine,
    TestClock,
    delete_job,
    execute_job,
    modify_instance,
    run_due,
    set_job_priority,
)
from engine.database.tables import job
from tests.engine.play import (
    END,
    HANNA,
    OWNER,
    START,
    bpmn,
    complete,
    deploy,
    flow,
    jobs,
    rows,
    start,
    tasks,
    user_task,
    waiting,
)


def later(task: str, attributes: str = "", *, process: str = "", key: str = "p") -> bytes:
    """A process that waits, asynchronously, before one task."""
    node = user_task(task, f'camunda:asyncBefore="true" {attributes}')
    return bpmn(START + node + END + flow("start", task, "end"), key, attributes=process)


@pytest.mark.parametrize(
    ("process", "activity", "priority"),
    [
        ("", "", 0),
        ('camunda:jobPriority="5"', "", 5),
        ('camunda:jobPriority="5"', 'camunda:jobPriority="9"', 9),
        ('camunda:jobPriority="${urgent}"', "", 70),
        ('camunda:jobPriority="5"', 'camunda:jobPriority="${urgent + 1}"', 71),
        ("", 'camunda:jobPriority="-3"', -3),
    ],
)
def test_the_activitys_priority_goes_before_the_processs(
    engine: ProcessEngine, process: str, activity: str, priority: int
) -> None:
    deploy(engine, later("work", activity, process=process))
    start(engine, variables={"urgent": 70})
    assert [each.priority for each in jobs(engine)] == [priority]


def test_a_priority_that_is_no_number_leaves_no_trace(engine: ProcessEngine) -> None:
    deploy(engine, later("work", 'camunda:jobPriority="${urgent}"'))
    with pytest.raises(ExpressionFailed, match="job priority is 'very': a whole number is needed"):
        start(engine, variables={"urgent": "very"})
    assert jobs(engine) == []


def test_timers_have_the_priority_of_their_event_and_start_timers_too(engine: ProcessEngine) -> None:
    timed = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    deploy(engine, bpmn(
        f'<startEvent id="start" camunda:jobPriority="8">{timed}</startEvent>'
        f'<intermediateCatchEvent id="wait" camunda:jobPriority="7">{timed}</intermediateCatchEvent>' + END
        + flow("start", "wait", "end"), attributes='camunda:jobPriority="6"',
    ))  # fmt: skip
    start(engine)
    assert {each.activity_id: each.priority for each in jobs(engine)} == {"start": 8, "wait": 7}
    source = bpmn(f'<startEvent id="start">{timed}</startEvent>' + END + flow("start", "end"), "q",
                  attributes='camunda:jobPriority="${missing}"')  # fmt: skip
    with pytest.raises(ExpressionFailed, match="job priority"):
        deploy(engine, source, "q")


def test_whoever_is_woken_for_a_job_hears_its_priority(engine: ProcessEngine) -> None:
    heard: list[int] = []
    engine.defer = lambda context: heard.extend(each.priority for each in context.wake_ups)
    timed = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    deploy(engine, bpmn(f'<startEvent id="start" camunda:jobPriority="8">{timed}</startEvent>' + END
                        + flow("start", "end")))  # fmt: skip
    assert heard == [8]
    signal = '<startEvent id="start" camunda:asyncBefore="true"><signalEventDefinition signalRef="s"/></startEvent>'
    thrown = '<intermediateThrowEvent id="throw"><signalEventDefinition signalRef="s" camunda:async="true"/>'
    deploy(engine, bpmn(signal + END + flow("start", "end"), "heard", attributes='camunda:jobPriority="6"',
                        beside='<signal id="s" name="s"/>'), "heard")  # fmt: skip
    deploy(engine, bpmn(START + thrown + "</intermediateThrowEvent>" + END + flow("start", "throw", "end"), "throwing",
                        beside='<signal id="s" name="s"/>'), "throwing")  # fmt: skip
    start(engine, "throwing")
    assert heard == [8, 6]
    (put_off,) = [each for each in jobs(engine) if each.priority == 6]
    with engine.command(OWNER) as context:
        set_job_priority(context, put_off.id, 9)
    assert heard == [8, 6, 9]


def test_what_is_due_runs_in_the_order_of_priorities(engine: ProcessEngine) -> None:
    deploy(engine, later("work", 'camunda:jobPriority="${urgent}"'))
    for urgent in (1, 50, 7):
        start(engine, variables={"urgent": urgent}, business_key=str(urgent))
    assert run_due(engine, most=1) == 1
    ran = [each.process_instance_id for each in tasks(engine)]
    assert [each.priority for each in jobs(engine, sort=(("priority", "desc"),))] == [7, 1]
    assert len(ran) == 1
    (lowest,) = [each for each in jobs(engine) if each.priority == 1]
    with engine.command(OWNER) as context:
        set_job_priority(context, lowest.id, 100)
    run_due(engine, most=1)
    assert [each.priority for each in jobs(engine)] == [7]
    with pytest.raises(NotFound), engine.command(HANNA) as context:  # she has no part in it
        set_job_priority(context, jobs(engine)[0].id, 1)


def test_a_deleted_job_never_runs_and_its_token_is_moved_on_by_hand(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, later("work"))
    instance = start(engine)
    (found,) = jobs(engine)
    with engine.command(OWNER) as context:
        delete_job(context, found.id)
    clock.advance(timedelta(days=1))
    assert run_due(engine) == 0
    with pytest.raises(NotFound):
        execute_job(engine, found.id)
    with engine.command(OWNER) as context:
        modify_instance(context, instance.id, [
            {"type": "cancel", "activityId": "work"}, {"type": "startAfterActivity", "activityId": "work"},
        ])  # fmt: skip
    assert (waiting(engine), jobs(engine)) == ([], [])


@pytest.mark.parametrize("exclusive", ["true", "false"])
def test_jobs_of_one_instance_never_run_at_the_same_moment(engine: ProcessEngine, exclusive: str) -> None:
    """An instance is locked while one of its jobs runs, so what is said to be exclusive is, and the rest is as well."""
    branches = "".join(
        f'<serviceTask id="s{each}" camunda:asyncBefore="true" camunda:exclusive="{exclusive}" '
        f'camunda:expression="${{execution.setVariable(\'n\', n + 1)}}"/>' + flow("fork", f"s{each}", "join")
        for each in range(4)
    )  # fmt: skip
    deploy(engine, bpmn(START + '<parallelGateway id="fork"/><parallelGateway id="join"/>' + branches
                        + user_task("after", "camunda:assignee=\"${n == 4 ? 'all' : 'lost'}\"") + END
                        + flow("start", "fork") + flow("join", "after", "end")))  # fmt: skip
    start(engine, variables={"n": 0})
    assert {row.exclusive for row in rows(engine, job)} == {exclusive == "true"}
    threads = [threading.Thread(target=execute_job, args=(engine, each.id)) for each in jobs(engine)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (after,) = tasks(engine)
    assert after.assignee == "all"
    complete(engine, "after")
