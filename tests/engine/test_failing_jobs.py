"""Jobs that fail: tried again later, given up with an incident, and nobody else the worse for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    CommandContext,
    Conflict,
    DelegateExecution,
    ExecutionFailed,
    IncidentQuery,
    NotFound,
    OptimisticLocking,
    ProcessEngine,
    TestClock,
    execute_job,
    find_incidents,
    run_due,
    set_retries,
)
from engine.database.tables import incident, process_instance
from tests.engine.play import (
    END,
    START,
    bpmn,
    deploy,
    flow,
    history,
    jobs,
    rows,
    start,
    user_task,
    waiting,
)

FLAKY = bpmn(
    START
    + '<serviceTask id="call" camunda:asyncBefore="true" camunda:delegateExpression="${flaky}"/>'
    + user_task("after")
    + END
    + flow("start", "call", "after", "end")
)


class Flaky:
    """A handler that fails a number of times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self, context: CommandContext, execution: DelegateExecution) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise RuntimeError(f"the other system is down ({self.calls})")


# ---------------------------------------------------------------- timers


def test_a_failing_job_is_tried_again_later_and_then_succeeds(engine: ProcessEngine, clock: TestClock) -> None:
    flaky = Flaky(1)
    engine.register_handler("flaky", flaky)
    deploy(engine, FLAKY)
    start(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert (job.retries, job.attempts) == (2, 0)
    assert job.due_at is not None
    assert job.due_at > clock.now()
    assert "the other system is down (1)" in (job.exception_message or "")
    assert "RuntimeError" in (job.exception_trace or "")
    assert waiting(engine) == []
    assert run_due(engine) == 0  # not at once
    clock.advance(timedelta(hours=1))
    assert run_due(engine) == 1
    assert (waiting(engine), jobs(engine), flaky.calls) == (["after"], [], 2)


def test_a_job_without_retries_left_becomes_an_incident_that_new_retries_close(
    engine: ProcessEngine, clock: TestClock
) -> None:
    flaky = Flaky(3)
    engine.register_handler("flaky", flaky)
    deploy(engine, FLAKY)
    instance = start(engine)
    for _ in range(5):
        run_due(engine)
        clock.advance(timedelta(days=1))
    assert flaky.calls == 3
    (job,) = jobs(engine, no_retries_left=True)
    with engine.query(SYSTEM) as context:
        (found,) = find_incidents(context, IncidentQuery(process_instance_id=instance.id))
    assert (found.incident_type, found.configuration, found.activity_id) == ("failedJob", job.id, "call")
    assert "down (3)" in found.message

    with engine.command(SYSTEM) as context:
        set_retries(context, job.id, 1)
    assert rows(engine, incident) == []
    assert run_due(engine) == 1
    assert waiting(engine) == ["after"]


def test_the_retry_cycle_of_the_model_says_how_often_and_when(engine: ProcessEngine, clock: TestClock) -> None:
    engine.register_handler("flaky", Flaky(9))
    deploy(
        engine,
        bpmn(
            START
            + '<serviceTask id="call" camunda:asyncBefore="true" camunda:delegateExpression="${flaky}">'
            + "<extensionElements><camunda:failedJobRetryTimeCycle>R2/PT10M</camunda:failedJobRetryTimeCycle>"
            + "</extensionElements></serviceTask>"
            + END
            + flow("start", "call", "end")
        ),
    )
    start(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert (job.retries, job.due_at) == (1, clock.now() + timedelta(minutes=10))
    clock.advance(timedelta(minutes=10))
    run_due(engine)
    assert jobs(engine)[0].retries == 0
    assert len(rows(engine, incident)) == 1


def test_a_job_that_kills_whoever_runs_it_becomes_an_incident(engine: ProcessEngine) -> None:
    class Killed(BaseException):
        """Nothing that comes after it runs: what `kill -9` looks like from inside."""

    def deadly(context: CommandContext, execution: DelegateExecution) -> None:
        raise Killed

    engine.register_handler("flaky", deadly)
    deploy(engine, FLAKY)
    start(engine)
    for _ in range(5):
        with pytest.raises(Killed):
            run_due(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert (job.retries, len(rows(engine, incident))) == (0, 1)
    assert "begun 5 times" in (job.exception_message or "")


def test_a_conflict_with_somebody_else_costs_a_job_no_retry(engine: ProcessEngine) -> None:
    def in_the_way(context: CommandContext, execution: DelegateExecution) -> None:
        raise OptimisticLocking

    engine.register_handler("flaky", in_the_way)
    deploy(engine, FLAKY)
    start(engine)
    for _ in range(5):
        run_due(engine)
    (job,) = jobs(engine)
    assert (job.retries, job.attempts, job.exception_message) == (3, 0, None)


@pytest.mark.parametrize("error", [NotFound("user", "nobody"), Conflict("It is closed already.")])
def test_what_a_job_does_not_find_or_may_not_do_counts_as_its_failure(engine: ProcessEngine, error: Exception) -> None:
    """Only the job's own end and somebody in the way are no fault of its own."""

    def fail(context: CommandContext, execution: DelegateExecution) -> None:
        raise error

    engine.register_handler("flaky", fail)
    deploy(engine, FLAKY)
    start(engine)
    assert run_due(engine, most=20) == 1
    (job,) = jobs(engine)
    assert (job.retries, job.attempts, job.exception_message) == (2, 0, str(error))


def test_a_failing_job_keeps_nothing_of_what_it_did_and_punishes_no_other(engine: ProcessEngine) -> None:
    engine.register_handler("flaky", Flaky(1))
    deploy(engine, FLAKY)
    start(engine)
    start(engine)
    run_due(engine)
    assert waiting(engine) == ["after"]  # the second one
    assert len(rows(engine, process_instance)) == 2
    assert "call" in history(engine)


def test_executing_a_job_by_hand_tells_why_it_failed(engine: ProcessEngine) -> None:
    engine.register_handler("flaky", Flaky(1))
    deploy(engine, FLAKY)
    start(engine)
    (job,) = jobs(engine)
    with pytest.raises(Exception, match="down"):
        execute_job(engine, job.id)
    execute_job(engine, job.id)
    with pytest.raises(NotFound):
        execute_job(engine, job.id)


def test_a_continuation_commits_before_the_handler_runs(engine: ProcessEngine) -> None:
    """What came before stands, even if the handler never succeeds."""
    deploy(engine, FLAKY)  # no handler is registered at all
    start(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert "flaky" in (job.exception_message or "")
    with pytest.raises(ExecutionFailed):
        execute_job(engine, job.id)
