"""Every route for everybody: who has nothing to do with an instance learns nothing of it and changes nothing in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import jinja2
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.routing import Rule
from werkzeug.test import Client

from api.app import create_app
from api.authentication import CSRF_HEADER
from api.demo import seed_people
from engine import SYSTEM, Actor, ProcessEngine, Settings, add_comment, deploy_resources, run_due, start_instance
from engine.database.tables import (
    comment,
    event_subscription,
    external_task,
    historic_activity_instance,
    incident,
    job,
    metadata,
    notification,
    process_instance,
    task,
    user_account,
)
from tests.engine.play import END, START, bpmn, flow, user_task
from tests.faults.finding import Finding, Stage
from tests.pages.person import Person
from workflows import DEMO_PEOPLE

SECRET = "Zebra4711"
#: Open to everybody: they show nothing of anybody.
OPEN = (
    "/static/<path:filename>",
    "/health/live",
    "/health/ready",
    "/engine-rest/openapi.json",
    "/api/v1/openapi.json",
    "/sign-in",
    "/sign-in/oidc",
    "/sign-in/oidc/callback",
    "/set-up/<secret>",
    "/language",
    "/.well-known/camunda-automation-platform/webapps",
)
#: Leaves, or starts something of one's own.
ITS_OWN = re.compile(
    r"^/(sign-out|language|start|absence|account)|^/api/v1/api-tokens|process-definition/.*/(start|submit-form)$"
)
ROLES = ("camunda-admin", "process-owner")
#: Whose task the instance is about.
INSIDERS = "payroll"

MODEL = bpmn(
    START
    + '<parallelGateway id="fork"/>'
    + user_task("pay", 'camunda:candidateGroups="payroll" camunda:dueDate="2099-01-01"')
    + '<boundaryEvent id="late" attachedToRef="pay"><timerEventDefinition><timeDuration>P9D</timeDuration>'
    + "</timerEventDefinition></boundaryEvent>"
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + '<receiveTask id="hears" messageRef="m"/>'
    + '<serviceTask id="fails" camunda:asyncBefore="true" camunda:expression="${nothing}">'
    + "<extensionElements><camunda:failedJobRetryTimeCycle>R1/PT1S</camunda:failedJobRetryTimeCycle>"
    + "</extensionElements></serviceTask>"
    + END
    + flow("start", "fork")
    + "".join(flow("fork", each, "end") for each in ("pay", "robot", "hears", "fails"))
    + flow("late", "end"),
    "guarded",
    beside='<message id="m" name="arrived"/>',
)
#: Something for every operation that takes a body; what one does not know it passes over or refuses.
BODY = {
    "userId": "isak", "value": "x", "type": "String", "retries": 1, "duedate": None, "workerId": "w", "maxTasks": 9,
    "topics": [{"topicName": "t", "lockDuration": 1000}], "messageName": "arrived", "all": True, "name": "arrived",
    "modifications": {"x": {"value": 1}}, "instructions": [{"type": "cancel", "activityId": "pay"}], "message": "x",
    "variables": {}, "newDuration": 1000, "lockDuration": 1000, "errorCode": "x", "priority": 1, "groupId": "it",
}  # fmt: skip
XSS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title><script>alert(1)</script>",
    "{{7*7}}<b>x</b>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!--<script>",
    "</textarea><script>alert(1)</script>",
    "\u2028<script>alert(1)</script>",
)


#: Of the small size: the instance, its first two tasks.
MOST_IDS = 3


@dataclass
class Walk:
    requests: int = 0
    leaks: list[str] = field(default_factory=list)


def every_route(stage: Stage) -> Finding:
    finding = Finding()
    with stage.database("sqlite") as url:
        engine = ProcessEngine(Settings(url, stage.home))
        try:
            _walks(stage, finding, engine)
            pages = _written_texts(finding, engine)
        finally:
            engine.close()
    finding.figures += f"; {len(XSS)} hostile texts on {pages} pages: unescaped 0"
    return finding


def _walks(stage: Stage, finding: Finding, engine: ProcessEngine) -> None:
    seed_people(engine)
    ids = _something_secret(engine)
    app = create_app(engine)
    rules = list(app.url_map.iter_rules())
    strangers = [each.id for each in DEMO_PEOPLE if not {INSIDERS, *ROLES} & {*each.groups}]
    chosen = strangers if stage.full else strangers[:1]
    if not stage.full:  # tests/policy walks every route with the ids that belong to it
        ids = ids[:MOST_IDS]
    nobody = _anonymous(app, rules, ids, finding)
    outside = [_walk(engine, app, rules, ids, each) for each in chosen]
    inside = _walk(engine, app, rules, ids, "admin", reading_only=True)
    leaks = [*nobody.leaks, *(leak for each in outside for leak in each.leaks)]
    finding.wrong += leaks
    finding.expect(len(inside.leaks) > 0, "an administrator sees nothing either")
    finding.figures = (
        f"{len(rules)} routes × anonymous and {len(chosen)} people of other departments: leaks {len(leaks)} of "
        f"{nobody.requests + sum(each.requests for each in outside):,} requests"
    )
    finding.control = f"an administrator is shown it {len(inside.leaks)} times"


def _something_secret(engine: ProcessEngine) -> list[str]:
    """The ids of everything of one instance."""
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "guarded", [("guarded.bpmn", MODEL)])
        instance = start_instance(context, key="guarded", variables={"salary": SECRET}, business_key=SECRET)
    run_due(engine)
    with engine.command(Actor("petra", frozenset({INSIDERS}))) as context:
        add_comment(context, instance.id, f"{SECRET} said")
        context.connection.execute(
            insert(notification).values(
                id=f"{instance.id[:-1]}x", group_id=INSIDERS, process_instance_id=instance.id,
                message=f'{{"en": "{SECRET}"}}', created_at=context.now,
            )
        )  # fmt: skip
    tables = (process_instance, task, external_task, job, event_subscription, incident, comment, notification)
    with engine.database.read() as connection:
        found = [str(each) for table in tables for each in connection.execute(select(table.c.id)).scalars()]
        visits = connection.execute(select(historic_activity_instance.c.id).limit(1)).scalars()
        return list(dict.fromkeys([*found, *visits]))


def _fingerprint(engine: ProcessEngine) -> list[object]:
    """All there is, but for sessions, and what is written about the one who asks."""
    spared = {"web_session", "user_operation_log", "draft"}
    with engine.database.read() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table.name not in spared
        ]


def _addresses(rule: Rule, ids: Iterable[str]) -> Iterator[str]:
    """The route with each id; other parts are filled with what there is."""
    path = rule.rule.replace("<key>", "guarded").replace("<name>", "salary").replace("<int:version>", "1")
    path = path.replace("<resource_id>", "guarded.bpmn").replace("<user_id>", "petra")
    path = re.sub(r"<path:\w+>", "x", path)
    if "<" not in path:
        yield path
        return
    for each in ids:
        yield re.sub(r"<\w+>", each, path)


def _anonymous(app: Flask, rules: list[Rule], ids: list[str], finding: Finding) -> Walk:
    walk, client = Walk(), app.test_client()
    for rule in rules:
        for path in _addresses(rule, ids[:1]):
            for method in _methods(rule):
                answer = client.open(path, method=method, json=None if method == "GET" else BODY)
                walk.requests += 1
                to_sign_in = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
                refused = answer.status_code in (401, 403, 405) or to_sign_in
                # Without the link of a guest there is nothing there.
                refused = refused or (answer.status_code == 404 and rule.rule.startswith("/guest"))
                if SECRET in answer.text:
                    walk.leaks.append(f"{method} {path} shows nobody in particular the secret")
                if not refused and rule.rule not in OPEN:
                    finding.wrong.append(f"{method} {rule.rule} answers {answer.status_code} to nobody in particular")
    return walk


def _walk(
    engine: ProcessEngine, app: Flask, rules: list[Rule], ids: list[str], user_id: str, *, reading_only: bool = False
) -> Walk:
    """A leak is an answer that shows the secret, or a walk after which anything is different."""
    walk = Walk()
    person = Person(app, user_id)
    before = _fingerprint(engine)
    token = person.token()
    for rule in rules:
        if ITS_OWN.search(rule.rule):
            continue
        for path in _addresses(rule, ids):
            for method in _methods(rule):
                if reading_only and method != "GET":
                    continue
                walk.requests += 1
                if SECRET in _ask(person.client, method, path, token):
                    walk.leaks.append(f"{method} {path} shows {user_id} the secret")
    if _fingerprint(engine) != before:
        walk.leaks.append(f"{user_id} has changed something")
    return walk


def _ask(client: Client, method: str, path: str, token: str) -> str:
    if method == "GET":
        return client.get(path, query_string={"q": "Zebra"} if path == "/search" else None).text
    headers = {CSRF_HEADER: token}
    if path.startswith(("/engine-rest", "/api/")):
        return client.open(path, method=method, json=BODY, headers=headers).text
    return client.open(path, method=method, data={"csrf_token": token, "message": "x"}, headers=headers).text


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


# ---------------------------------------------------------------- what people write


def _written_texts(finding: Finding, engine: ProcessEngine) -> int:
    """Texts as names, variables, comments and searches; how many pages were looked at."""
    app = create_app(engine)
    admin = Person(app, "admin")
    looked = 0
    for number, text in enumerate(XSS):
        with engine.command(SYSTEM) as context:
            instance = start_instance(context, key="guarded", variables={"salary": text}, business_key=text)
            add_comment(context, instance.id, text)
            context.connection.execute(
                task.update().where(task.c.process_instance_id == instance.id).values(name=text, description=text)
            )
            context.connection.execute(user_account.update().where(user_account.c.id == "nils").values(first_name=text))
            task_id = context.connection.execute(
                select(task.c.id).where(task.c.process_instance_id == instance.id)
            ).scalar_one()
        for path in (f"/tasks/{task_id}", f"/journeys/{instance.id}", "/tasks?view=all", "/journeys", "/"):
            looked += 1
            if text in admin.client.get(path).text:
                finding.wrong.append(f"text {number} stands as it came on {path}")
        looked += 1
        if text in admin.client.get("/search", query_string={"q": text}).text:
            finding.wrong.append(f"text {number} stands as it came among what was searched")
    bare = sum(text in jinja2.Template("<p>{{ text }}</p>").render(text=text) for text in XSS)
    finding.expect(bare == len(XSS), "the texts do not show on a page without escaping")
    return looked
