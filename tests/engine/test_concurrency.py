"""Several people at one instance at the same moment: everything that can be done is done once, and nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable

from engine import (
    SYSTEM,
    Conflict,
    Correlation,
    NotFound,
    ProcessEngine,
    claim_task,
    complete_task,
    correlate,
    execute_job,
    get_variables,
    set_variables,
)
from engine.context import Actor
from engine.database.tables import historic_activity_instance, process_instance
from tests.engine.play import (
    END,
    HANNA,
    START,
    bpmn,
    deploy,
    flow,
    historic_instance,
    jobs,
    parallel_tasks,
    rows,
    start,
    tasks,
    user_task,
    waiting,
)


def at_once(calls: Iterable[Callable[[], None]]) -> Counter[str]:
    """Makes all calls at the same moment, a thread each; how often each outcome came, by name of the error or
    "done"."""
    calls = list(calls)
    outcomes: list[str] = []
    ready = threading.Barrier(len(calls))

    def make(call: Callable[[], None]) -> None:
        ready.wait(30)
        try:
            call()
        except (NotFound, Conflict) as error:
            outcomes.append("NotFound" if isinstance(error, NotFound) else type(error).__name__)
        except Exception as error:  # shown in the assertion
            outcomes.append(repr(error))
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=make, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return Counter(outcomes)


def completing(engine: ProcessEngine, task_id: str, variables: dict[str, object] | None = None) -> Callable[[], None]:
    def call() -> None:
        with engine.command(HANNA) as context:
            complete_task(context, task_id, variables)

    return call


def test_two_people_who_complete_parallel_tasks_at_once_both_succeed(engine: ProcessEngine) -> None:
    deploy(engine, parallel_tasks(2))
    instance = start(engine)
    outcomes = at_once(completing(engine, each.id, {each.activity_id: True}) for each in tasks(engine))
    assert outcomes == {"done": 2}
    assert historic_instance(engine, instance.id).state == "COMPLETED"


def test_two_people_who_complete_the_same_task_at_once_one_succeeds_and_the_other_is_told(
    engine: ProcessEngine,
) -> None:
    deploy(engine, parallel_tasks(2))
    start(engine)
    (first, _) = tasks(engine)
    outcomes = at_once(completing(engine, first.id) for _ in range(2))
    assert outcomes["done"] == 1
    assert outcomes["NotFound"] + outcomes["Conflict"] + outcomes["OptimisticLocking"] == 1


def test_eight_people_try_every_task_of_three_instances_and_each_is_done_exactly_once(engine: ProcessEngine) -> None:
    deploy(engine, parallel_tasks(4))
    instances = [start(engine) for _ in range(3)]
    found = tasks(engine)

    def all_of_them() -> None:
        for each in found:
            try:
                with engine.command(HANNA) as context:
                    complete_task(context, each.id)
            except (NotFound, Conflict):
                told.append(each.id)
            else:
                done.append(each.id)

    done: list[str] = []
    told: list[str] = []
    assert at_once([all_of_them] * 8) == {"done": 8}
    assert Counter(done) == {each.id: 1 for each in found}
    assert len(told) == 7 * len(found)
    assert rows(engine, process_instance) == []
    assert {historic_instance(engine, each.id).state for each in instances} == {"COMPLETED"}
    ended = [row.activity_id for row in rows(engine, historic_activity_instance)]
    assert Counter(ended)["end"] == 3


def test_of_many_claims_one_wins(engine: ProcessEngine) -> None:
    deploy(engine, parallel_tasks(1))
    start(engine)
    (found,) = tasks(engine)

    def claiming(user_id: str) -> Callable[[], None]:
        def call() -> None:
            with engine.command(Actor(user_id, frozenset({"hr"}))) as context:
                claim_task(context, found.id)

        return call

    assert at_once(claiming(f"person{each}") for each in range(6)) == {"done": 1, "TaskAlreadyClaimed": 5}


def test_variables_set_at_once_are_all_kept(engine: ProcessEngine) -> None:
    deploy(engine, parallel_tasks(1))
    instance = start(engine)

    def setting(name: str) -> Callable[[], None]:
        def call() -> None:
            with engine.command(SYSTEM) as context:
                set_variables(context, instance.id, {name: name})

        return call

    assert at_once(setting(f"v{each}") for each in range(6)) == {"done": 6}
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {f"v{each}": f"v{each}" for each in range(6)}


def test_a_job_that_many_execute_at_once_runs_once(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(START + user_task("work", 'camunda:asyncBefore="true"') + END + flow("start", "work", "end")),
    )
    start(engine)
    (job,) = jobs(engine)
    outcomes = at_once([lambda: execute_job(engine, job.id)] * 4)
    assert outcomes["done"] == 1
    assert sum(outcomes.values()) == 4
    assert set(outcomes) <= {"done", "NotFound", "Conflict"}
    assert waiting(engine) == ["work"]


def test_a_message_for_one_receiver_is_received_once(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(
            START
            + '<receiveTask id="wait" messageRef="m"/>'
            + user_task("after")
            + END
            + flow("start", "wait", "after", "end"),
            beside='<message id="m" name="arrived"/>',
        ),
    )
    start(engine)

    def send() -> None:
        with engine.command(SYSTEM) as context:
            correlate(context, Correlation("arrived"))

    outcomes = at_once([send] * 3)
    assert outcomes["done"] == 1
    assert waiting(engine) == ["after"]
