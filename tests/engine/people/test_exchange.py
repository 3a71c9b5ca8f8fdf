"""People and departments as CSV: out and in again, all problems at once, nothing written if there is one."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from engine import (
    SYSTEM,
    Conflict,
    ImportPlan,
    InvalidInput,
    NotAllowed,
    OwnCalendar,
    ProcessEngine,
    actor_of,
    add_member,
    delete_group,
    delete_user,
    export_departments,
    export_people,
    get_group,
    get_user,
    import_departments,
    import_people,
    owned_flows,
    roles_of,
    set_owned_flows,
    set_roles,
)
from engine.database.tables import department, user_account, user_operation_log
from engine.people.exchange.sheet import read_sheet, write_sheet
from tests.engine.people.acting import actor, does
from tests.engine.people.test_people import changed, regrouped
from tests.engine.play import rows


def people(engine: ProcessEngine, text: str | bytes, *, write: bool = True) -> ImportPlan:
    content = text.encode() if isinstance(text, str) else text
    return does(engine, "anna", lambda context: import_people(context, content, write=write))


def departments(engine: ProcessEngine, text: str, *, write: bool = True) -> ImportPlan:
    return does(engine, "anna", lambda context: import_departments(context, text.encode(), write=write))


def exported(engine: ProcessEngine, separator: str = ",") -> tuple[str, str]:
    with engine.query(actor(engine, "anna")) as context:
        return export_people(context, separator), export_departments(context, separator)


def lines(plan: ImportPlan) -> list[int]:
    return [each.line for each in plan.problems]


def test_a_heading_of_very_many_columns_is_refused_before_it_is_looked_through() -> None:
    """Whether a name is there twice takes the square of their number: a file of a megabyte took minutes."""
    assert read_sheet(",".join(f"c{number}" for number in range(100)).encode()).problems == []
    (problem,) = read_sheet(",".join(f"c{number}" for number in range(150_000)).encode()).problems
    assert "at most 100 columns" in problem.message


@pytest.mark.parametrize("separator", [",", ";"])
def test_what_is_exported_is_imported_elsewhere_as_it_was(house: ProcessEngine, separator: str) -> None:
    changed(house, "isak", user_name="isak@example.org", last_name="=1+1", email="isak@example.org", language="sv")
    changed(house, "hanna", last_name='\'+46 "Li", Ek; co', active=False)
    changed(house, "olle", last_name="'=x", first_name="-Olle")
    does(house, "anna", lambda context: set_roles(context, "cleo", ["guest"]))
    does(house, "anna", lambda context: set_owned_flows(context, "sven", ["b", "a"]))
    regrouped(house, "it", representative_id="isak", substitute_id="sven", email="it@example.org", name_sv="@IT")
    regrouped(house, "hr", calendar=OwnCalendar(zone="Europe/Oslo", country="NO"))
    of_people, of_departments = exported(house, separator)
    assert departments(house, of_departments).changes == people(house, of_people).changes == ()
    with house.command(SYSTEM) as context:
        for person in ("isak", "hanna", "olle", "cleo", "sven", "fatima"):
            delete_user(context, person)
        for group in ("it", "hr", "facilities"):
            delete_group(context, group)
    # Departments name people and people departments: first the departments by name, then all of both.
    reader = csv.DictReader(io.StringIO(of_departments), delimiter=separator)
    names = separator.join(("id", "name")) + "\n" + "".join(f"{row['id']}{separator}x\n" for row in reader)
    assert departments(house, names).problems == ()
    assert people(house, "\ufeff" + of_people).problems == ()
    assert departments(house, of_departments).problems == ()
    assert exported(house, separator) == (of_people, of_departments)


def test_no_cell_of_an_export_is_a_formula(house: ProcessEngine) -> None:
    for name in ("=1+1", "+1", "-1", "@sum", "'=1"):
        changed(house, "isak", last_name=name)
        with house.query(actor(house, "anna")) as context:
            (row,) = (each for each in csv.DictReader(io.StringIO(export_people(context))) if each["id"] == "isak")
        assert row["last_name"] == f"'{name}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip), min_size=1, max_size=4))
def test_any_text_comes_back_as_it_was(cells: list[str]) -> None:
    columns = [f"c{number}" for number in range(len(cells))]
    sheet = read_sheet(write_sheet(columns, [cells], ";").encode())
    assert sheet.problems == []
    assert [list(row.cells.values()) for row in sheet.rows] == ([cells] if any(cells) else [])


def test_a_preview_says_what_would_change_and_changes_nothing(house: ProcessEngine) -> None:
    text = "id;first_name;departments;manager\nhanna;Hanna;hr;\nisak;Isac;it facilities;nora\nnora;Nora;hr;sven\n"
    plan = people(house, text, write=False)
    assert plan.problems == ()
    assert [(each.line, each.id, each.is_new, each.cells) for each in plan.changes] == [
        (
            3,
            "isak",
            False,
            (("first_name", "Isak", "Isac"), ("departments", "it", "facilities it"), ("manager", "sven", "nora")),
        ),
        (4, "nora", True, (("first_name", "", "Nora"), ("departments", "", "hr"), ("manager", "", "sven"))),
    ]
    assert plan.unchanged == 1
    with house.query(SYSTEM) as context:
        assert get_user(context, "isak").first_name == "Isak"
    assert people(house, text).changes == plan.changes
    with house.query(SYSTEM) as context:
        assert get_user(context, "isak").manager_id == "nora"
        assert actor_of(context, "isak").groups == {"it", "facilities"}
        assert actor_of(context, "nora").groups == {"hr"}
    assert people(house, text).changes == ()


def test_a_house_takes_in_what_it_gave_out_whatever_an_earlier_release_took(house: ProcessEngine) -> None:
    with house.command(SYSTEM) as context:
        person = {"id": "old,id", "email": "old@intranet", "created_at": context.now}
        context.connection.execute(insert(user_account).values(person))
        group = {"id": "old,hr", "name": "Old", "type": "WORKFLOW", "email": "hr@intranet", "created_at": context.now}
        context.connection.execute(insert(department).values(group))
        add_member(context, "old,hr", "old,id")
    out = exported(house)
    for plan in (people(house, out[0]), departments(house, out[1])):
        assert (plan.problems, plan.changes) == ((), ())
        assert plan.unchanged > 1
    for plan in (people(house, 'id\n"new,id"\n'), departments(house, 'id,name\n"new,hr",New\n')):
        assert [each.message for each in plan.problems if "without spaces, slashes and commas" in each.message]
    for plan in (
        people(house, 'id,email\n"old,id",new@intranet\n'),
        departments(house, 'id,email\n"old,hr",x@intranet\n'),
    ):
        assert [each.message for each in plan.problems if "is no mail address" in each.message]
    assert people(house, 'id,active\n"old,id",no\n').problems == ()
    with house.query(SYSTEM) as context:
        assert not get_user(context, "old,id").active


def test_all_problems_are_told_at_once_and_nothing_is_written(house: ProcessEngine) -> None:
    before = len(rows(house, user_account)), len(rows(house, user_operation_log))
    plan = people(
        house,
        "id,first_name,email,manager,departments,roles,language,active\n"
        "good,Good,good@example.org,,hr,,en,yes\n"
        "two words,,,,,,,\n"
        "bad,,no address,nobody,sales hr,boss,de,perhaps\n"
        ",,,,,,,x\n"
        "good,,,,,,,\n"
        "short,line\n"
        "loop,,,loop,,,,\n",
    )
    assert lines(plan) == [3, 4, 4, 4, 4, 4, 4, 5, 5, 6, 7, 8]
    assert {each.message for each in plan.problems if each.line == 4} == {
        "'no address' is no mail address: write it as name@example.org.",
        "There is no user 'nobody' who could be the manager.",
        "There is no department 'sales'.",
        "There is no role 'boss'.",
        "'de' is no language of the pages: en, sv are.",
        "'perhaps' is neither yes nor no.",
    }
    assert (len(rows(house, user_account)), len(rows(house, user_operation_log))) == before


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "is empty"),
        (b"first_name\nNora\n", 1, "'id' is missing"),
        (b"id,shoe_size\nnora,40\n", 1, "no column 'shoe_size'"),
        (b"id,id\nnora,nora\n", 1, "more than once"),
        (b"id,first_name\nnora,N\xf6ra\n", 2, "no UTF-8"),
        (b'id,first_name\nnora,"Nora\n', 2, "cannot be read"),
        (b"id,user_name\nnora,isak\n", 2, "the name of isak"),
        (b"id,active\nanna,no\n", 2, "Nobody would be an administrator"),
        (b"id,roles\nanna,\n", 2, "Nobody would be an administrator"),
        (b"id,manager\nsven,isak\n", 2, "leads back"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_line(
    house: ProcessEngine, content: bytes, line: int, said: str
) -> None:
    plan = people(house, content)
    assert [(each.line, said in each.message) for each in plan.problems] == [(line, True)]
    assert rows(house, user_operation_log) == []


def test_managers_and_administrators_may_change_places_in_one_file(house: ProcessEngine) -> None:
    plan = people(house, "id,manager,roles\nsven,isak,\nisak,,camunda-admin\nanna,,\n")
    assert plan.problems == ()
    with house.query(SYSTEM) as context:
        assert (get_user(context, "sven").manager_id, get_user(context, "isak").manager_id) == ("isak", None)
        assert (roles_of(context, "isak"), roles_of(context, "anna")) == ({"camunda-admin"}, frozenset())


def test_columns_that_are_not_in_the_file_stay(house: ProcessEngine) -> None:
    does(house, "anna", lambda context: set_owned_flows(context, "isak", ["p"]))
    people(house, "id,last_name\nisak,Ny\n")
    with house.query(SYSTEM) as context:
        found = get_user(context, "isak")
        assert (found.first_name, found.last_name, found.manager_id) == ("Isak", "Ny", "sven")
        assert (actor_of(context, "isak").groups, owned_flows(context, "isak")) == ({"it"}, {"p"})


def test_departments_are_checked_as_people_are(house: ProcessEngine) -> None:
    plan = departments(
        house,
        "id,name,representative,substitute,opens,closes,time_zone,days_off\n"
        "legal,Legal,isak,sven,08:30,16:00,Europe/Oslo,2027-05-17\n"
        "sales,,,,,,,\n"
        "camunda-admin,Mine,,,,,,\n"
        "it,IT,nobody,,8.30,,,\n"
        "hr,HR,hanna,hanna,17:00,09:00,,\n"
        "x,X,,,,,Mars/Olympus,\n"
        "y,Y,,,,,,soon\n",
    )
    assert lines(plan) == [3, 4, 5, 5, 6, 6, 7, 8]
    with house.query(SYSTEM) as context:
        assert get_group(context, "it").representative_id is None
    plan = departments(house, "id,name,representative,opens,closes\nlegal,Legal,isak,08:30,16:00\n")
    with house.query(SYSTEM) as context:
        found = get_group(context, "legal")
        assert found.calendar is not None
        assert (found.name, found.representative_id, f"{found.calendar.opens}") == ("Legal", "isak", "08:30:00")


def test_only_an_administrator_exports_and_imports(house: ProcessEngine) -> None:
    for verb in (export_people, export_departments):
        with pytest.raises(NotAllowed), house.query(actor(house, "hanna")) as context:
            verb(context)
    for read in (import_people, import_departments):
        with pytest.raises(NotAllowed):
            does(house, "hanna", partial(read, content=b"id\nx\n", write=True))


def test_a_user_name_taken_meanwhile_keeps_everything_out(house: ProcessEngine) -> None:
    changed(house, "isak", user_name="a")
    changed(house, "hanna", user_name="b")
    with pytest.raises(Conflict):
        people(house, "id,user_name,first_name\nisak,b,New\nhanna,a,\n")
    with house.query(SYSTEM) as context:
        assert get_user(context, "isak").first_name == "Isak"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_line_of_very_many_managers_is_refused_and_not_walked_through(house: ProcessEngine) -> None:
    """Twenty thousand, each above the next, took more than two minutes, and would have taken the writer with them."""

    def problems(count: int) -> list[str]:
        above = "".join(f"c{number},c{number + 1}\n" for number in range(count))
        return [each.message for each in people(house, f"id,manager\n{above}c{count},\n", write=False).problems]

    assert problems(100) == []
    assert problems(101) == ["There are more than 100 managers above c0."]
    assert len(problems(2_000)) == 1_900
    assert (
        len(people(house, "id,manager\n" + "".join(f"c{n},c{n + 1}\n" for n in range(100)) + "c100,\n").changes) == 101
    )
    with pytest.raises(InvalidInput, match="more than 100 managers above cleo"):
        changed(house, "cleo", manager_id="c0")
