"""People: who they are, where they belong, what they may do, and who stands in for whom."""

from engine.people.absences import (
    Absence,
    AbsenceQuery,
    announce_absences,
    end_absence,
    find_absences,
    may_set_absence,
    set_absence,
    substitutes_today,
)
from engine.people.actors import actor_of, credentials
from engine.people.calendars import OwnCalendar
from engine.people.departments import (
    add_member,
    count_groups,
    create_group,
    delete_group,
    departments_of,
    find_groups,
    get_group,
    hold_group,
    memberships,
    remove_member,
    set_departments,
    set_members,
    update_group,
)
from engine.people.exchange.departments import export_departments, import_departments, read_days, read_time
from engine.people.exchange.people import export_people, import_people
from engine.people.exchange.plan import Change, ImportPlan
from engine.people.exchange.sheet import LineProblem
from engine.people.password_rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, require_good_password
from engine.people.passwords import PreparedPassword, password_hash, prepare_password, set_password, verify_hash
from engine.people.roles import (
    DEPARTMENT,
    ROLES,
    SYSTEM_GROUP,
    owned_flows,
    roles_of,
    set_owned_flows,
    set_roles,
)
from engine.people.saving import save_person
from engine.people.staffing import unstaffed_departments
from engine.people.users import (
    count_users,
    create_user,
    delete_user,
    find_users,
    get_user,
    hold_user,
    set_language,
    update_user,
)
from engine.people.values import Group, GroupQuery, User, UserQuery
from engine.policy import ADMINISTRATORS, GUESTS, HEADS_OF_SERVICE, PROCESS_OWNERS

__all__ = [
    "ADMINISTRATORS", "DEPARTMENT", "GUESTS", "HEADS_OF_SERVICE", "LONGEST_PASSWORD", "PROCESS_OWNERS", "ROLES",
    "SHORTEST_PASSWORD", "SYSTEM_GROUP", "Absence", "AbsenceQuery", "Change", "Group", "GroupQuery", "ImportPlan",
    "LineProblem", "OwnCalendar", "PreparedPassword", "User", "UserQuery", "actor_of", "add_member",
    "announce_absences", "count_groups", "count_users", "create_group", "create_user", "credentials",
    "delete_group", "delete_user", "departments_of", "end_absence", "export_departments", "export_people",
    "find_absences", "find_groups", "find_users", "get_group", "get_user", "hold_group", "hold_user",
    "import_departments", "import_people", "may_set_absence", "memberships", "owned_flows", "password_hash",
    "prepare_password", "read_days", "read_time", "remove_member", "require_good_password", "roles_of",
    "save_person", "set_absence", "set_departments", "set_language", "set_members", "set_owned_flows",
    "set_password", "set_roles", "substitutes_today", "unstaffed_departments", "update_group", "update_user",
    "verify_hash",
]  # fmt: skip
