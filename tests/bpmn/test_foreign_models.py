"""Models that others drew: all are read, what is wrong with them is said, and nothing breaks the reader.

They lie beside the project, not in it: 128 of Camunda's engine tests, and the 21 reference models of the BPMN Model
Interchange Working Group.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from bpmn import BoundaryEvent, Definitions, Event, EventKind, Problem, Severity, UnreadableModel, check, read

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT.parent / "shared" / "conformance"
CAMUNDA = sorted((CONFORMANCE / "camunda").glob("*.bpmn*"))
MIWG = sorted((CONFORMANCE / "miwg").glob("*.bpmn"))
OWN = sorted((ROOT / "tests" / "bpmn_models").rglob("*.bpmn")) + sorted((ROOT / "examples").glob("*.bpmn"))
EXECUTED = sorted((ROOT / "tests" / "bpmn_models" / "execution").glob("*.bpmn"))
#: What the executor itself refuses to compile, and the rules that say so before a deployment.
REFUSED = {"a_complex_gateway_that_joins_is_refused": ["unsupported-element"]}
#: Reference models that are right as they are; the others are pictures that do not say enough to run.
RUNNABLE = {"A.1.0.bpmn", "A.4.0.bpmn", "A.4.1.bpmn", "C.1.0.bpmn", "C.1.1.bpmn"}

beside = pytest.mark.skipif(not CAMUNDA, reason="../shared/conformance is not beside this checkout")


def errors(file: Path) -> list[Problem]:
    return [each for each in check(read(file.read_bytes())) if each.severity is Severity.ERROR]


def to_refuse() -> set[str]:
    cases = json.loads((CONFORMANCE / "camunda" / "cases.json").read_text())
    return {case["model"] for case in cases if case["steps"][0].get("deployFails")}


@beside
@pytest.mark.parametrize("file", CAMUNDA, ids=lambda file: file.name)
def test_a_model_of_camundas_is_refused_if_camunda_refuses_it_and_else_taken(file: Path) -> None:
    assert bool(errors(file)) == (file.name in to_refuse())


@beside
def test_all_models_are_there() -> None:
    assert (len(CAMUNDA), len(MIWG)) == (128, 21)


@beside
@pytest.mark.parametrize("file", MIWG, ids=lambda file: file.name)
def test_a_reference_model_is_read_whole(file: Path) -> None:
    text = file.read_text("utf-8")
    definitions = read(file.read_bytes())
    kinds = "task|[a-zA-Z]+Task|[a-zA-Z]+Event|[a-zA-Z]+Gateway|subProcess|adHocSubProcess|transaction|callActivity"
    drawn = len(re.findall(rf"<(?:[\w-]+:)?(?!global)(?:{kinds})[ >/]", text))
    nodes = [node for model in definitions.processes for node in model.nodes.values() if node.scope is not None]
    assert len(nodes) == drawn
    flows = sum(len(model.flows) for model in definitions.processes)
    assert flows == len(re.findall(r"<(?:[\w-]+:)?sequenceFlow[ >/]", text))


@beside
@pytest.mark.parametrize("file", [*MIWG, *CAMUNDA[::3]], ids=lambda file: file.name)
def test_what_a_model_says_of_its_elements_is_all_in_what_was_read(file: Path) -> None:
    assert said_by_the_model(read(file.read_bytes())) == said_by_the_file(etree.fromstring(file.read_bytes()))


@beside
@pytest.mark.parametrize("file", MIWG, ids=lambda file: file.name)
def test_what_is_wrong_with_a_reference_model_is_said_by_element_line_and_remedy(file: Path) -> None:
    for problem in check(read(file.read_bytes())):
        assert problem.element_id
        assert problem.line > 0
        assert problem.message
        assert problem.remedy
    assert bool(errors(file)) == (file.name not in RUNNABLE)


@pytest.mark.parametrize("file", EXECUTED, ids=lambda file: file.stem)
def test_the_rules_and_the_executor_agree_on_what_can_be_executed(file: Path) -> None:
    refused_for = [each.rule for each in errors(file)]
    assert refused_for == REFUSED.get(file.stem, [])


# ---------------------------------------------------------------- a file and what was read of it, in the same words

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
Said = set[tuple[object, ...]]


def said_by_the_file(root: etree._Element) -> Said:
    """Of every node its place, name, events and documentation; of every flow its ends; of every lane its nodes."""
    said: Said = set()
    for process in root.iter(f"{BPMN}process"):
        for each in process.iterdescendants(f"{BPMN}*"):
            kind, named = str(each.tag).removeprefix(BPMN), each.get("id")
            if kind == "sequenceFlow":
                condition = each.find(f"{BPMN}conditionExpression")
                written = None if condition is None else "".join(condition.itertext()).strip() or None
                said.add((kind, named, each.get("name"), each.get("sourceRef"), each.get("targetRef"), written))
            elif kind == "lane":
                said.add(
                    (kind, named, each.get("name"), frozenset(ref.text for ref in each.iter(f"{BPMN}flowNodeRef")))
                )
            elif re.fullmatch(
                "task|.+Task|.+Event|.+Gateway|subProcess|adHocSubProcess|transaction|callActivity", kind
            ):
                around = each.getparent()
                assert around is not None
                note = each.find(f"{BPMN}documentation")
                events = [str(child.tag).removeprefix(BPMN) for child in each if "EventDefinition" in str(child.tag)]
                said.add((
                    kind, named, each.get("name"), around.get("id"), each.get("attachedToRef"), each.get("default"),
                    None if note is None else "".join(note.itertext()).strip() or None, tuple(events),
                ))  # fmt: skip
    return said


def said_by_the_model(definitions: Definitions) -> Said:
    said: Said = set()
    for model in definitions.processes:
        for flow in model.flows.values():
            condition = None if flow.condition is None else flow.condition.text
            named = None if "@" in flow.id else flow.id
            said.add(("sequenceFlow", named, flow.name, flow.source, flow.target, condition))
        for lane in model.lanes:
            said.add(("lane", lane.id, lane.name, lane.nodes))
        for node in model.nodes.values():
            if node.scope is None:
                continue
            kinds = [each.kind for each in node.definitions] if isinstance(node, Event) else []
            events = [f"{'compensate' if kind is EventKind.COMPENSATION else kind}EventDefinition" for kind in kinds]
            attached = node.attached_to if isinstance(node, BoundaryEvent) else None
            said.add((
                node.type, node.id, node.name, node.scope, attached, node.default_flow, node.documentation,
                tuple(events),
            ))  # fmt: skip
    return said


# ---------------------------------------------------------------- damage

SOURCES = [file.read_bytes() for file in [*OWN, *CAMUNDA[::4], *MIWG[:6]]]
WORDS = rb"""< > /> " &amp; id start end task process subProcess transaction true userTask boundaryEvent endEvent
startEvent sequenceFlow ${ } PT1H gone compensateEventDefinition cancelEventDefinition linkEventDefinition
messageEventDefinition association attachedToRef sourceRef targetRef eventBasedGateway adHocSubProcess
triggeredByEvent"""
TOKENS = [*WORDS.split(), b"", b"\xff", b"\0", b"9" * 5000]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A model with some of its words changed, lost or repeated."""
    source = draw(st.sampled_from(SOURCES))
    words = re.findall(rb"\w+|\s+|[^\w\s]", source)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(words) - 1))
        match draw(st.sampled_from(["change", "swap", "cut", "repeat"])):
            case "change":
                words[at] = draw(st.sampled_from(TOKENS))
            case "swap":
                words[at] = words[draw(st.integers(0, len(words) - 1))]
            case "cut":
                del words[at : at + draw(st.integers(1, 30))]
                words.append(b" ")
            case _:
                words[at:at] = words[at : at + draw(st.integers(1, 200))]
    return b"".join(words)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damaged())
