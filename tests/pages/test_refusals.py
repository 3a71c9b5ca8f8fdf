"""What the engine refuses is said in the person's language."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from api.pages.refusals import REFUSALS, refusal_in_words
from bpmn.rules import finding
from tests.pages.person import Person
from tests.pages.test_translations import swedish

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_A_NAME = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">
  <process id="boxes" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="gone"/>
  <userTask id="t" name="Order boxes"/></process></definitions>"""


def test_whatever_is_listed_is_said_by_the_engine_and_has_its_swedish() -> None:
    said, known = set(_texts()), swedish()
    assert len(said) > 300
    assert [text for text in REFUSALS if re.sub(r"%\(\w+\)s", "…", text) not in said] == []
    assert [text for text in REFUSALS if not known.get(text)] == []


def test_every_kind_of_element_has_a_swedish_name() -> None:
    known = swedish()
    assert [kind for kind in {*finding._KINDS.values(), "sequence flow"} if f"The {kind}" not in known] == []


def test_an_absence_that_cannot_be_is_refused_in_swedish(somebody: Callable[..., Person]) -> None:
    hanna = somebody("hanna", language="sv")
    hanna.open("/absence")
    page = hanna.send("/absence", {"last_day": "2027-03-05", "substitute": "hanna"}, status=400)
    (alert,) = page.cssselect("[role=alert]")
    assert alert.text_content() == "Ingen kan vara sin egen ersättare: välj någon annan."


def test_what_is_wrong_with_a_flow_is_said_in_swedish(somebody: Callable[..., Person]) -> None:
    olle = somebody("olle", language="sv")
    olle.open("/flows")
    page = olle.send("/flows", {"file": ("boxes.bpmn", WITHOUT_A_NAME)}, status=400)
    said = page.cssselect("ul.problems")[0].text_content()
    assert "Sekvensflödet ”f” pekar på ”gone”, som inte finns." in said
    assert "Uppgiften ”Order boxes” har ingen ägare: ingen kommer att hitta den." in said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("There is already a user bo: choose another id.", "Det finns redan en användare bo: välj ett annat id."),
        (
            "The due date of “Order” is “in two days”, which is no date.",
            "Sista dagen för ”Order” är ”in two days”, som inte är något datum.",
        ),
        ("Something that nobody has listed.", "Something that nobody has listed."),
        ("", ""),
    ],
)
def test_what_is_filled_in_stays_and_what_is_not_listed_too(app: Flask, said: str, words: str) -> None:
    with app.test_request_context("/", headers={"Cookie": "language=sv"}), force_locale("sv"):
        assert refusal_in_words(said) == words


def _texts() -> Iterator[str]:
    """Every text in the sources of the engine and the rules, with … for what is filled in."""
    for file in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "bpmn").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value.replace("{}", "…")
