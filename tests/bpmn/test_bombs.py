"""Small decisions, expressions, forms and sheets that would take all there is are refused, or done within bounds."""

from __future__ import annotations

import pytest

from bpmn import UnfitSchemaError, check_decisions, read_decisions, schema_fields
from tests.faults import bombs


def test_no_bomb_goes_off() -> None:
    exploded = bombs.run()
    assert len(exploded) > 90
    assert [f"{name}: {outcome}" for name, (outcome, _, _) in exploded.items() if outcome.startswith("broke")] == []
    assert [name for name, (_, _, size) in exploded.items() if size > 150e6] == []
    ran = [name for name, (outcome, _, _) in exploded.items() if outcome == "ran"]
    assert 5 < len(ran) < 30, "most are refused, and the machine that plays them does run what is harmless"


def test_a_circle_of_decisions_is_named_at_each_of_its_decisions() -> None:
    circle = bombs.dmn(bombs.literal("d", "1", "e") + bombs.literal("e", "1", "d") + bombs.literal("x", "1", "d"))
    found = check_decisions(read_decisions(circle))
    assert [(each.rule, each.element_id) for each in found] == [("decision-cycle", "d"), ("decision-cycle", "e")]


@pytest.mark.parametrize("name", ["5,000 fields", "20,000 choices", "labels that are a number", "half a character"])
def test_a_form_that_cannot_be_shown_is_refused_in_words(name: str) -> None:
    source = bombs.FORMS[name]
    with pytest.raises(UnfitSchemaError, match=r"more than|no text|half"):
        schema_fields(source.encode() if isinstance(source, str) else source)


def test_a_pattern_of_a_form_is_never_tried() -> None:
    """It is the flow's, and a person's text would be searched with it."""
    (field,) = schema_fields(str(bombs.FORMS["a pattern that never ends"]).encode())
    assert "pattern" not in field.constraints
