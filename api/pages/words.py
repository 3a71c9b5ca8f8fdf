"""How things are said to people: due dates, moments, durations, names. No HTML here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zlib import crc32

from flask_babel import format_date, format_datetime, gettext, ngettext

from bpmn import plain, text

HUES = 8


@dataclass(frozen=True, slots=True)
class Due:
    """`state` is late, soon (today or tomorrow), later, or none."""

    words: str
    state: str
    title: str = ""


def due_in_words(due: datetime | None, now: datetime, zone: tzinfo) -> Due:
    """`2 days late`, `Today 12:00`, `Tomorrow`, `Friday`, `3 December`, by the calendar of the site."""
    if due is None:
        return Due("–", "none")
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    title = format_datetime(due, "EEEE d MMMM y HH:mm")
    if due < now:
        if days == 0:
            return Due(gettext("Late today"), "late", title)
        return Due(ngettext("%(num)d day late", "%(num)d days late", -days), "late", title)
    if days == 0:
        return Due(gettext("Today %(time)s", time=format_datetime(due, "HH:mm")), "soon", title)
    if days == 1:
        return Due(gettext("Tomorrow"), "soon", title)
    if days < 7:
        return Due(format_date(local.date(), "EEEE").capitalize(), "later", title)
    return Due(day_in_words(local.date(), today), "later", title)


def day_in_words(day: date, today: date) -> str:
    """`3 December`, with the year where it is another."""
    return format_date(day, "d MMMM" if day.year == today.year else "d MMMM y")


def moment_in_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """`Today 14:05`, `Yesterday 09:10`, `24 November 08:00`."""
    days = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
    clock = format_datetime(moment, "HH:mm")
    if days == 0:
        return gettext("Today %(time)s", time=clock)
    if days == 1:
        return gettext("Yesterday %(time)s", time=clock)
    return f"{day_in_words(moment.astimezone(zone).date(), now.astimezone(zone).date())} {clock}"


def inside_a_sentence(text: str) -> str:
    """`today 14:05`: how a moment is written where it does not begin the sentence."""
    return text[:1].lower() + text[1:]


def days_under_way(started: datetime, ended: datetime | None, now: datetime, zone: tzinfo) -> int:
    """Calendar days from the day it began, by the calendar of the site: 0 on that day."""
    return ((ended or now).astimezone(zone).date() - started.astimezone(zone).date()).days


def span_in_words(span: timedelta) -> str:
    """“4 hours”, or in minutes where it is no whole number of them."""
    minutes = int(span.total_seconds()) // 60
    if minutes % 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)


def days_in_words(days: int) -> str:
    return ngettext("about %(num)d working day", "about %(num)d working days", days)


def in_language(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en") or ""


def value_in_words(value: Any, options: Mapping[str, str] | None = None) -> str:
    """A variable as a person reads it."""
    found = plain(value)
    if isinstance(found, bool):
        return gettext("Yes") if found else gettext("No")
    if found is None or found == "":
        return "–"
    if isinstance(found, list):
        return ", ".join(value_in_words(each, options) for each in found) or "–"
    if isinstance(found, datetime):
        return format_datetime(found, "d MMMM y HH:mm")
    shown = text(found)
    if options and shown in options:
        return options[shown]
    try:
        return format_date(date.fromisoformat(shown), "d MMMM y")
    except ValueError:
        return shown


def initials(name: str) -> str:
    parts = [part for part in name.split() if part]
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


def hue(key: str | None) -> int:
    """The same colour for the same department, everywhere."""
    return crc32((key or "").encode()) % HUES


def operation_in_words(operation: str) -> str:
    """An entry of the operation log, as a verb in the past."""
    known = {
        "Start": gettext("started it"),
        "Claim": gettext("claimed"),
        "Unclaim": gettext("gave back"),
        "Assign": gettext("handed over"),
        "Delegate": gettext("asked somebody to do it"),
        "Resolve": gettext("did what was asked for"),
        "Complete": gettext("completed"),
        "Delete": gettext("withdrew it"),
        "Comment": gettext("said"),
        "SetVariable": gettext("changed facts"),
        "Trigger": gettext("let it go on"),
        "ModifyProcessInstance": gettext("moved it"),
        "Suspend": gettext("suspended it"),
        "Activate": gettext("activated it"),
        "Migrate": gettext("moved it to another version"),
        "Invite": gettext("invited a guest"),
        "RevokeInvitation": gettext("ended the invitation"),
        "SignIn": gettext("came in by the link"),
        "SignOut": gettext("signed out"),
        "SetOwner": gettext("changed the owner"),
        "AddUserLink": gettext("changed who may do it"),
        "DeleteUserLink": gettext("changed who may do it"),
        "AddGroupLink": gettext("changed who may do it"),
        "DeleteGroupLink": gettext("changed who may do it"),
        "HandleBpmnError": gettext("reported an error"),
        "HandleBpmnEscalation": gettext("escalated it"),
        "CorrelateMessage": gettext("sent a message"),
        "Signal": gettext("sent a signal"),
        "SetJobRetries": gettext("had it tried again"),
        "SetExternalTaskRetries": gettext("had it tried again"),
        "SetPriority": gettext("changed the priority"),
        "SetDueDate": gettext("moved the date"),
        "ExecuteJob": gettext("had it run now"),
        "Lock": gettext("took it for a worker"),
        "Unlock": gettext("gave it back from a worker"),
        "Fail": gettext("failed at it"),
    }
    return known.get(operation, operation)


def data_in_words(name: str) -> str:
    """A kind of what is kept about a person."""
    known = {
        "account": gettext("Account"),
        "memberships": gettext("Memberships"),
        "ownedFlows": gettext("Process owner of"),
        "startsFlows": gettext("Flows one may start"),
        "departmentsAnsweredFor": gettext("Departments answered for"),
        "absences": gettext("Absences"),
        "sessions": gettext("Sessions"),
        "identitiesElsewhere": gettext("Accounts elsewhere"),
        "knownDevices": gettext("Browsers known here"),
        "signInsUnderWay": gettext("Sign-ins under way"),
        "apiTokens": gettext("API tokens"),
        "invitations": gettext("Invitations"),
        "openTasks": gettext("Open tasks"),
        "candidateFor": gettext("Tasks one could take"),
        "journeysStarted": gettext("Journeys started"),
        "journeysAbout": gettext("Journeys about me"),
        "tasksDone": gettext("Tasks held or done"),
        "comments": gettext("Comments"),
        "notifications": gettext("Notifications"),
        "operations": gettext("Lines of the log"),
        "deployments": gettext("Flows published"),
        "drafts": gettext("Drafts"),
        "answersGiven": gettext("Answers given"),
    }
    return known.get(name, name)


def role_in_words(role: str) -> str:
    """What somebody with a role is; one that we do not know is called by its id."""
    known = {
        "camunda-admin": gettext("Administrator"),
        "process-owner": gettext("Process owner of all flows"),
        "head-of-service": gettext("Head of service"),
        "guest": gettext("Guest"),
    }
    return known.get(role, role)


def field_error(code: str, facts: Mapping[str, Any]) -> str:
    """What is wrong with a form field, and what would be right."""
    match code:
        case "required":
            return gettext("Fill in this field.")
        case "option":
            return gettext("Choose one of the options.")
        case "min":
            return gettext("The least is %(limit)s.", limit=facts.get("limit"))
        case "max":
            return gettext("The most is %(limit)s.", limit=facts.get("limit"))
        case "minlength":
            return gettext("Write at least %(limit)s characters.", limit=facts.get("limit"))
        case "maxlength":
            return gettext("Write at most %(limit)s characters.", limit=facts.get("limit"))
        case _:
            return gettext("This does not fit the kind of answer that is asked for.")
