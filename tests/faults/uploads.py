"""Hostile files through the deployment of the REST API: none is accepted, and none costs much."""

from __future__ import annotations

import resource
import time

from flask import Flask
from lxml import etree

from api.app import create_app
from api.demo import PASSWORD
from engine import ADMINISTRATORS, SYSTEM, ProcessEngine, add_member, create_group, create_user
from tests.bpmn.test_hostile import HOSTILE
from tests.engine.play import END, START, TWO_TASKS, bpmn, flow
from tests.faults import floods
from tests.faults.finding import Finding, Stage
from tests.rest.client import Client

MOST_S, MOST_KB = 10.0, 400_000


def _calling(id: str, called: str) -> str:
    return f'<callActivity id="{id}" calledElement="{called}"/>'


def _script(text: str) -> str:
    return f'<scriptTask id="work" scriptFormat="python"><script>{text}</script></scriptTask>'


def _many(times: int, inside: str) -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>{times}</loopCardinality>'
        f"</multiInstanceLoopCharacteristics>{inside}"
    )


def _for_ever(work: str) -> bytes:
    return bpmn(START + '<exclusiveGateway id="merge"/>' + work + flow("start", "merge", "work", "merge"))


def _nested(inside: str, name: str, times: int) -> str:
    start, end = f'<startEvent id="{name}start"/>', f'<endEvent id="{name}end"/>'
    inner = "inner" if "inner" in inside else "leaf"
    return (
        f'<subProcess id="{name}">{_many(times, "")}{start}{inside}{end}'
        + flow(f"{name}start", inner, f"{name}end")
        + "</subProcess>"
    )


#: Models that are well-formed and never come to rest, or never would fit; by what they do.
BOMBS: dict[str, tuple[bytes, ...]] = {
    "calls itself": (bpmn(START + _calling("call", "p") + END + flow("start", "call", "end")),),
    "calls in a circle": (
        bpmn(START + _calling("call", "q") + END + flow("start", "call", "end"), "p"),
        bpmn(START + _calling("call", "p") + END + flow("start", "call", "end"), "q"),
    ),
    "a million at once": (
        bpmn(START + f'<userTask id="many">{_many(1_000_000, "")}</userTask>' + END + flow("start", "many", "end")),
    ),
    "a thousand times a thousand": (
        bpmn(
            START
            + _nested(_nested('<userTask id="leaf"/>', "inner", 1000), "outer", 1000)
            + END
            + flow("start", "outer", "end")
        ),
    ),
    "goes on for ever": (_for_ever('<manualTask id="work"/>'),),
    "doubles for ever": (_for_ever(_script("a = [a, a] if has('a') else [1]")),),
}


def hostile_uploads(stage: Stage) -> Finding:
    finding = Finding()
    with stage.engine("sqlite") as engine:
        app = _administered(engine)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken: dict[str, float] = {}
        accepted: list[str] = []
        for name, files in _everything().items():
            began = time.process_time()
            if _runs(app, files):
                accepted.append(name)
            taken[name] = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        answers = list(floods.sent(app, "admin", every=stage.size(5, 1)))
        finding.expect(_runs(app, (TWO_TASKS,)), "an ordinary model is not accepted either")
    finding.expect(not accepted, f"accepted: {accepted}")
    slowest = max(taken, key=lambda name: taken[name])
    finding.expect(grown < MOST_KB, f"{grown} kB")
    if stage.full:  # the short form plays beside other tests, on machines that are slow
        finding.expect(taken[slowest] < MOST_S, f"{slowest} {taken[slowest]:.1f} s")
    finding.figures = (
        f"{len(HOSTILE)} documents and {len(BOMBS)} model bombs: accepted {len(accepted)}, {grown / 1000:.0f} MB, "
        f"slowest {taken[slowest] * 1000:.0f} ms ({slowest})"
    )
    faults = [each.name for each in answers if each.status >= 500]
    longest = max(answers, key=lambda each: each.seconds)
    finding.expect(not faults, f"faults of ours: {faults}")
    finding.expect(sum(each.status >= 400 for each in answers) > len(answers) / 2, "hardly anything was refused")
    finding.figures += (
        f"; {len(answers)} requests with JSON, parts and questions of a directory: faults {len(faults)}, slowest "
        f"{longest.seconds * 1000:.0f} ms ({longest.name})"
    )
    bare = sum(_parses(document()) for _, document in HOSTILE.values())
    finding.expect(bare > 0, "a bare parser takes none either")
    finding.control = f"bare lxml takes {bare} of the {len(HOSTILE)}; an ordinary model is accepted"
    return finding


def _everything() -> dict[str, tuple[bytes, ...]]:
    return {**{name: (document(),) for name, (_, document) in HOSTILE.items()}, **BOMBS}


def _administered(engine: ProcessEngine) -> Flask:
    with engine.command(SYSTEM) as context:
        create_group(context, ADMINISTRATORS, "Administrators", type="SYSTEM")
        create_user(context, "admin", password=PASSWORD, first_name="A", last_name="B", email="a@example.org")
        add_member(context, ADMINISTRATORS, "admin")
    return create_app(engine, scim_token=floods.SECRET)


def _runs(app: Flask, files: tuple[bytes, ...]) -> bool:
    """Whether the files can be deployed and an instance of the last process started."""
    client = Client(app, "admin", PASSWORD)
    answer = client.upload(*((f"file{number}.bpmn", content) for number, content in enumerate(files)))
    if answer.status_code != 200:
        return False
    (*_, definition) = answer.json["deployedProcessDefinitions"]
    started = client.call("POST", f"/process-definition/{definition}/start", json={})
    return started.status_code == 200


def _parses(source: bytes) -> bool:
    try:
        etree.fromstring(source)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True
