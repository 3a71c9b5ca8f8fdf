"""The onboarding is what its description says: its tasks, their order, their dates; and it ends whatever is decided."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bpmn import BoundaryEvent, EventKind, ExclusiveGateway, ProcessModel, UserTask, check, read
from engine import (
    SYSTEM,
    ProcessEngine,
    Settings,
    TaskQuery,
    TestClock,
    complete_task,
    deploy_resources,
    find_notifications,
    find_tasks,
    get_journey,
    run_due,
    start_instance,
    upgrade,
)
from engine.context import Actor
from workflows import Service, bpmn_source, load_services

#: name, department, working days from the first day, predecessors by number.
TASKS: dict[int, tuple[str, str, int, list[int]]] = {
    1: ("Verify signed contract and start data", "hr", -20, []),
    2: ("Role profile: access bundle, equipment, workplace, buddy candidate", "hiring-manager", -18, [1]),
    3: ("Approve non-standard cost", "budget-owner", -16, [2]),
    4: ("Create employee record and employee number", "hr", -15, [1]),
    5: ("Payroll and tax set-up (before payroll cut-off)", "payroll", -5, [4, 8]),
    6: ("Pension, insurance and benefits enrolment", "hr", -5, [4]),
    7: ("Welcome mail with pre-boarding link", "hr", -15, [1]),
    8: ("Pre-boarding form: bank, next of kin, badge photo, adaptations", "new-employee", -8, [7]),
    9: ("Background check / security vetting", "security", -10, [1]),
    10: ("Allocate workplace (or home-office kit if remote)", "facilities", -10, [2]),
    11: ("Reserve laptop and phone from stock", "it", -14, [2, 3]),
    12: ("Purchase device; loan device as fallback at D-2", "it", -5, [11]),
    13: ("Create identity and mailbox (disabled until first day)", "it", -7, [4]),
    14: ("Approve privileged access (one per system)", "system-owner", -7, [2]),
    15: ("Assign access bundle and licences", "it", -5, [13, 14]),
    16: ("Configure laptop and phone", "it", -3, [11, 12, 13]),
    17: ("Badge and keys", "security", -3, [8, 9, 10]),
    18: ("Set up desk / ship home kit", "facilities", -2, [10, 16]),
    19: ("Buddy, first-week plan, inform the team", "hiring-manager", -5, [2]),
    20: ("Log-in test on the actual device with the actual account", "it", -2, [15, 16]),
    21: ("Day-one readiness gate (all green, or named risk and plan B)", "service-desk", -1, [5, 6, 17, 18, 19, 20]),
    22: ("Welcome, tour, hand over kit and badge", "hiring-manager", 0, [21]),
    23: ("First log-in, MFA, sign policies, receipt for equipment", "new-employee", 0, [22]),
    24: ("Mandatory training (security, GDPR, work environment)", "new-employee", 10, [23]),
    25: ("30-day check-in, missing items, survey", "hr", 20, [23]),
}
NUMBERS = {name: number for number, (name, _, _, _) in TASKS.items()}
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> ProcessModel:
    service = next(each for each in load_services() if each.key == "onboarding")
    return read(bpmn_source(service)).processes[0]


def tasks_of(model: ProcessModel) -> dict[int, UserTask]:
    return {
        NUMBERS[node.name or ""]: node for node in model.nodes.values() if isinstance(node, UserTask)
    }


def test_it_has_exactly_the_tasks_of_its_description(model: ProcessModel) -> None:
    names = sorted(node.name or "" for node in model.nodes.values() if isinstance(node, UserTask))
    assert names == sorted(NUMBERS)


def test_every_task_lies_with_its_department_and_offers_itself_to_it(model: ProcessModel) -> None:
    for number, node in tasks_of(model).items():
        assert node.department == TASKS[number][1]
        assert node.candidate_groups is not None
        assert node.candidate_groups.text == TASKS[number][1]


def test_every_due_date_is_that_of_the_description_in_working_days(model: ProcessModel) -> None:
    for number, node in tasks_of(model).items():
        assert node.due_date is not None
        offsets = [int(found) for found in re.findall(r"workday\(firstDay, (-?\d+)", node.due_date.text)]
        # Remote work moves two of them forward; the description's own date is the last one named.
        assert offsets[-1] == TASKS[number][2], node.due_date.text


def predecessors(model: ProcessModel, task: UserTask) -> set[int]:
    """The tasks one comes from when walking back over gateways and events, boundary timers aside."""
    found: set[int] = set()
    todo = [flow.source for flow in task.incoming]
    seen: set[str] = set()
    while todo:
        node = model.nodes[todo.pop()]
        if node.id in seen or isinstance(node, BoundaryEvent):
            continue
        seen.add(node.id)
        if isinstance(node, UserTask):
            found.add(NUMBERS[node.name or ""])
            if isinstance(node, UserTask) and _may_be_skipped(model, node):
                todo.extend(flow.source for flow in node.incoming)
        else:
            todo.extend(flow.source for flow in node.incoming)
    return found


def _may_be_skipped(model: ProcessModel, node: UserTask) -> bool:
    return any(isinstance(model.nodes[flow.source], ExclusiveGateway) for flow in node.incoming)


def test_the_flow_gives_every_task_just_the_predecessors_of_the_description(model: ProcessModel) -> None:
    edges = 0
    for number, node in tasks_of(model).items():
        wanted = set(TASKS[number][3])
        found = predecessors(model, node)
        # Where a predecessor may be skipped, what comes before it is one too.
        optional = {before for each in wanted for before in TASKS[each][3]} - wanted
        assert wanted <= found, (number, found)
        assert found - wanted <= optional, (number, found)
        edges += len(wanted)
    assert edges == 38


def test_reminders_disturb_nothing(model: ProcessModel) -> None:
    timers = [node for node in model.nodes.values() if isinstance(node, BoundaryEvent)]
    assert len(timers) == 8
    assert all(not node.interrupting for node in timers)
    assert all(node.definition is not None and node.definition.kind is EventKind.TIMER for node in timers)


@pytest.mark.parametrize("service", load_services(), ids=lambda service: service.key)
def test_no_ready_flow_has_a_problem(service: Service) -> None:
    assert check(read(bpmn_source(service))) == ()


# ---------------------------------------------------------------- played


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    home = tmp_path_factory.mktemp("flows")
    url = f"sqlite:///{home}/onedoor.db"
    upgrade(url)
    made = ProcessEngine(Settings(url, home), TestClock(MONDAY))
    for service in load_services():
        with made.command(SYSTEM) as context:
            deploy_resources(context, service.key, [(service.resource_name, bpmn_source(service))])
    yield made
    made.close()


def play(engine: ProcessEngine, key: str, variables: dict[str, object]) -> list[str]:
    """Completes every task without variables, the soonest due first; the names in that order. It must end."""
    with engine.command(SYSTEM) as context:
        started = start_instance(context, key=key, variables=variables)
    names: list[str] = []
    for _ in range(100):
        with engine.query(SYSTEM) as context:
            waiting = find_tasks(context, TaskQuery(root_instance_id=started.id))
        if not waiting:
            break
        with engine.command(SYSTEM) as context:
            complete_task(context, waiting[0].id)
        names.append(waiting[0].name or "")
    with engine.query(SYSTEM) as context:
        assert get_journey(context, started.id).summary.state == "COMPLETED"
    return names


DECISIONS = list(
    itertools.product((0, 90_000), (True, False), (True, False), ("standard", "vetted"), ([], ["a", "b", "c"]))
)


@pytest.mark.parametrize(("cost", "stock", "remote", "role", "systems"), DECISIONS)
def test_the_onboarding_ends_for_every_combination_of_its_decisions(
    engine: ProcessEngine, cost: int, stock: bool, remote: bool, role: str, systems: list[str]
) -> None:
    names = play(
        engine,
        "onboarding",
        {"cost": cost, "inStock": stock, "remote": remote, "roleClass": role, "systems": systems},
    )
    skipped = {
        TASKS[number][0]
        for number, left_out in ((3, cost == 0), (12, stock), (9, role == "standard"), (14, not systems))
        if left_out
    }
    assert set(names) == set(NUMBERS) - skipped
    assert names.count(TASKS[14][0]) == len(systems)
    for number, (name, _, _, before) in TASKS.items():
        for each in before:
            if name in names and TASKS[each][0] in names:
                last = len(names) - 1 - names[::-1].index(TASKS[each][0])
                assert last < names.index(name), (each, number)


def test_it_runs_without_any_answer_at_all(engine: ProcessEngine) -> None:
    assert len(play(engine, "onboarding", {})) == 21


ACCESS = list(itertools.product((True, False), (True, False), (True, False)))


@pytest.mark.parametrize(("needed", "privileged", "approved"), ACCESS)
def test_the_access_request_ends_for_every_combination(
    engine: ProcessEngine, needed: bool, privileged: bool, approved: bool
) -> None:
    names = play(
        engine,
        "access_request",
        {"needApproved": needed, "privileged": privileged, "accessApproved": approved},
    )
    assert ("Grant the access" in names) == (needed and (approved or not privileged))


EQUIPMENT = list(itertools.product((100, 90_000), (True, False), (True, False), (True, False)))


@pytest.mark.parametrize(("cost", "ergonomic", "approved", "stock"), EQUIPMENT)
def test_the_equipment_request_ends_for_every_combination(
    engine: ProcessEngine, cost: int, ergonomic: bool, approved: bool, stock: bool
) -> None:
    names = play(
        engine,
        "equipment_request",
        {"cost": cost, "ergonomic": ergonomic, "equipmentApproved": approved, "inStock": stock},
    )
    asked = cost == 90_000 and not ergonomic
    delivered = approved or not asked
    assert ("Approve the equipment" in names) == asked
    assert ("Deliver to the desk" in names) == delivered
    assert ("Order from the supplier" in names) == (delivered and not stock)


def test_a_late_role_profile_reminds_the_manager_and_then_escalates(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/onedoor.db"
    upgrade(url)
    clock = TestClock(MONDAY)
    engine = ProcessEngine(Settings(url, tmp_path), clock)
    service = next(each for each in load_services() if each.key == "onboarding")
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "onboarding", [(service.resource_name, bpmn_source(service))])
        start_instance(
            context,
            key="onboarding",
            variables={"employeeName": "Ada", "firstDay": "2027-01-18", "manager": "maria", "managerSubstitute": "bo"},
        )
        (first,) = find_tasks(context, TaskQuery())
        complete_task(context, first.id)

    def told(person: str) -> list[str]:
        with engine.query(Actor(person)) as context:
            return [each.message["en"] for each in find_notifications(context)]

    assert told("maria") == []
    clock.set(engine.calendar.opening(engine.calendar.workday(MONDAY.date(), 1)))
    run_due(engine)
    assert told("maria") == ["The role profile of Ada waits for you."]
    assert told("bo") == []
    clock.set(engine.calendar.opening(engine.calendar.workday(date(2027, 1, 18), -16)))
    run_due(engine)
    assert told("bo") == ["The role profile of Ada is late: please step in."]
    engine.close()
