"""The people of the demo: a small Swedish company whose ten departments bring a new colleague on board."""

from __future__ import annotations

from dataclasses import dataclass

ROLE = "SYSTEM"
DEPARTMENT = "WORKFLOW"


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """`type` is WORKFLOW for a department, SYSTEM for a role."""

    id: str
    name: str
    name_sv: str
    type: str = DEPARTMENT
    representative: str | None = None
    substitute: str | None = None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`says` is what the sign-in page tells about them."""

    id: str
    first_name: str
    last_name: str
    groups: tuple[str, ...]
    says: str
    says_sv: str
    manager: str | None = None

    @property
    def email(self) -> str:
        return f"{self.id}@example.org"


DEMO_DEPARTMENTS = (
    DemoDepartment("camunda-admin", "Administrators", "Administratörer", ROLE),
    DemoDepartment("process-owner", "Process owners", "Processägare", ROLE),
    DemoDepartment("hiring-manager", "Hiring managers", "Rekryterande chefer", representative="maria", substitute="bo"),
    DemoDepartment("budget-owner", "Budget owners", "Budgetansvariga", representative="bo", substitute="maria"),
    DemoDepartment("system-owner", "System owners", "Systemägare", representative="sven", substitute="isak"),
    DemoDepartment("it", "IT", "IT", representative="isak", substitute="dana"),
    DemoDepartment("facilities", "Facilities", "Lokaler", representative="fatima", substitute="sara"),
    DemoDepartment("security", "Security", "Säkerhet", representative="sara", substitute="fatima"),
    DemoDepartment("hr", "HR", "HR", representative="hanna", substitute="olle"),
    DemoDepartment("payroll", "Payroll", "Lön", representative="petra", substitute="hanna"),
    DemoDepartment("new-employee", "New employees", "Nyanställda"),
    DemoDepartment("service-desk", "Service desk", "Servicedesk", representative="dana", substitute="isak"),
)

DEMO_PEOPLE = (
    DemoPerson("maria", "Maria", "Lindqvist", ("hiring-manager",), "Hiring manager", "Rekryterande chef", "bo"),
    DemoPerson("hanna", "Hanna", "Berg", ("hr",), "HR", "HR", "olle"),
    DemoPerson("isak", "Isak", "Nyström", ("it",), "IT", "IT", "sven"),
    DemoPerson("fatima", "Fatima", "Rahimi", ("facilities",), "Facilities", "Lokaler", "bo"),
    DemoPerson("nils", "Nils", "Ek", ("new-employee",), "New employee", "Nyanställd", "maria"),
    DemoPerson("sara", "Sara", "Holm", ("security",), "Security", "Säkerhet", "fatima"),
    DemoPerson("petra", "Petra", "Sund", ("payroll",), "Payroll", "Lön", "hanna"),
    DemoPerson("bo", "Bo", "Wallin", ("budget-owner",), "Budget owner", "Budgetansvarig", "olle"),
    DemoPerson("sven", "Sven", "Åkesson", ("system-owner",), "System owner", "Systemägare", "olle"),
    DemoPerson("dana", "Dana", "Kovač", ("service-desk",), "Service desk", "Servicedesk", "isak"),
    DemoPerson("olle", "Olle", "Ström", ("process-owner", "hr"), "Process owner", "Processägare"),
    DemoPerson("admin", "Alva", "Admin", ("camunda-admin",), "Administrator", "Administratör", "olle"),
)
