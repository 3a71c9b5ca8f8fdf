"""What the onboarding has to be: twenty-five tasks of ten departments, counted in working days around the first day."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Planned:
    """`due` in working days around the first day; `touch` in minutes; `after` the numbers of the tasks before it;
    `only_if` the decision it depends on."""

    number: int
    department: str
    name: str
    after: tuple[int, ...]
    due: int
    touch: int
    only_if: str | None = None


PLAN = (
    Planned(1, "hr", "Verify signed contract and start data", (), -20, 15),
    Planned(2, "hiring-manager", "Role profile: access bundle, equipment, workplace, buddy candidate", (1,), -18, 20),
    Planned(3, "budget-owner", "Approve non-standard cost", (2,), -16, 5, "expensive"),
    Planned(4, "hr", "Create employee record and employee number", (1,), -15, 20),
    Planned(5, "payroll", "Payroll and tax set-up (before payroll cut-off)", (4, 8), -5, 20),
    Planned(6, "hr", "Pension, insurance and benefits enrolment", (4,), -5, 15),
    Planned(7, "hr", "Welcome mail with pre-boarding link", (1,), -15, 5),
    Planned(8, "new-employee", "Pre-boarding form: bank, next of kin, badge photo, adaptations", (7,), -8, 20),
    Planned(9, "security", "Background check / security vetting", (1,), -10, 30, "vetted"),
    Planned(10, "facilities", "Allocate workplace (or home-office kit if remote)", (2,), -10, 15),
    Planned(11, "it", "Reserve laptop and phone from stock", (2, 3), -14, 10),
    Planned(12, "it", "Purchase device; loan device as fallback at D-2", (11,), -5, 15, "out of stock"),
    Planned(13, "it", "Create identity and mailbox (disabled until first day)", (4,), -7, 10),
    Planned(14, "system-owner", "Approve privileged access (one per system)", (2,), -7, 5, "privileged"),
    Planned(15, "it", "Assign access bundle and licences", (13, 14), -5, 20),
    Planned(16, "it", "Configure laptop and phone", (11, 12, 13), -3, 60),
    Planned(17, "security", "Badge and keys", (8, 9, 10), -3, 10),
    Planned(18, "facilities", "Set up desk / ship home kit", (10, 16), -2, 45),
    Planned(19, "hiring-manager", "Buddy, first-week plan, inform the team", (2,), -5, 45),
    Planned(20, "it", "Log-in test on the actual device with the actual account", (15, 16), -2, 10),
    Planned(
        21,
        "service-desk",
        "Day-one readiness gate (all green, or named risk and plan B)",
        (5, 6, 17, 18, 19, 20),
        -1,
        10,
    ),
    Planned(22, "hiring-manager", "Welcome, tour, hand over kit and badge", (21,), 0, 90),
    Planned(23, "new-employee", "First log-in, MFA, sign policies, receipt for equipment", (22,), 0, 60),
    Planned(24, "new-employee", "Mandatory training (security, GDPR, work environment)", (23,), 10, 240),
    Planned(25, "hr", "30-day check-in, missing items, survey", (23,), 20, 30),
)
BY_NUMBER: Mapping[int, Planned] = {each.number: each for each in PLAN}
BY_NAME: Mapping[str, Planned] = {each.name: each for each in PLAN}
DEPENDENCIES = frozenset((before, each.number) for each in PLAN for before in each.after)

#: Decision -> the variables that make it yes, and no.
DECISIONS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "expensive": ({"cost": 90_000}, {"cost": 1_000}),
    "vetted": ({"roleClass": "vetted"}, {"roleClass": "standard"}),
    "privileged": ({"systems": ["payroll-system", "source-code"]}, {"systems": []}),
    "out of stock": ({"inStock": False}, {"inStock": True}),
    "remote": ({"remote": True}, {"remote": False}),
}


def variables_for(decided: Set[str]) -> dict[str, Any]:
    """Start variables under which just these decisions are yes."""
    return {
        name: value
        for decision, (yes, no) in DECISIONS.items()
        for name, value in (yes if decision in decided else no).items()
    }


def applicable(decided: Set[str]) -> frozenset[int]:
    return frozenset(each.number for each in PLAN if each.only_if is None or each.only_if in decided)


def ready(decided: Set[str], done: Set[int]) -> frozenset[int]:
    """The tasks that may be worked on: not done, and everything before them that applies is done."""
    here = applicable(decided)
    return frozenset(each for each in here - done if _before(each, here) <= done)


def _before(number: int, here: Set[int]) -> frozenset[int]:
    """What must be done before it: where a task does not apply, what comes before that one."""
    found: set[int] = set()
    for each in BY_NUMBER[number].after:
        found |= {each} if each in here else _before(each, here)
    return frozenset(found)
