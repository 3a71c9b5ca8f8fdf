"""A house in which one person has left a trace in every table, and the search for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import LargeBinary, String, func, select

from engine import (
    SYSTEM,
    Actor,
    ExternalIdentity,
    KeptAnswer,
    PendingSignIn,
    ProcessEngine,
    Scope,
    TaskQuery,
    actor_of,
    add_comment,
    add_member,
    assign_task,
    claim_key,
    claim_task,
    complete_task,
    create_api_token,
    create_group,
    create_user,
    delegate_task,
    deploy_resources,
    find_tasks,
    get_group,
    keep_answer,
    link_identity,
    notify,
    open_session,
    remember_device,
    remember_pending,
    save_draft,
    set_absence,
    set_owned_flows,
    start_instance,
    update_group,
)
from engine.database.metadata import metadata
from engine.database.tables import historic_activity_instance, historic_process_instance
from tests.engine.play import ANNA, END, START, bpmn, flow, user_task

YLVA = "ylva.t7"
WORDS = ("ylva.t7", "Ylva Törnkvist-Sjö", "ylva.tornkvist@example.org", "ytornkvist", "Ylva", "Törnkvist")
#: start -> ask (hr) -> build (it) -> end, with somebody in its variables.
PLAIN = bpmn(
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${title}"/></camunda:properties>'
    "</extensionElements>"
    + START
    + user_task("ask")
    + user_task("build", 'camunda:candidateGroups="it" camunda:assignee="${execution.getVariable(\'builder\')}"')
    + END
    + flow("start", "ask", "build", "end"),
    "plain",
)
HIRING = bpmn(
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${name}"/>'
    '<camunda:property name="subjectUser" value="who"/></camunda:properties></extensionElements>'
    '<startEvent id="start"><extensionElements><camunda:formData><camunda:formField id="name" type="string"/>'
    '<camunda:formField id="bundle" type="enum"><camunda:value id="office" name="Office"/></camunda:formField>'
    '<camunda:formField id="salary" type="long"><camunda:properties><camunda:property id="confidential" value="hr"/>'
    "</camunda:properties></camunda:formField></camunda:formData></extensionElements></startEvent>"
    '<userTask id="ask" name="Ask ${name}" camunda:candidateGroups="hr"/>' + END + flow("start", "ask", "end"),
    "hiring",
)
HIRE: Mapping[str, Any] = {"name": WORDS[1], "who": YLVA, "bundle": "office", "salary": 41_234, "cost": 900,
                           "approved": True, "born": "1999-12-31", "address": "Storgatan 1"}  # fmt: skip


def furnish(engine: ProcessEngine) -> dict[str, str]:
    """The journeys: `hired` is about Ylva and done, `done` is not, `running` runs with her in its variables."""
    with engine.command(SYSTEM) as context:
        for group in ("hr", "it", "process-owner"):
            create_group(context, group, group.upper(), type="SYSTEM" if group == "process-owner" else "WORKFLOW")
        deploy_resources(context, "plain", [("plain.bpmn", PLAIN)])
        deploy_resources(context, "hiring", [("hiring.bpmn", HIRING)])
        create_user(
            context, YLVA, password="correct horse", first_name="Ylva", last_name="Törnkvist-Sjö", email=WORDS[2],
            user_name="ytornkvist", external_id="ext-1",
        )  # fmt: skip
        create_user(context, "anna", first_name="Anna")
        create_user(context, "hanna", first_name="Hanna", manager_id=YLVA)
        add_member(context, "hr", "hanna")
        for group in ("hr", "it", "process-owner"):
            add_member(context, group, YLVA)
        open_session(context, YLVA, client=f"the browser of {WORDS[1]}", id_token=f"of {YLVA}")
        remember_device(context, YLVA, None)
        coming = PendingSignIn("s", "n", "v", f"/journeys?q={YLVA}", unsent=f"from {WORDS[1]}", user_id=YLVA)
        remember_pending(context, "on her way", coming)
        notify(context, user_id="hanna", message={"en": f"{WORDS[1]} asks you", "sv": "Ylva Törnkvist-Sjö frågar"})
        notify(context, user_id=YLVA, message={"en": "Do this"})
    with engine.command(ANNA) as context:
        set_owned_flows(context, YLVA, ["plain"])
        update_group(context, replace(get_group(context, "it"), representative_id=YLVA, email=WORDS[2]))
        set_absence(context, YLVA, date(2027, 6, 1), date(2027, 6, 5), "hanna")
        set_absence(context, "hanna", date(2027, 8, 1), date(2027, 8, 5), YLVA)
    with engine.query(SYSTEM) as context:
        ylva = actor_of(context, YLVA)
    with engine.command(ylva) as context:
        create_api_token(context, "script", Scope.READ, 30)
        link_identity(context, ExternalIdentity("https://sso.example.org", f"sub-{YLVA}"))
        save_draft(context, "sketch", None, PLAIN.replace(b'"plain"', b'"sketch"'))
        deploy_resources(context, f"of {YLVA}", [("more.bpmn", PLAIN.replace(b'"plain"', b'"more"'))])
        claim_key(context, "k1", "x" * 64)
        keep_answer(context, "k1", KeptAnswer(200, "application/json", f'{{"startUserId":"{YLVA}"}}'.encode()))
    done = _journey(
        engine, ylva, "plain", {"title": f"A chair for {WORDS[1]}", "by": {"ids": ["bo", YLVA]}}, f"chair {YLVA}"
    )
    hired = _journey(engine, ANNA, "hiring", HIRE, f"hire-{YLVA}")
    with engine.command(Actor("hanna", frozenset({"hr"}))) as context:
        add_comment(context, done, f"asked ylva törnkvist-sjö, see {YLVA}. Ask {YLVA}!")
        add_comment(context, hired, "Ylva is nice, born 1999")
    with engine.command(ylva) as context:
        add_comment(context, done, "It is the blue one")
    engine.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]  # a TestClock
    for journey in (done, hired):
        _work_through(engine, ylva, journey)
    running = _journey(
        engine, ylva, "plain", {"title": "Desk", "builder": YLVA, "note": f"call {WORDS[2]}", "names": [WORDS[1]]}, None
    )
    with engine.command(ylva) as context:
        (asked,) = find_tasks(context, TaskQuery(process_instance_id=running))
        claim_task(context, asked.id)
    other = _journey(engine, ANNA, "plain", {"title": "Lamp"}, None)
    with engine.command(ANNA) as context:
        (task,) = find_tasks(context, TaskQuery(process_instance_id=other))
        assign_task(context, task.id, "hanna")
        delegate_task(context, task.id, YLVA)
    return {"done": done, "hired": hired, "running": running, "other": other}


def _journey(
    engine: ProcessEngine, who: Actor, key: str, variables: Mapping[str, Any], business_key: str | None
) -> str:
    with engine.command(who) as context:
        return start_instance(context, key=key, variables=variables, business_key=business_key).id


def _work_through(engine: ProcessEngine, who: Actor, journey: str) -> None:
    while True:
        with engine.command(who) as context:
            found = find_tasks(context, TaskQuery(process_instance_id=journey))
            if not found:
                return
            claim_task(context, found[0].id)
        engine.clock.advance(timedelta(minutes=40))  # type: ignore[attr-defined]  # a TestClock
        with engine.command(who) as context:
            complete_task(context, found[0].id, {"answered": True, "note": f"by {WORDS[1]}"})


def traces(engine: ProcessEngine, words: Collection[str] = WORDS) -> dict[str, int]:
    """How many rows of which column have one of these words in them, in whatever letters: of every column of every
    table that can hold text or bytes, and of those that nobody listed too."""
    found: dict[str, int] = {}
    wanted = [re.compile(re.escape(form), re.IGNORECASE) for word in words for form in {word, _escaped(word)}]
    with engine.database.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, (String, LargeBinary)):
                    continue
                values = connection.execute(select(column)).scalars()
                texts = (bytes(each).decode(errors="replace") if isinstance(each, (bytes, memoryview)) else str(each)
                         for each in values if each is not None)  # fmt: skip
                hits = sum(1 for text in texts if any(each.search(text) for each in wanted))
                if hits:
                    found[f"{table.name}.{column.name}"] = hits
    return found


def _escaped(word: str) -> str:
    return word.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00")


def measures(engine: ProcessEngine) -> list[tuple[Any, ...]]:
    """What insight is made of: how often, how long, by department and activity; and how journeys came out."""
    activity, journey = historic_activity_instance.c, historic_process_instance.c
    numbers = [func.count(), *(func.sum(activity[name]) for name in
               ("queue_s", "touch_s", "queue_biz_s", "touch_biz_s"))]  # fmt: skip
    ways = (activity.definition_key, activity.activity_id, activity.department, activity.canceled)
    with engine.database.read() as connection:
        rows = [
            tuple(row)
            for row in connection.execute(
                select(*ways, *numbers).where(activity.ended_at.is_not(None)).group_by(*ways).order_by(*ways)
            )
        ]
        came_out = (journey.definition_key, journey.state)
        rows += [
            tuple(row)
            for row in connection.execute(
                select(*came_out, func.count(), func.sum(journey.lead_s), func.sum(journey.lead_biz_s))
                .group_by(*came_out)
                .order_by(*came_out)
            )
        ]
    return rows
