"""Who acts: a person with their departments and roles, the flows they own, and whom they stand in for today.

All of it comes from one query, asked anew with every request: whoever joins, leaves or falls ill counts at once, and no
query for tasks needs to look again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    exists,
    literal_column,
    null,
    select,
    true,
    union_all,
)

from engine.context import Actor, CommandContext, StandIn
from engine.database.tables import absence, department, flow_owner, membership, user_account
from engine.errors import NotFound
from engine.people.passwords import SIGNS_IN
from engine.people.roles import (
    DEPARTMENT,
)
from engine.policy import ADMINISTRATORS


def actor_of(context: CommandContext, user_id: str) -> Actor:
    """The person, ready to act. NotFound for an unknown user, and for one who is no longer active."""
    known = select(user_account.c.id).where(user_account.c.id == user_id, user_account.c.active)
    if context.connection.execute(known).first() is None:
        raise NotFound("user", user_id)
    rows = context.connection.execute(_FACTS, {"user_id": user_id, "today": today(context)})
    return made_actor(user_id, rows.all())


def credentials(context: CommandContext, user_id: str) -> tuple[Actor, str] | None:
    """The person, ready to act, and the stored hash, which must be verified first; None for whom no password lets
    in."""
    rows = context.connection.execute(_CREDENTIALS, {"user_id": user_id, "today": today(context)}).all()
    if not rows or rows[0].password_hash is None:
        return None
    return made_actor(user_id, rows), rows[0].password_hash


def today(context: CommandContext) -> str:
    """The date at the site, as absences are written."""
    return context.engine.calendar.local_day(context.now).isoformat()


def facts_about(person: ColumnElement[Any]) -> CompoundSelect[*tuple[Any, ...]]:
    """Rows (kind, value, of) about one person. Parameter: `today`.

    kind `group`: a group they belong to; `flow`: a flow they own; `stand-in`: `of` is absent, they act in that person's
    place, `value` is a department of that person's, or null.
    """
    here = absence.alias("here")
    away = exists().where(here.c.user_id == person, _covers(here))
    first = select(absence.c.user_id).where(absence.c.substitute_id == person, _covers(absence), ~away)
    # Distinct, so that two who stand in for each other are no endless chain.
    chain = first.cte("stood_in_for", recursive=True)
    further = absence.alias("further")
    chain = chain.union(
        select(further.c.user_id).join(chain, further.c.substitute_id == chain.c.user_id).where(_covers(further))
    )
    theirs = (
        select(membership.c.user_id, membership.c.group_id)
        .join(department, department.c.id == membership.c.group_id)
        .where(department.c.type == DEPARTMENT)
        .subquery("theirs")
    )
    return union_all(
        select(literal_column("'group'").label("kind"), membership.c.group_id.label("value"), null().label("of")).where(
            membership.c.user_id == person
        ),
        select(literal_column("'flow'"), flow_owner.c.definition_key, null()).where(flow_owner.c.user_id == person),
        select(literal_column("'stand-in'"), theirs.c.group_id, chain.c.user_id).outerjoin_from(
            chain, theirs, theirs.c.user_id == chain.c.user_id
        ),
    )


def made_actor(user_id: str, rows: Sequence[Row[Any]]) -> Actor:
    """From rows of `facts_about`; rows that say nothing (`kind` null) are passed over."""
    groups = frozenset(row.value for row in rows if row.kind == "group")
    flows = frozenset(row.value for row in rows if row.kind == "flow")
    stood_for: dict[str, set[str]] = {}
    for row in rows:
        if row.kind == "stand-in":
            stood_for.setdefault(row.of, set()).update([row.value] if row.value is not None else [])
    return Actor(
        user_id=user_id,
        groups=groups,
        administrator=ADMINISTRATORS in groups,
        flows=flows,
        stands_in_for=tuple(StandIn(person, frozenset(those)) for person, those in sorted(stood_for.items())),
    )


def beside(person: ColumnElement[Any]) -> Subquery:
    """`facts_about` as a table, to be joined on true."""
    return facts_about(person).subquery("facts")


def _covers(table: Any) -> Any:
    day: BindParameter[str] = bindparam("today")
    return and_(table.c.first_day <= day, table.c.last_day >= day)


def _credentials() -> Select[*tuple[Any, ...]]:
    facts = beside(bindparam("user_id"))
    return (
        select(user_account.c.password_hash, *facts.c)
        .outerjoin_from(user_account, facts, true())
        .where(user_account.c.id == bindparam("user_id"), SIGNS_IN)
    )


#: Built once: one of them is asked with every request over HTTP Basic.
_FACTS = facts_about(bindparam("user_id"))
_CREDENTIALS = _credentials()
