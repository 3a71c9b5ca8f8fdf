"""kill -9 at every point of a job's execution: each job is done once, whoever dies."""

from __future__ import annotations

from engine import SYSTEM, JobQuery, ProcessEngine, find_jobs, set_retries
from tests.faults import crowd
from tests.faults.crowd import Story
from tests.faults.effects import TURNS, Count, begin, count
from tests.faults.finding import Finding, Stage, address
from tests.faults.points import POINTS

#: Of dying at one point: a job passes five, so one in twelve takes its worker along.
DEATHS = 0.016
#: At the small size each point must still be met.
MORE_DEATHS = 0.05


def on_postgresql(stage: Stage) -> Finding:
    """Four worker processes that are killed and come back."""
    return _kills(
        stage,
        "postgresql",
        "tests.faults.nodes:distributed_node",
        workers=stage.size(2, 4),
        jobs=stage.size(64, 10_000),
    )


def embedded(stage: Stage) -> Finding:
    """One process on SQLite whose waker runs the jobs; it is killed and comes back."""
    return _kills(stage, "sqlite", "tests.faults.nodes:embedded_node", workers=1, jobs=stage.size(64, 3_000))


def _kills(stage: Stage, dialect: str, work: str, workers: int, jobs: int) -> Finding:
    finding = Finding()
    with stage.engine(dialect) as engine:
        begin(engine, jobs)
        story = _story(stage, engine, work, workers)
        given_up = _retry_incidents(engine)
        if given_up:
            _story(stage, engine, work, workers)
        counted = count(engine, jobs // TURNS * TURNS)
        finding.lost, finding.duplicated = counted.lost, counted.duplicated
        finding.expect(story.in_time and story.failures == 0, f"the workers did not come to an end: {story}")
        finding.expect(story.kills > 0 and set(story.points) == set(POINTS), f"not killed everywhere: {story.points}")
    finding.figures = (
        f"{story.kills} kills / {jobs:,} jobs in {story.seconds:.0f} s, {given_up} incidents retried: "
        f"lost {counted.lost}, duplicated {counted.duplicated}"
    )
    doubled, lost = (unfenced_count(stage, dialect, first) for first in ("effect", "end"))
    finding.expect(doubled.duplicated > 0 and lost.lost > 0, "the controls found nothing")
    finding.control = f"in two transactions, duplicated {doubled.duplicated} or lost {lost.lost} of {CONTROL_JOBS}"
    return finding


def _story(stage: Stage, engine: ProcessEngine, work: str, workers: int) -> Story:
    return crowd.play(
        work,
        stage.home,
        workers,
        limit_s=stage.size(300, 1_200),
        url=address(engine),
        deaths=DEATHS if stage.full else MORE_DEATHS,
        seed=stage.seed,
    )


def _retry_incidents(engine: ProcessEngine) -> int:
    """A job that met five deaths in a row is held to have caused them; an administrator knows better. How many."""
    with engine.query(SYSTEM) as context:
        given_up = find_jobs(context, JobQuery(no_retries_left=True))
    for each in given_up:
        with engine.command(SYSTEM) as context:
            set_retries(context, each.id, 3)
    return len(given_up)


CONTROL_JOBS = 48


def unfenced_count(stage: Stage, dialect: str, first: str) -> Count:
    """What jobs come to that are done in two transactions by one worker that is killed: `first` the effect, or the
    end of the job."""
    with stage.engine(dialect) as engine:
        begin(engine, CONTROL_JOBS)
        crowd.play(
            "tests.faults.unfenced:worker",
            stage.home,
            1,
            limit_s=60,
            url=address(engine),
            deaths=0.2,
            seed=stage.seed,
            first=first,
        )
        return count(engine, CONTROL_JOBS)
