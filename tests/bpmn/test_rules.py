"""Each rule finds what is wrong in its own wrong model, and nothing in its right one; each has both, and a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpmn import Problem, Severity, check, read
from bpmn.rules import RULES, Rule
from bpmn.rules.expressions import SITE_FUNCTIONS
from engine import OfficeCalendar, Site
from engine.calendar import expression_functions
from tests.bpmn.drawing import drawn

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "bpmn_models" / "rules"
IDS = [rule.id for rule in RULES]
START = '<startEvent id="start"/><endEvent id="end"/><sequenceFlow id="f" sourceRef="start" targetRef="end"/>'


def problems(file: Path) -> tuple[Problem, ...]:
    return check(read(file.read_bytes()))


def errors(source: bytes) -> list[str]:
    return [problem.rule for problem in check(read(source)) if problem.severity is Severity.ERROR]


def sections() -> dict[str, str]:
    """The page's sections, by rule."""
    parts = re.split(r"^### ([a-z-]+)$|^## .*$", (ROOT / "docs" / "rules.md").read_text("utf-8"), flags=re.MULTILINE)
    return {rule: text for rule, text in zip(parts[1::2], parts[2::2], strict=True) if rule}


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_finds_its_problem_and_no_other_rule_does(rule: Rule) -> None:
    for file in sorted((MODELS / rule.id).glob("invalid*.bpmn")):
        found = problems(file)
        assert {problem.rule for problem in found} == {rule.id}
        assert {problem.severity for problem in found} == {rule.severity}


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_problem_says_where_it_is_and_what_to_do(rule: Rule) -> None:
    for file in sorted((MODELS / rule.id).glob("invalid*.bpmn")):
        lines = file.read_text("utf-8").splitlines()
        for problem in problems(file):
            assert "<" in lines[problem.line - 1]
            assert problem.element_id
            assert problem.message.strip()
            assert problem.remedy.endswith((".", "…", ".)", ")."))


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_nothing_is_found_in_the_right_model(rule: Rule) -> None:
    for file in sorted((MODELS / rule.id).glob("valid*.bpmn")):
        assert problems(file) == ()


def test_every_rule_has_a_right_and_a_wrong_model_and_every_model_has_a_rule() -> None:
    assert sorted(folder.name for folder in MODELS.iterdir()) == sorted(IDS)
    for rule in IDS:
        assert {file.name for file in (MODELS / rule).iterdir()} >= {"valid.bpmn", "invalid.bpmn"}


def test_every_rule_has_its_own_id() -> None:
    assert len(IDS) == len(set(IDS))


def test_every_rule_has_a_section_on_the_page_and_every_section_has_a_rule() -> None:
    assert sorted(sections()) == sorted(IDS)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_page_says_how_severe_a_rule_is(rule: Rule) -> None:
    assert sections()[rule.id].strip().lower().startswith(f"{rule.severity.value}.")


def test_a_process_drawn_beside_an_executable_one_keeps_nothing_from_being_deployed() -> None:
    alone = drawn(START, attributes='isExecutable="false"').replace(b'id="end"', b'id="over"')
    assert errors(alone) == ["flow-end"]
    other = '<process id="other" isExecutable="true"><startEvent id="s"/></process>'
    beside = alone.replace(b"</definitions>", other.encode() + b"</definitions>")
    assert ("flow-end", Severity.WARNING) in [(each.rule, each.severity) for each in check(read(beside))]
    assert errors(beside) == []
    assert errors(beside.replace(b'isExecutable="false"', b'isExecutable="true"')) == ["flow-end"]


def test_problems_come_by_line() -> None:
    found = check(read(drawn('<endEvent id="end"/>\n<userTask id="b"/>\n<userTask id="a"/>')))
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert len(found) > 4


def test_a_reference_that_leads_nowhere_is_said_once() -> None:
    for kind in ("message", "signal", "escalation"):
        event = f'<endEvent id="e"><{kind}EventDefinition {kind}Ref="gone"/></endEvent>'
        assert errors(drawn(START + event)) == ["reference"]


def test_a_loop_without_a_way_in_is_never_reached() -> None:
    loop = """<task id="a"/><task id="b"/><sequenceFlow id="ab" sourceRef="a" targetRef="b"/>
              <sequenceFlow id="ba" sourceRef="b" targetRef="a"/>"""
    assert [(each.rule, each.element_id) for each in check(read(drawn(START + loop)))] == [("unreachable", "a")]


