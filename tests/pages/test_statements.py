"""How often a page asks the database: counted, never timed. What it costs must not grow with what it shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event

from engine import SYSTEM, ProcessEngine, TaskQuery, add_comment, find_tasks
from tests.pages.conftest import HIRE
from tests.pages.person import Person

Somebody = Callable[..., Person]


@pytest.fixture
def asked(engine: ProcessEngine) -> Callable[[Person, str], list[str]]:
    """The statements that opening a page sends, beginnings of transactions left out."""

    def asked(person: Person, address: str) -> list[str]:
        statements: list[str] = []

        def note(*told: object) -> None:
            statements.append(str(told[2]))

        event.listen(engine.database.engine, "before_cursor_execute", note)
        try:
            person.open(address)
        finally:
            event.remove(engine.database.engine, "before_cursor_execute", note)
        return [each for each in statements if not each.startswith("BEGIN")]

    return asked


def test_a_task_page_asks_five_times_however_much_is_known(
    somebody: Somebody, engine: ProcessEngine, journey: str, asked: Callable[[Person, str], list[str]]
) -> None:
    hanna = somebody("hanna")
    hanna.open("/tasks")
    with engine.query(SYSTEM) as context:
        (task,) = find_tasks(context, TaskQuery(activity_id="verify_contract"))
    first = asked(hanna, f"/tasks/{task.id}")
    with engine.command(SYSTEM) as context:
        for turn in range(20):
            add_comment(context, task.root_instance_id, f"The {turn}th thing that is said.")
    assert "The 19th thing" not in hanna.answer.text
    again = asked(hanna, f"/tasks/{task.id}")
    assert "The 19th thing" in hanna.answer.text
    assert len(first) == len(again) == 5


def test_a_list_of_tasks_asks_three_times_however_long_it_is(
    somebody: Somebody, asked: Callable[[Person, str], list[str]]
) -> None:
    """Who asks, how many there are of each kind, and the list."""
    maria, hanna = somebody("maria"), somebody("hanna")
    hanna.open("/tasks")
    empty = asked(hanna, "/tasks")
    for turn in range(12):
        maria.start("onboarding", {**HIRE, "employeeName": f"Nils {turn}"})
    full = asked(hanna, "/tasks")
    assert "Nils 11" in hanna.answer.text
    assert len(empty) == len(full) == 3


def test_a_changed_name_is_known_at_once_though_names_are_remembered(somebody: Somebody, journey: str) -> None:
    hanna, alva = somebody("hanna"), somebody("admin")
    hanna.open(journey)
    assert "Maria Lindqvist" in hanna.says("//main")
    alva.open("/admin/people/maria")
    alva.send("/admin/people/maria", {"last_name": "Lindqvist-Berg"})
    hanna.open(journey)
    assert "Maria Lindqvist-Berg" in hanna.says("//main")
