"""Words of a model in the language that is asked for."""

from bpmn.model import Element
from bpmn.texts import documentation, label


def test_an_element_is_called_by_its_name_in_a_language_then_its_name_then_its_id() -> None:
    task = Element(
        id="t1", name="Approve", documentation="Why", properties={"name:sv": "Godkänn", "documentation:sv": "Varför"}
    )
    assert label(task, "sv") == "Godkänn"
    assert label(task, "sv-SE") == "Godkänn"
    assert label(task, "de") == "Approve"
    assert label(Element(id="t1"), "sv") == "t1"
    assert documentation(task, "sv") == "Varför"
    assert documentation(Element(id="t1"), "sv") is None