def test_a_damaged_model_is_read_or_refused_and_never_crashes(source: bytes) -> None:
    try:
        found = check(read(source))
    except UnreadableModel as error:
        found = error.problems
        assert found
    for problem in found:
        assert problem.message
        assert problem.remedy


KINDS = b"""userTask serviceTask startEvent endEvent boundaryEvent subProcess transaction adHocSubProcess
exclusiveGateway eventBasedGateway intermediateCatchEvent intermediateThrowEvent callActivity lane process sequenceFlow
association task
messageEventDefinition timerEventDefinition signal""".split()
OWN_SOURCES = [file.read_bytes() for file in OWN]


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """Well-formed XML with other attributes: ids and references point anywhere."""
    text = draw(st.sampled_from(OWN_SOURCES))
    values = re.findall(rb'="([^"<&]*)"', text)[8:] or [b"x"]
    for _ in range(draw(st.integers(1, 5))):
        old, new = draw(st.sampled_from(values)), draw(st.sampled_from(values))
        name = draw(st.sampled_from([b"id", b"sourceRef", b"targetRef", b"attachedToRef", b"activityRef", b"default"]))
        text = text.replace(name + b'="' + old + b'"', name + b'="' + new + b'"', draw(st.integers(1, 3)))
    tag, other = draw(st.sampled_from(KINDS)), draw(st.sampled_from(KINDS))
    return re.sub(rb"<(/?)" + tag + rb"(?=[ >/])", rb"<\1" + other, text)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rearranged())
def test_a_rearranged_model_is_read_and_checked_without_a_crash(source: bytes) -> None:
    definitions = read(source)
    for problem in check(definitions):
        assert problem.line > 0
        assert problem.remedy