DECLARED = '<message id="m" name="paid"/><signal id="s" name="alert"/>'


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (
            """<receiveTask id="r" messageRef="m"/>
            <boundaryEvent id="b" attachedToRef="r"><messageEventDefinition messageRef="m"/></boundaryEvent>""",
            "message-once",
        ),
        (
            """<startEvent id="a"><signalEventDefinition signalRef="s"/></startEvent>
            <startEvent id="b"><signalEventDefinition signalRef="s"/></startEvent>""",
            "message-once",
        ),
        (
            """<eventBasedGateway id="g"/><intermediateCatchEvent id="c"><linkEventDefinition name="A"/>
            </intermediateCatchEvent><sequenceFlow id="gc" sourceRef="g" targetRef="c"/>""",
            "event-based-target",
        ),
        (
            """<eventBasedGateway id="g"/><intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/>
            </intermediateCatchEvent><sequenceFlow id="gc" sourceRef="g" targetRef="c"/>
            <task id="t"/><sequenceFlow id="tc" sourceRef="t" targetRef="c"/>""",
            "event-based-target",
        ),
        (
            """<subProcess id="e1" triggeredByEvent="true"><startEvent id="s1"><messageEventDefinition messageRef="m"/>
            </startEvent></subProcess><subProcess id="e2" triggeredByEvent="true"><startEvent id="s2">
            <messageEventDefinition messageRef="m"/></startEvent></subProcess>""",
            "message-once",
        ),
        (
            """<subProcess id="e1" triggeredByEvent="true"><startEvent id="s1"><escalationEventDefinition/></startEvent>
            </subProcess><subProcess id="e2" triggeredByEvent="true"><startEvent id="s2"><escalationEventDefinition/>
            </startEvent></subProcess>""",
            "escalation-once",
        ),
    ],
)
def test_what_would_be_heard_by_accident_is_refused(wrong: str, rule: str) -> None:
    assert errors(drawn(START + wrong, declared=DECLARED)) == [rule]


def test_the_functions_that_may_be_called_are_those_the_engine_gives() -> None:
    given = expression_functions(OfficeCalendar(Site()), lambda: pytest.fail("no clock is asked"))
    assert set(given) == SITE_FUNCTIONS


# ---------------------------------------------------------------- what a model of its own would say no better


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ('<subProcess id="sub"/>', "start-event"),
        ('<subProcess id="sub" triggeredByEvent="true"><startEvent id="s"/></subProcess>', "start-event"),
        ('<boundaryEvent id="b" attachedToRef="start"><errorEventDefinition/></boundaryEvent>', "attached"),
        (
            '<endEvent id="e"><timerEventDefinition><timeDate>2026-12-01</timeDate></timerEventDefinition></endEvent>',
            "event-kind",
        ),
        ('<startEvent id="s"><errorEventDefinition/></startEvent>', "event-kind"),
        ('<intermediateCatchEvent id="c"><terminateEventDefinition/></intermediateCatchEvent>', "event-kind"),
        ('<endEvent id="e"><cancelEventDefinition/></endEvent>', "cancel-transaction"),
        ('<eventBasedGateway id="g"/>', "event-based-target"),
        ('<scriptTask id="s" scriptFormat="python" camunda:resource="a.py"/>', "unsupported-extension"),
        ('<eventBasedGateway id="g" instantiate="true"/>', "unsupported-element"),
        ('<choreographyTask id="c"/>', "unsupported-element"),
        ('<scriptTask id="s" scriptFormat="groovy"><script>1</script></scriptTask>', "expression"),
        ('<scriptTask id="s" scriptFormat="python"><script>import os</script></scriptTask>', "expression"),
        ('<scriptTask id="s" scriptFormat="python"><script>total = add(1)</script></scriptTask>', "unknown-function"),
        ('<serviceTask id="s" camunda:expression="${a b}"/>', "expression"),
        ('<serviceTask id="s" camunda:type="external" camunda:topic="t" camunda:taskPriority="high"/>', "priority"),
        ('<userTask id="u" camunda:jobPriority="1.5"/>', "priority"),
        (
            '<endEvent id="e"><messageEventDefinition camunda:type="external"/></endEvent>',
            "topic",
        ),
        (
            '<serviceTask id="s"><extensionElements><camunda:connector/></extensionElements></serviceTask>',
            "unsupported-work",
        ),
        (
            """<userTask id="u"><extensionElements><camunda:taskListener event="timeout" expression="${1}">
            <timerEventDefinition><timeDuration>soon</timeDuration></timerEventDefinition>
            </camunda:taskListener></extensionElements></userTask>""",
            "timer-text",
        ),
    ],
)
def test_what_would_run_wrongly_is_refused(wrong: str, rule: str) -> None:
    assert rule in errors(drawn(START + wrong))


@pytest.mark.parametrize(
    "right",
    [
        '<adHocSubProcess id="sub"><userTask id="u"/></adHocSubProcess>',
        '<userTask id="u" camunda:priority="-3"/>',
        '<userTask id="u" camunda:dueDate="${execution.getVariable(\'day\')}"/>',
        '<receiveTask id="r"/>',
        '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/><dataStoreReference id="ds"/>',
        '<textAnnotation id="t"><text>Ask first</text></textAnnotation><group id="g"/>',
    ],
)
def test_what_runs_is_not_refused(right: str) -> None:
    assert errors(drawn(START + right)) == []
