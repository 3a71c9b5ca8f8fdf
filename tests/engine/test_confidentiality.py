"""A variable that a form marks for a department is known to its members, whatever version of the flow asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from engine import (
    SYSTEM,
    Actor,
    FormRefused,
    NotAllowed,
    NotFound,
    ProcessEngine,
    Settings,
    add_comment,
    find_comments,
    get_journey,
    get_variables,
    set_variables,
    submit_form,
    task_form,
    view_journey_as,
    view_task_as,
)
from engine.database import schema
from engine.database.connect import Database
from engine.database.schema import upgrade
from engine.database.tables import confidential_variable, definition_party, deployment, process_definition, resource
from engine.policy.confidentiality import conceals_any
from tests.engine.play import END, HANNA, IVAR, START, bpmn, deploy, flow, rows, start, task, user_task

NILS = Actor("nils", frozenset({"new-employee"}))
EVA = Actor("eva", frozenset({"payroll", "new-employee", "it"}))


def field(name: str, mark: str | None = None, constraints: str = "") -> str:
    marked = f'<camunda:property id="confidential" value="{mark}"/>' if mark else ""
    limits = f"<camunda:validation>{constraints}</camunda:validation>" if constraints else ""
    return (
        f'<camunda:formField id="{name}" type="string"><camunda:properties>{marked}</camunda:properties>{limits}'
        "</camunda:formField>"
    )


def form(*fields: str) -> str:
    return f"<extensionElements><camunda:formData>{''.join(fields)}</camunda:formData></extensionElements>"


REQUIRED, READONLY = '<camunda:constraint name="required"/>', '<camunda:constraint name="readonly"/>'
BANK = bpmn(
    START
    + user_task(
        "tell", 'camunda:candidateGroups="new-employee"', form(field("bank", "payroll", REQUIRED), field("shoe"))
    )
    + user_task("again", 'camunda:candidateGroups="new-employee"', form(field("bank", "payroll", REQUIRED)))
    + user_task("look", 'camunda:candidateGroups="it"', form(field("bank", "payroll", READONLY), field("note")))
    + END
    + flow("start", "tell", "again", "look", "end"),
    "bank",
)
UNMARKED = BANK.replace(b'<camunda:property id="confidential" value="payroll"/>', b"")


def submit(engine: ProcessEngine, activity_id: str, actor: Actor, **values: str) -> None:
    found = task(engine, activity_id)
    with engine.command(actor) as context:
        submit_form(context, found.id, values)


def shown(engine: ProcessEngine, activity_id: str, actor: Actor) -> dict[str, object]:
    found = task(engine, activity_id)
    with engine.query(actor) as context:
        view = task_form(context, found.id, "en")
    assert view is not None
    return {each.id: each.value for each in view.fields}


def known(engine: ProcessEngine, instance_id: str, actor: Actor = SYSTEM) -> dict[str, object]:
    with engine.query(actor) as context:
        return get_variables(context, instance_id)


def told(engine: ProcessEngine) -> str:
    """Nils has given his bank account; the id of his journey."""
    deploy(engine, BANK)
    instance = start(engine, "bank", {"country": "SE"})
    submit(engine, "tell", NILS, bank="8000-1", shoe="42")
    return instance.id


def test_who_is_asked_for_it_gives_it_and_does_not_see_it_again(engine: ProcessEngine) -> None:
    instance = told(engine)
    assert shown(engine, "again", NILS) == {"bank": None}
    assert known(engine, instance, NILS) == {"country": "SE", "shoe": "42"}
    assert known(engine, instance, EVA) == {"country": "SE", "shoe": "42", "bank": "8000-1"}


def test_left_empty_it_stays_and_filled_in_it_changes(engine: ProcessEngine) -> None:
    instance = told(engine)
    submit(engine, "again", NILS, bank="")
    assert known(engine, instance)["bank"] == "8000-1"
    other = start(engine, "bank")
    submit(engine, "tell", NILS, bank="1")
    submit(engine, "again", NILS, bank="2")
    assert known(engine, other.id)["bank"] == "2"


def test_it_is_still_required_while_nobody_has_given_it(engine: ProcessEngine) -> None:
    deploy(engine, BANK)
    start(engine, "bank")
    with pytest.raises(FormRefused):
        submit(engine, "tell", NILS, bank="", shoe="42")


def test_a_field_that_is_only_to_be_read_is_left_out_for_others(engine: ProcessEngine) -> None:
    told(engine)
    submit(engine, "again", NILS, bank="")
    assert shown(engine, "look", IVAR) == {"note": None}
    assert shown(engine, "look", EVA) == {"bank": "8000-1", "note": None}


def test_facts_of_a_journey_are_told_to_the_department(engine: ProcessEngine) -> None:
    instance = told(engine)
    for actor, names in ((NILS, ["shoe"]), (EVA, ["bank", "shoe"])):
        with engine.query(actor) as context:
            assert [fact.name for fact in get_journey(context, instance).facts] == names


def test_what_was_marked_once_stays_marked_for_every_version(engine: ProcessEngine) -> None:
    told(engine)
    deploy(engine, UNMARKED, file="changed.bpmn")
    later = start(engine, "bank", {"bank": "8000-2"})
    assert "bank" not in known(engine, later.id, NILS)
    assert known(engine, later.id, EVA)["bank"] == "8000-2"


def test_the_same_name_in_another_flow_is_nobody_elses_business(engine: ProcessEngine) -> None:
    told(engine)
    deploy(engine, UNMARKED.replace(b'id="bank" isExecutable', b'id="river" isExecutable'), file="river.bpmn")
    river = start(engine, "river", {"bank": "left"}, HANNA)
    assert known(engine, river.id, HANNA)["bank"] == "left"


def test_not_even_an_operator_sets_what_is_concealed(engine: ProcessEngine) -> None:
    instance = told(engine)
    owner = Actor("olle", frozenset({"process-owner"}))
    with pytest.raises(NotAllowed, match="bank"), engine.command(owner) as context:
        set_variables(context, instance, {"bank": "mine"})
    assert known(engine, instance)["bank"] == "8000-1"


def test_who_looks_through_the_eyes_of_a_department_knows_what_both_may_know(engine: ProcessEngine) -> None:
    deploy(engine, BANK.replace(b'candidateGroups="it"', b'candidateGroups="it,payroll"'))
    instance = start(engine, "bank").id
    submit(engine, "tell", NILS, bank="8000-1", shoe="42")
    submit(engine, "again", NILS, bank="")
    looking = task(engine, "look").id
    with engine.command(SYSTEM) as context:
        add_comment(context, instance, "For payroll alone", departments=["payroll"])
    expected = {("payroll", "payroll"): True, ("payroll", "it"): False, ("it", "payroll"): False}
    for (own, department), knows in expected.items():
        owner = Actor("olle", frozenset({"process-owner", own}))
        with engine.query(owner) as context:
            eyes = view_journey_as(context, instance, department)
            assert view_task_as(context, looking, department) == (eyes, instance)
        with engine.query(eyes) as context:
            assert ("bank" in get_variables(context, instance)) is knows
            assert [each.message for each in find_comments(context, instance)] == ["For payroll alone"] * knows
            assert conceals_any(context, [instance]) is not knows
            form = task_form(context, looking, "en")
            assert form is not None
            assert [field.id for field in form.fields] == ["bank"] * knows + ["note"]
        with pytest.raises(NotAllowed, match="eyes"), engine.command(eyes):
            pass
    with engine.query(IVAR) as context, pytest.raises(NotFound):
        view_journey_as(context, instance, "payroll")


def test_marks_of_what_was_deployed_before_are_read_when_the_schema_is_upgraded(tmp_path: Path) -> None:
    """Before revision 0007 nothing was kept of them; before 0013 nothing of whom a flow names."""
    new, old = f"sqlite:///{tmp_path}/new.db", f"sqlite:///{tmp_path}/old.db"
    upgrade(new)
    engine = ProcessEngine(Settings(new, tmp_path))
    deploy(engine, BANK)
    deployed = {table: rows(engine, table) for table in (deployment, resource, process_definition)}
    kept, named = rows(engine, confidential_variable), {row[1:] for row in rows(engine, definition_party)}
    engine.close()
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    database = Database(old)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for table, those in deployed.items():
            connection.execute(table.insert(), [row._asdict() for row in those])
    database.close()
    upgrade(old)
    engine = ProcessEngine(Settings(old, tmp_path))
    assert rows(engine, confidential_variable) == kept != []
    assert {row[1:] for row in rows(engine, definition_party)} == named != set()
    engine.close()
