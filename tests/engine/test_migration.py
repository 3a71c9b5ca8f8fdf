"""Moving running instances: what their rows say afterwards, who may, and that it is all or nothing. Where tokens come
to is told in `tests/execution/test_migration.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    ActivityReport,
    InstanceCannotMigrate,
    InvalidInput,
    MigrationInstruction,
    MigrationPlan,
    MigrationPlanRefused,
    NotAllowed,
    NotFound,
    OperationQuery,
    ProcessEngine,
    TestClock,
    Topic,
    Which,
    assign_task,
    complete_task,
    fail_external_task,
    fetch_and_lock,
    find_operations,
    generate_migration,
    get_instance,
    get_journey,
    get_variables,
    migrate_instances,
    preview_migration,
    run_due,
    set_variables,
    suspend_instances,
)
from engine.database.tables import (
    event_subscription,
    external_task,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    incident,
    job,
    process_instance,
)
from engine.database.tables import task as task_table
from tests.engine.play import (
    END,
    HANNA,
    OWNER,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    counting,
    deploy,
    flow,
    historic_instance,
    history,
    jobs,
    parallel_tasks,
    rows,
    start,
    task,
    tasks,
    user_task,
    waiting,
)
from tests.engine.test_confidentiality import BANK, UNMARKED


def plan_of(engine: ProcessEngine, source: str, target: str, **mapped: str) -> MigrationPlan:
    if not mapped:
        with engine.query(OWNER) as context:
            return generate_migration(context, source, target)
    return MigrationPlan(source, target, tuple(MigrationInstruction(one, other) for one, other in mapped.items()))


def migrate(engine: ProcessEngine, plan: MigrationPlan, *ids: str, **options: Any) -> None:
    with engine.command(OWNER) as context:
        migrate_instances(context, plan, ids, **options)


def form_task(id: str, name: str) -> str:
    return (
        f'<userTask id="{id}" name="{name}" camunda:candidateGroups="hr" camunda:formKey="{name}.form">'
        f"<documentation>Do {name}</documentation></userTask>"
    )


def one_task(id: str, name: str, key: str = "p") -> bytes:
    return bpmn(START + form_task(id, name) + END + flow("start", id, "end"), key, attributes=f'name="{name} flow"')


def test_a_task_stays_with_who_has_it_and_says_what_the_new_version_says(
    engine: ProcessEngine, clock: TestClock
) -> None:
    old = deploy(engine, one_task("ask", "Ask"))
    instance = start(engine, variables={"level": 1})
    found = task(engine, "ask")
    with engine.command(SYSTEM) as context:
        assign_task(context, found.id, "hanna")
    new = deploy(engine, one_task("question", "Question"))
    clock.advance(timedelta(hours=1))
    migrate(engine, plan_of(engine, old, new, ask="question"), instance.id)
    (moved,) = tasks(engine)
    assert (moved.id, moved.assignee, moved.created_at) == (found.id, "hanna", found.created_at)
    assert (moved.activity_id, moved.name, moved.description) == ("question", "Question", "Do Question")
    (row,) = rows(engine, task_table)
    assert (row.definition_id, row.definition_key, row.form_key) == (new, "p", "Question.form")
    with engine.query(SYSTEM) as context:
        assert get_instance(context, instance.id).definition_id == new
        assert get_variables(context, instance.id) == {"level": 1}
    with engine.command(OWNER) as context:
        set_variables(context, instance.id, {"level": 2})
    complete(engine, "question")
    assert historic_instance(engine, instance.id).state == "COMPLETED"


def test_history_follows_what_is_under_way_and_keeps_what_was(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"level": 1})
    complete(engine, "first")
    new = deploy(engine, TWO_TASKS.replace(b'name="Second"', b'name="Last"').replace(b'"p"', b'"q"'))
    migrate(engine, plan_of(engine, old, new), instance.id)
    found = historic_instance(engine, instance.id)
    assert (found.definition_id, found.definition_key, found.definition_version) == (new, "q", 1)
    done, running = history(engine)["first"], history(engine)["second"]
    assert (done.definition_id, running.definition_id) == (old, new)
    assert (running.activity_name, running.task_name, running.department) == ("Last", "Last", "it")
    assert {row.definition_key for row in rows(engine, historic_variable_instance)} == {"q"}
    with engine.query(OWNER) as context:
        (entry,) = [
            each
            for each in find_operations(context, OperationQuery(process_instance_id=instance.id))
            if each.operation == "Migrate"
        ]
    assert (entry.user_id, entry.old_value, entry.new_value) == ("olle", old, new)


REMINDED = (
    '<boundaryEvent id="{id}" attachedToRef="work" cancelActivity="false"><timerEventDefinition><timeDuration>{after}'
    '</timeDuration></timerEventDefinition></boundaryEvent><boundaryEvent id="{id}m" attachedToRef="work">'
    '<messageEventDefinition messageRef="m"/></boundaryEvent><endEvent id="over"/>'
)


def reminded(id: str, after: str) -> bytes:
    return bpmn(
        START + '<serviceTask id="work" camunda:type="external" camunda:topic="print"/>'
        + REMINDED.format(id=id, after=after) + END + flow("start", "work", "end") + flow(id, "over")
        + flow(f"{id}m", "over"),
        beside='<message id="m" name="stop"/>',
    )  # fmt: skip


def test_jobs_subscriptions_workers_and_incidents_follow(engine: ProcessEngine, clock: TestClock) -> None:
    old = deploy(engine, reminded("late", "PT1H"))
    instance = start(engine)
    with engine.command(OWNER) as context:
        (held,) = fetch_and_lock(context, "w", [Topic("print", 60_000)], 1)
        fail_external_task(
            context, held.id, "w", message="jam", details=None, retries=0, retry_timeout_ms=0, variables={}, local={}
        )
    new = deploy(engine, reminded("tardy", "PT5H"))
    (before,) = jobs(engine)
    migrate(engine, plan_of(engine, old, new, work="work", late="tardy", latem="tardym"), instance.id)
    (moved,) = jobs(engine)
    assert (moved.id, moved.due_at, moved.activity_id) == (before.id, before.due_at, "tardy")
    for table, activity in (
        (job, "tardy"),
        (event_subscription, "tardym"),
        (external_task, "work"),
        (incident, "work"),
    ):
        (row,) = rows(engine, table)
        assert (row.definition_id, row.activity_id) == (new, activity), table.name
    (worker,) = rows(engine, external_task)
    assert (worker.id, worker.worker_id, worker.retries, worker.error_message) == (held.id, "w", 0, "jam")
    clock.advance(timedelta(hours=1))
    assert run_due(engine) == 1
    assert history(engine)["over"].definition_id == new


def test_an_updated_timer_keeps_its_id_and_wakes_the_engine_at_its_new_date(
    engine: ProcessEngine, clock: TestClock
) -> None:
    old = deploy(engine, reminded("late", "PT5H"))
    instance = start(engine)
    new = deploy(engine, reminded("late", "PT1H"))
    (before,) = jobs(engine)
    instructions = (
        MigrationInstruction("work", "work"), MigrationInstruction("late", "late", True),
        MigrationInstruction("latem", "latem"),
    )  # fmt: skip
    woken: list[Any] = []
    engine.on_due = woken.append
    migrate(engine, MigrationPlan(old, new, instructions), instance.id)
    (moved,) = jobs(engine)
    assert (moved.id, moved.due_at) == (before.id, clock.now() + timedelta(hours=1))
    assert woken == [moved.due_at]


def test_a_scope_that_is_new_stands_in_the_history_and_one_that_is_gone_has_ended(engine: ProcessEngine) -> None:
    flat = bpmn(START + user_task("ask") + END + flow("start", "ask", "end"))
    nested = bpmn(
        START + '<subProcess id="room"><startEvent id="i"/>' + user_task("ask") + '<endEvent id="o"/>'
        + flow("i", "ask", "o") + "</subProcess>" + END + flow("start", "room", "end")
    )  # fmt: skip
    one, two = deploy(engine, flat), deploy(engine, nested)
    instance = start(engine, definition_id=one)
    migrate(engine, plan_of(engine, one, two, ask="ask"), instance.id)
    opened = history(engine)["room"]
    assert (opened.ended_at, opened.definition_id) == (None, two)
    assert history(engine)["ask"].parent == opened.number
    migrate(engine, plan_of(engine, two, one, ask="ask"), instance.id)
    gone = history(engine)["room"]
    assert gone.ended_at is not None
    assert gone.canceled
    assert history(engine)["ask"].parent == 0
    complete(engine, "ask")
    assert waiting(engine) == []


def test_a_journey_shows_what_was_done_before_it_moved(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    instance = start(engine)
    complete(engine, "first")
    new = deploy(engine, bpmn(START + user_task("zeroth") + user_task("second") + END
                              + flow("start", "zeroth", "second", "end")))  # fmt: skip
    migrate(engine, plan_of(engine, old, new, second="second"), instance.id)
    with engine.query(OWNER) as context:
        journey = get_journey(context, instance.id)
    assert [(each.activity_id, each.state.value, each.names["en"]) for each in journey.steps] == [
        ("first", "done", "First"), ("zeroth", "skipped", "Zeroth"), ("second", "active", "Second"),
    ]  # fmt: skip
    assert {key: mark.value for key, mark in journey.marks.items()} == {"start": "done", "second": "active"}


# ---------------------------------------------------------------- all or nothing


def test_one_instance_that_cannot_move_keeps_all_from_moving(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    ready, late = start(engine), start(engine)
    (second,) = tasks(engine, activity_id="first", process_instance_id=late.id)
    with engine.command(SYSTEM) as context:
        complete_task(context, second.id)
    new = deploy(engine, TWO_TASKS.replace(b"Second", b"Last"))
    before = rows(engine, process_instance)
    with pytest.raises(InstanceCannotMigrate, match="second: There is no migration instruction") as refused:
        migrate(engine, plan_of(engine, old, new, first="first"), ready.id, late.id)
    assert refused.value.process_instance_id == late.id
    assert [type(each) for each in refused.value.reports] == [ActivityReport]
    assert rows(engine, process_instance) == before


def test_a_plan_that_is_not_good_moves_nothing(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    instance = start(engine)
    new = deploy(engine, TWO_TASKS.replace(b"Second", b"Last"))
    with pytest.raises(MigrationPlanRefused, match="Target activity 'nowhere' does not exist") as refused:
        migrate(engine, plan_of(engine, old, new, first="nowhere"), instance.id)
    assert [each.instruction.source for each in refused.value.reports] == ["first"]
    assert [row.definition_id for row in rows(engine, process_instance)] == [old]


def test_only_instances_of_the_source_move(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    new = deploy(engine, TWO_TASKS.replace(b"Second", b"Last"))
    instance = start(engine)
    plan = plan_of(engine, old, new)
    with pytest.raises(InvalidInput, match=f"it runs on {new}"):
        migrate(engine, plan, instance.id)
    with pytest.raises(InvalidInput, match="id nobody does not exist"):
        migrate(engine, plan, "nobody")
    with pytest.raises(InvalidInput, match="processInstanceIds is empty"):
        migrate(engine, plan)
    with pytest.raises(NotFound), engine.query(OWNER) as context:
        generate_migration(context, old, "nothing")
    with pytest.raises(InvalidInput, match="Source process definition id is null"), engine.query(OWNER) as context:
        generate_migration(context, "", new)


def test_moving_is_for_process_owners(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    instance = start(engine, actor=HANNA)
    new = deploy(engine, TWO_TASKS.replace(b"Second", b"Last"))
    plan = plan_of(engine, old, new)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        migrate_instances(context, plan, [instance.id])
    with pytest.raises(NotAllowed), engine.query(HANNA) as context:
        preview_migration(context, plan)
    assert [row.definition_id for row in rows(engine, process_instance)] == [old]


def test_a_suspended_instance_moves_and_stays_suspended_with_what_begins_there(engine: ProcessEngine) -> None:
    old = deploy(engine, bpmn(START + '<serviceTask id="work" camunda:type="external" camunda:topic="print"/>' + END
                              + flow("start", "work", "end")))  # fmt: skip
    instance = start(engine)
    with engine.command(OWNER) as context:
        suspend_instances(context, Which(instance_ids=(instance.id,)), suspended=True)
    new = deploy(engine, reminded("late", "PT1H"))
    migrate(engine, plan_of(engine, old, new, work="work"), instance.id)
    assert [(each.activity_id, each.suspended) for each in jobs(engine)] == [("late", True)]
    assert [row.suspended for row in rows(engine, process_instance)] == [True]


def test_what_was_entered_confidentially_stays_so_in_another_process(engine: ProcessEngine) -> None:
    old = deploy(engine, BANK)
    instance = start(engine, "bank", {"bank": "12-34", "shoe": "44"})
    new = deploy(engine, UNMARKED.replace(b'"bank" isExecutable', b'"open" isExecutable'))
    plan = plan_of(engine, old, new, tell="tell")
    with pytest.raises(NotAllowed, match="bank: confidential"), engine.command(OWNER) as context:
        migrate_instances(context, replace(plan, variables={"bank": "56-78"}), [instance.id])
    migrate(engine, plan, instance.id)
    with engine.query(OWNER) as context:
        assert get_instance(context, instance.id).definition_key == "open"
        assert get_variables(context, instance.id) == {"shoe": "44"}


# ---------------------------------------------------------------- looking before


def test_a_preview_says_what_moves_and_what_does_not_and_moves_nothing(engine: ProcessEngine) -> None:
    old = deploy(engine, TWO_TASKS)
    ready, late = start(engine), start(engine)
    (first,) = tasks(engine, activity_id="first", process_instance_id=late.id)
    with engine.command(SYSTEM) as context:
        complete_task(context, first.id)
    new = deploy(engine, bpmn(START + user_task("first") + END + flow("start", "first", "end")))
    with counting(engine) as statements, engine.query(OWNER) as context:
        found = preview_migration(context, plan_of(engine, old, new, first="first"))
    assert found.ready == (ready.id,)
    ((refused, reports),) = found.refused
    assert (refused, [each.element_id for each in reports]) == (late.id, ["second"])
    assert found.reports == ()
    assert len(statements) <= 5
    assert {row.definition_id for row in rows(engine, historic_process_instance)} == {old}


@pytest.mark.parametrize("width", [2, 20])
def test_moving_one_instance_takes_the_same_statements_however_wide_it_is(engine: ProcessEngine, width: int) -> None:
    old = deploy(engine, parallel_tasks(width))
    instance = start(engine)
    new = deploy(engine, parallel_tasks(width).replace(b"T0", b"Zero"))
    plan = plan_of(engine, old, new)
    with counting(engine) as statements:
        migrate(engine, plan, instance.id)
    assert len(statements) == 20
    assert {row.definition_id for row in rows(engine, historic_activity_instance) if row.ended_at is None} == {new}
