"""What is kept about a person, given out: by themselves of themselves, by an administrator of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, or_, select

from engine.context import CommandContext
from engine.database.metadata import metadata
from engine.database.tables import historic_process_instance, historic_variable_instance, user_account
from engine.errors import NotFound
from engine.people.guards import require_self_or_administrator
from engine.policy.confidentiality import revealed
from engine.privacy.needles import needles_of
from engine.privacy.subjects import journeys_about


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of a table in which one of `people` is the person; `left_out` are columns that are nobody's to read."""

    table: str
    people: Sequence[str]
    left_out: Sequence[str] = ()


SECTIONS: Mapping[str, Section] = {
    "account": Section("user_account", ("id",), ("password_hash",)),
    "memberships": Section("membership", ("user_id",)),
    "ownedFlows": Section("flow_owner", ("user_id",)),
    "startsFlows": Section("definition_party", ("user_id",)),
    "departmentsAnsweredFor": Section("department", ("representative_id", "substitute_id"), ("calendar",)),
    "absences": Section("absence", ("user_id", "substitute_id", "created_by")),
    "sessions": Section("web_session", ("user_id",), ("id", "csrf_token", "id_token")),
    "identitiesElsewhere": Section("external_identity", ("user_id",)),
    "knownDevices": Section("known_device", ("user_id",), ("id",)),
    "signInsUnderWay": Section("pending_sign_in", ("user_id",), ("id", "state", "nonce", "verifier")),
    "apiTokens": Section("api_token", ("user_id",), ("digest",)),
    "invitations": Section("guest_invitation", ("user_id", "created_by")),
    "openTasks": Section("task", ("assignee", "owner", "claimed_for")),
    "candidateFor": Section("identity_link", ("user_id",)),
    "journeysStarted": Section("historic_process_instance", ("started_by",)),
    "tasksDone": Section("historic_activity_instance", ("assignee", "completed_by", "completed_for")),
    "comments": Section("comment", ("user_id",)),
    "notifications": Section("notification", ("user_id",)),
    "operations": Section("user_operation_log", ("user_id", "on_behalf_of")),
    "deployments": Section("deployment", ("deployed_by",)),
    "drafts": Section("draft", ("updated_by",), ("content",)),
}

#: Tables that are given out by hand, below.
BY_HAND: Mapping[str, str] = {"historic_variable_instance": "answers in journeys about the person, and what they set"}

ONLY_RUNS = "holds where journeys stand and wait, no more than their history, which is given out"
NOT_GIVEN_OUT: Mapping[str, str] = {
    "process_instance": ONLY_RUNS,
    "log_erasure": "holds a row while an erasure runs, and nothing of anybody",
    "event_subscription": ONLY_RUNS,
    "external_task": ONLY_RUNS,
    "job": "what is to be done soon; mails in it go to the person and are thrown away once they are sent",
    "incident": "what went wrong in a flow, in the words of the program",
    "idempotency_key": "answers that the person got already, kept for a day",
    "guest_link": "digests",
    "set_up_link": "a digest, before anybody is there",
    "guest_session": "digests; when a guest first came in stands with the invitation",
    "process_definition": "models, not people",
    "resource": "models, not people",
    "confidential_variable": "models, not people",
}


def export_person(context: CommandContext, user_id: str) -> dict[str, Any]:
    """As values that JSON can hold, a list of rows under each name of SECTIONS. Of journeys about the person the
    answers that the actor may know; `withheld` says how many others there are, for members of their departments to
    give out. NotFound for who has no account; NotAllowed for others than the person and administrators."""
    require_self_or_administrator(context, user_id)
    row = context.connection.execute(select(user_account).where(user_account.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFound("user", user_id)
    found: dict[str, Any] = {"person": user_id, "exportedAt": context.now.isoformat()}
    for name, section in SECTIONS.items():
        found[name] = [_readable(each) for each in context.connection.execute(_rows(section, user_id))]
    needles = needles_of(row.id, row.user_name, row.email, row.first_name, row.last_name)
    about = [each.id for each in journeys_about(context, user_id, needles) if not each.by_name]
    found["journeysAbout"] = [_journey(context, each) for each in about]
    column = historic_variable_instance.c
    entered = select(historic_variable_instance).where(
        column.updated_by == user_id, revealed(context, column.process_instance_id, column.name)
    )
    found["answersGiven"] = [_answer(each) for each in context.connection.execute(entered.order_by(column.updated_at))]
    return found


def _rows(section: Section, user_id: str) -> Select[Any]:
    table = metadata.tables[section.table]
    shown = [column for column in table.columns if column.name not in section.left_out]
    theirs = or_(*(table.c[name] == user_id for name in section.people))
    return select(*shown).where(theirs).order_by(*table.primary_key.columns)


def _readable(row: Row[Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _journey(context: CommandContext, journey_id: str) -> dict[str, Any]:
    instance, column = historic_process_instance.c, historic_variable_instance.c
    row = context.connection.execute(select(historic_process_instance).where(instance.id == journey_id)).one()
    inside = select(instance.id).where(instance.root_instance_id == journey_id)
    answers = select(historic_variable_instance).where(column.process_instance_id.in_(inside))
    told = answers.where(revealed(context, column.process_instance_id, column.name)).order_by(column.name)
    given = [_answer(each) for each in context.connection.execute(told)]
    every = context.connection.execute(select(func.count()).select_from(answers.subquery())).scalar_one()
    return {**_readable(row), "answers": given,
            "withheld": int(every) - len(given)}  # fmt: skip


def _answer(row: Row[Any]) -> dict[str, Any]:
    return {
        "journey": row.process_instance_id,
        "name": row.name,
        "value": msgspec.json.decode(row.value),
        "updatedAt": row.updated_at.isoformat(),
    }
