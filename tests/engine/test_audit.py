"""The log of operations: every verb that changes something leaves a line, and no line is ever changed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, text, update
from sqlalchemy.exc import DatabaseError, DBAPIError

import engine as front
from api.pages.admin import log_words
from engine import (
    SYSTEM,
    Actor,
    NotAllowed,
    Operation,
    OperationQuery,
    Origin,
    ProcessEngine,
    Settings,
    TestClock,
    count_operations,
    export_operations,
    find_operations,
)
from engine.database.tables import user_operation_log
from engine.operations import erasing
from tests.engine.changing import changing, verbs
from tests.engine.conftest import MONDAY
from tests.engine.play import END, START, bpmn, deploy, flow, rows, start, user_task
from tests.engine.plays_of_verbs import (
    ANNA,
    AT_THE_DESK,
    BY_CONDITION,
    EVERYTHING,
    PLAYS,
    SILENT,
    Play,
    Undo,
    lines_of,
    played,
)

#: The operations that the page of the log has words for.
WORDS = {
    node.value
    for function in ast.parse(Path(log_words.__file__).read_text("utf-8")).body
    if isinstance(function, ast.FunctionDef) and function.name == "operations"
    for each in ast.walk(function)
    if isinstance(each, ast.Dict)
    for node in each.keys
    if isinstance(node, ast.Constant)
}


@pytest.fixture(scope="module")
def everything(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    place = tmp_path_factory.mktemp("audit")
    (place / "onedoor.db").write_bytes(sqlite_template.read_bytes())
    made = ProcessEngine(Settings(f"sqlite:///{place}/onedoor.db", place), TestClock(MONDAY))
    with made.command(SYSTEM) as context:
        for group in ("hr", "it"):
            front.create_group(context, group, group.upper())
        for person in ("anna", "hanna", "olle"):
            front.create_user(context, person, first_name=person.capitalize())
            front.add_member(context, "hr", person)
        front.set_roles(context, "anna", ["camunda-admin"])
    deploy(made, BY_CONDITION, "met", "met.bpmn")
    deploy(made, EVERYTHING)
    start(made)
    yield made
    made.close()


@pytest.mark.parametrize("verb", sorted(PLAYS))
def test_a_verb_that_changes_something_leaves_a_line(everything: ProcessEngine, verb: str) -> None:
    found = lines_of(everything, verb)
    assert found, f"{verb} leaves no line: call log_operation, or say under SILENT why not"
    for line in found:
        assert line.user_id is not None if "guest_session" in verb else line.user_id == "anna"
        assert (line.door, line.address, line.operation_id) == ("page", "192.0.2.7", "request-1")
        assert line.operation in WORDS, "say it in words in api/pages/admin/log_words.py"
        assert line.entity_type
        if line.process_instance_id is not None or line.entity_type in ("Job", "Task", "ExternalTask"):
            assert line.definition_key is not None, "the owner of the flow would not find it"


def test_no_verb_is_forgotten() -> None:
    """Found in the syntax, so that a new one fails here until it is played."""
    assert changing() - PLAYS.keys() - SILENT.keys() == set()
    assert (PLAYS.keys() | SILENT.keys()) - changing() == set()
    assert len(verbs()) > len(changing()) > 70


def test_a_verb_that_only_looks_leaves_none(everything: ProcessEngine) -> None:
    assert played(everything, lambda w, c: front.get_task(c, w.task)) == []


def test_what_the_engine_does_by_itself_is_no_operation_but_a_command_on_the_machine_is(
    everything: ProcessEngine,
) -> None:
    assert played(everything, PLAYS["set_retries"]) != []
    for origin, lines in ((Origin(), 0), (Origin("cli"), 1)):
        with pytest.raises(Undo), everything.command(SYSTEM, origin=origin) as context:  # noqa: PT012  (undone at the end)
            before = count_operations(context, OperationQuery())
            front.create_user(context, "new")
            assert count_operations(context, OperationQuery()) - before == lines
            raise Undo


def test_a_line_says_what_was_and_what_is(everything: ProcessEngine) -> None:
    (line,) = played(everything, PLAYS["set_due_date"])
    tomorrow = (MONDAY + timedelta(days=1)).isoformat()
    assert (line.property, line.old_value, line.new_value) == ("duedate", tomorrow, MONDAY.isoformat())
    (line,) = played(everything, PLAYS["set_roles"])
    assert (line.entity_id, line.property, line.old_value, line.new_value) == ("hanna", "roles", None, "process-owner")
    first, second = played(everything, lambda w, c: front.update_user(
        c, replace(front.get_user(c, "hanna"), first_name="Hanne", last_name="Ek")
    ))  # fmt: skip
    assert [(each.property, each.old_value, each.new_value) for each in (first, second)] == [
        ("first_name", "Hanna", "Hanne"),
        ("last_name", None, "Ek"),
    ]


def test_neither_a_password_nor_the_value_of_a_variable_is_in_a_line(everything: ProcessEngine) -> None:
    plays: dict[str, Play] = {
        "set": lambda w, c: front.set_variables(c, w.instance, {"salary": "SECRET-4711"}),
        "completed": lambda w, c: front.complete_task(c, w.task, {"salary": "SECRET-4711"}),
        "password": lambda w, c: front.set_password(c, "hanna", "SECRET-4711"),
        "said": lambda w, c: front.add_comment(c, w.instance, "SECRET-4711"),
        "wrong name": lambda w, c: front.log_refused_sign_in(c, "SECRET-4711"),
    }
    lines = {name: played(everything, play) for name, play in plays.items()}
    assert all(lines.values())
    assert "SECRET-4711" not in str(lines)
    # The control: a reason is written down as it was given.
    assert "SECRET-4711" in str(played(everything, lambda w, c: front.delete_instance(c, w.instance, "SECRET-4711")))


# ---------------------------------------------------------------- append-only


@pytest.mark.parametrize("change", [update(user_operation_log).values(user_id="x"), delete(user_operation_log)])
def test_the_database_refuses_to_change_or_delete_a_line(engine: ProcessEngine, change: Any) -> None:
    deploy(engine, EVERYTHING)
    before = rows(engine, user_operation_log)
    assert before
    with pytest.raises(DBAPIError, match="append-only"), engine.command(SYSTEM) as context:
        context.connection.execute(change)
    assert rows(engine, user_operation_log) == before


def test_all_at_once_is_refused_too(engine: ProcessEngine) -> None:
    deploy(engine, EVERYTHING)
    if engine.database.dialect == "postgresql":
        with pytest.raises(DatabaseError, match="append-only"), engine.command(SYSTEM) as context:
            context.connection.execute(text("TRUNCATE user_operation_log"))
    assert rows(engine, user_operation_log)


def test_erasing_opens_the_log_for_its_own_transaction_only(engine: ProcessEngine) -> None:
    deploy(engine, EVERYTHING)
    with engine.command(SYSTEM) as context, erasing(context):
        context.connection.execute(update(user_operation_log).values(user_id="erased-1"))
    assert {row.user_id for row in rows(engine, user_operation_log)} == {"erased-1"}
    with pytest.raises(DBAPIError, match="append-only"), engine.command(SYSTEM) as context:
        context.connection.execute(delete(user_operation_log))


# ---------------------------------------------------------------- reading


PAY = bpmn(
    START
    + user_task("ask", inside='<extensionElements><camunda:formData><camunda:formField id="salary" type="long">'
    '<camunda:properties><camunda:property id="confidential" value="hr"/></camunda:properties>'
    "</camunda:formField></camunda:formData></extensionElements>")
    + END + flow("start", "ask", "end"),
    "pay",
)  # fmt: skip
BOSS = Actor("boss", frozenset({"camunda-admin"}), administrator=True)
HR_BOSS = Actor("hedda", frozenset({"camunda-admin", "hr"}), administrator=True)


def found(engine: ProcessEngine, actor: Actor, **asked: Any) -> list[Operation]:
    with engine.query(actor) as context:
        return find_operations(context, OperationQuery(**asked))


def test_the_name_of_a_confidential_variable_is_kept_from_others(engine: ProcessEngine) -> None:
    deploy(engine, PAY, file="pay.bpmn")
    instance = start(engine, "pay")
    with engine.command(HR_BOSS) as context:
        front.set_variables(context, instance.id, {"salary": 1, "desk": 2})
    told = [(each.variable, each.hides_variable) for each in found(engine, HR_BOSS, operation="SetVariable")]
    untold = [(each.variable, each.hides_variable) for each in found(engine, BOSS, operation="SetVariable")]
    assert sorted(told, key=str) == [("desk", False), ("salary", False)]
    assert sorted(untold, key=str) == [("desk", False), (None, True)]
    exported = "".join(export_operations(engine, BOSS, OperationQuery(), "jsonl"))
    assert "desk" in exported
    assert "salary" not in exported
    assert "salary" in "".join(export_operations(engine, HR_BOSS, OperationQuery(), "jsonl"))
    # No search answers whether there is one either.
    assert found(engine, BOSS, text="salary") == found(engine, BOSS, text="desk") == []


def test_owners_read_the_lines_of_their_flows_and_others_none(engine: ProcessEngine) -> None:
    deploy(engine, EVERYTHING)
    deploy(engine, PAY, file="pay.bpmn")
    with engine.command(ANNA, origin=AT_THE_DESK) as context:
        front.start_instance(context, key="p")
        front.start_instance(context, key="pay")
        front.create_user(context, "new")
    named = Actor("nora", flows=frozenset({"pay"}))
    of_all = Actor("olle", frozenset({"process-owner"}))
    assert {each.definition_key for each in found(engine, named)} == {"pay"}
    assert {each.definition_key for each in found(engine, of_all)} == {"p", "pay"}
    assert {each.definition_key for each in found(engine, ANNA)} == {"p", "pay", None}
    assert {each.address for each in found(engine, ANNA, operation="Start")} == {"192.0.2.7"}
    assert {each.address for each in found(engine, of_all, operation="Start")} == {None}
    with pytest.raises(NotAllowed):
        found(engine, Actor("hanna", frozenset({"hr"})))


def test_lines_are_found_by_person_operation_flow_time_and_text(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, EVERYTHING)
    with engine.command(ANNA) as context:
        front.create_user(context, "new")
        instance = front.start_instance(context, key="p").id
    clock.advance(timedelta(days=1))
    with engine.command(replace(ANNA, user_id="hanna")) as context:
        front.delete_instance(context, instance, "ordered TWICE by mistake")
    for asked in (
        {"user_id": "hanna"}, {"operation": "Delete"}, {"definition_key": "p", "after": clock.now()},
        {"text": "twice mistake"}, {"process_instance_id": instance, "operation": "Delete"},
    ):  # fmt: skip
        assert [each.operation for each in found(engine, ANNA, **asked)] == ["Delete"], asked
    assert [each.operation for each in found(engine, ANNA)] == ["Delete", "Start", "Create", "Create"]
    assert found(engine, ANNA, text="100%") == []
    assert found(engine, ANNA, before=MONDAY - timedelta(seconds=1)) == []


def test_pages_follow_each_other_without_gap_or_overlap(engine: ProcessEngine) -> None:
    """By key: lines that come meanwhile move nothing, though many have the same moment."""
    with engine.command(ANNA, origin=AT_THE_DESK) as context:
        for number in range(25):
            front.create_user(context, f"u{number}")
    seen: list[str | None] = []
    key = None
    while page := found(engine, ANNA, older_than=key, max_results=10):
        seen += [each.entity_id for each in page]
        key = (page[-1].occurred_at, page[-1].id)
        with engine.command(ANNA, origin=AT_THE_DESK) as context:
            front.create_user(context, f"late{len(seen)}")
    assert seen == [f"u{number}" for number in reversed(range(25))]


def test_an_export_is_whole_and_its_cells_are_no_formulas(
    engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit.BATCH", 10)
    with engine.command(ANNA, origin=AT_THE_DESK) as context:
        for number in range(25):
            front.create_user(context, f"u{number}")
        front.update_user(context, replace(front.get_user(context, "u1"), first_name="=cmd|'/c calc'!A0"))
    csv = list(export_operations(engine, ANNA, OperationQuery(), "csv"))
    lines = [json.loads(each) for each in export_operations(engine, ANNA, OperationQuery(), "jsonl")]
    assert len(csv) == 27
    assert len(lines) == 26
    assert lines[0]["new_value"] == "=cmd|'/c calc'!A0"
    assert "'=cmd" in csv[1]
    assert ",=cmd" not in "".join(csv)


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"user_id": "u"}, {"on_behalf_of": "u"}, {"operation": "Signal"}, {"definition_key": "p"},
        {"process_instance_id": "i"}, {"after": MONDAY, "before": MONDAY}, {"older_than": (MONDAY, 7)},
    ],
)  # fmt: skip
def test_a_page_of_a_million_lines_is_found_by_an_index(everything: ProcessEngine, asked: dict[str, Any]) -> None:
    """Of what is asked alone, an index gives the lines, and in order; the log is never read from end to end."""
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in plan)

    event.listen(everything.database.engine, "before_cursor_execute", explain)
    try:
        found(everything, ANNA, max_results=50, **asked)
    finally:
        event.remove(everything.database.engine, "before_cursor_execute", explain)
    of_log = [each for each in plans if "user_operation_log" in each]
    assert of_log
    assert all("USING INDEX ix_user_operation_log" in each for each in of_log), plans
