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


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`says` is what the sign-in page tells about them."""

    id: str
    first_name: str
    last_name: str
    groups: tuple[str, ...]
    says: str
    says_sv: str

    @property
    def email(self) -> str:
        return f"{self.id}@example.org"


DEMO_DEPARTMENTS = (
    DemoDepartment("camunda-admin", "Administrators", "Administratörer", ROLE),
    DemoDepartment("process-owner", "Process owners", "Processägare", ROLE),
    DemoDepartment("hiring-manager", "Hiring managers", "Rekryterande chefer"),
    DemoDepartment("budget-owner", "Budget owners", "Budgetansvariga"),
    DemoDepartment("system-owner", "System owners", "Systemägare"),
    DemoDepartment("it", "IT", "IT"),
    DemoDepartment("facilities", "Facilities", "Lokaler"),
    DemoDepartment("security", "Security", "Säkerhet"),
    DemoDepartment("hr", "HR", "HR"),
    DemoDepartment("payroll", "Payroll", "Lön"),
    DemoDepartment("new-employee", "New employees", "Nyanställda"),
    DemoDepartment("service-desk", "Service desk", "Servicedesk"),
)

DEMO_PEOPLE = (
    DemoPerson("maria", "Maria", "Lindqvist", ("hiring-manager",), "Hiring manager", "Rekryterande chef"),
    DemoPerson("hanna", "Hanna", "Berg", ("hr",), "HR", "HR"),
    DemoPerson("isak", "Isak", "Nyström", ("it",), "IT", "IT"),
    DemoPerson("fatima", "Fatima", "Rahimi", ("facilities",), "Facilities", "Lokaler"),
    DemoPerson("nils", "Nils", "Ek", ("new-employee",), "New employee", "Nyanställd"),
    DemoPerson("sara", "Sara", "Holm", ("security",), "Security", "Säkerhet"),
    DemoPerson("petra", "Petra", "Sund", ("payroll",), "Payroll", "Lön"),
    DemoPerson("bo", "Bo", "Wallin", ("budget-owner",), "Budget owner", "Budgetansvarig"),
    DemoPerson("sven", "Sven", "Åkesson", ("system-owner",), "System owner", "Systemägare"),
    DemoPerson("dana", "Dana", "Kovač", ("service-desk",), "Service desk", "Servicedesk"),
    DemoPerson("olle", "Olle", "Ström", ("process-owner", "hr"), "Process owner", "Processägare"),
    DemoPerson("admin", "Alva", "Admin", ("camunda-admin",), "Administrator", "Administratör"),
)
