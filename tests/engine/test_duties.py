"""Separation of duties: who asked, or did an earlier task, does not approve; by no way round, and whoever they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import (
    Actor,
    CommandContext,
    IdentityLink,
    NotAllowed,
    ProcessEngine,
    StandIn,
    TaskQuery,
    add_identity_link,
    assign_task,
    barred,
    claim_task,
    complete_task,
    delegate_task,
    find_tasks,
    for_whom,
    resolve_task,
    submit_form,
    throw_task_error,
)
from tests.engine.play import (
    ANNA,
    END,
    HANNA,
    IVAR,
    START,
    bpmn,
    complete,
    counting,
    deploy,
    flow,
    start,
    task,
    user_task,
    waiting,
)

OLLE = Actor("olle", frozenset({"hr"}))


def apart(not_by: str) -> bytes:
    """first (hr) -> approve (hr), which is not for whoever is named."""
    kept = f'<camunda:properties><camunda:property name="notBy" value="{not_by}"/></camunda:properties>'
    inside = f"<extensionElements>{kept}</extensionElements>"
    return bpmn(
        START
        + user_task("first")
        + user_task("approve", inside=inside)
        + END
        + flow("start", "first", "approve", "end"),
    )


def at_approval(engine: ProcessEngine, not_by: str, *, by: Actor, starter: Actor) -> str:
    deploy(engine, apart(not_by))
    start(engine, actor=starter)
    complete(engine, "first", by)
    return task(engine, "approve").id


#: Every way in which somebody comes to do a task; the task is not for hanna.
WAYS: dict[str, tuple[Actor, Callable[[CommandContext, str], object]]] = {
    "claim": (HANNA, claim_task),
    "complete": (HANNA, complete_task),
    "submit": (HANNA, lambda context, of: submit_form(context, of, {})),
    "an error": (HANNA, lambda context, of: throw_task_error(context, of, "E", None, {})),
    "resolve": (HANNA, lambda context, of: resolve_task(context, of, {"approved": True})),
    "assign": (OLLE, lambda context, of: assign_task(context, of, "hanna")),
    "assign by an administrator": (ANNA, lambda context, of: assign_task(context, of, "hanna")),
    "claim by an administrator": (ANNA, lambda context, of: claim_task(context, of, "hanna")),
    "link": (OLLE, lambda context, of: add_identity_link(context, of, IdentityLink("assignee", "hanna", None))),
    "delegate": (OLLE, lambda context, of: delegate_task(context, of, "hanna")),
    "in the approver's place": (
        Actor("hanna", stands_in_for=(StandIn("olle", frozenset({"hr"})),)), claim_task,
    ),
    "in the requester's place": (
        Actor("bo", stands_in_for=(StandIn("hanna", frozenset({"hr"})),)), complete_task,
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("not_by", ["starter", "first", "starter, first"])
def test_there_is_no_way_round(engine: ProcessEngine, way: str, not_by: str) -> None:
    found = at_approval(
        engine, not_by, by=OLLE if not_by == "starter" else HANNA, starter=HANNA if not_by == "starter" else IVAR
    )
    actor, does = WAYS[way]
    with pytest.raises(NotAllowed, match="Separation of duties"), engine.command(actor) as context:
        does(context, found)
    assert task(engine, "approve").assignee is None
    with engine.command(Actor("nora", frozenset({"hr"}))) as context:
        claim_task(context, found)
        complete_task(context, found)
    assert waiting(engine) == []


def test_an_administrator_who_asked_does_not_approve_either(engine: ProcessEngine) -> None:
    found = at_approval(engine, "starter", by=OLLE, starter=ANNA)
    with pytest.raises(NotAllowed, match="who started the journey may not do it"), engine.command(ANNA) as context:
        complete_task(context, found)


def test_whose_work_was_done_for_them_counts_as_having_done_it(engine: ProcessEngine) -> None:
    helper = Actor("bo", stands_in_for=(StandIn("hanna", frozenset({"hr"})),))
    found = at_approval(engine, "first", by=helper, starter=IVAR)
    for actor in (HANNA, helper):
        with pytest.raises(NotAllowed, match="who did “First”"), engine.command(actor) as context:
            claim_task(context, found)


def test_the_list_knows_why_without_asking_and_completing_asks_nothing_more(engine: ProcessEngine) -> None:
    found = at_approval(engine, "starter", by=OLLE, starter=HANNA)
    with engine.query(HANNA) as context:
        listed = find_tasks(context, TaskQuery())
        with counting(engine) as statements:
            assert barred(context, listed, for_whom(context, listed)) == {found: "starter"}
        assert statements == []
    with counting(engine) as statements, engine.command(OLLE) as context:
        complete_task(context, found)
    assert len(statements) <= 10
