"""Forms of SpiffWorkflow's dialect become fields, or are told why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bpmn import FormField, UnfitSchemaError, UserTask, form_files, read, schema_fields, with_form_schemas

ESTATE = Path(__file__).resolve().parents[1] / "bpmn_models" / "spiff"
SCHEMA = (ESTATE / "journey-schema.json").read_bytes()


def fields() -> dict[str, FormField]:
    return {each.id: each for each in schema_fields(SCHEMA)}


def test_properties_become_fields_in_their_order_with_label_type_and_limits() -> None:
    found = fields()
    assert list(found) == ["country", "nights", "leaves", "remarks"]
    assert [each.type for each in found.values()] == ["enum", "long", "date", "string"]
    assert found["country"].values == (("Sweden", "Sverige"), ("Norway", "Norge"))
    assert found["nights"].constraints == {"min": "1", "max": "60", "required": "true"}
    assert found["nights"].default is not None
    assert found["nights"].default.text == "2"
    assert found["leaves"].properties == {"help": "The first day away."}
    assert found["remarks"].constraints == {"maxlength": "200"}


def test_constants_are_choices_too() -> None:
    one_of = [{"const": "a", "title": "First"}, {"const": "b"}]
    (found,) = schema_fields(json.dumps({"properties": {"x": {"oneOf": one_of}}}).encode())
    assert found.values == (("a", "First"), ("b", "b"))


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ([], "no properties"),
        ({"properties": {}}, "no properties"),
        ({"properties": {"x": {"type": "array"}}}, "x is array"),
        ({"properties": {"x": {"type": "string", "format": "data-url"}}}, "x is string of the format data-url"),
        ({"properties": {"x": {}}}, "x is of no type"),
        ({"properties": {"x": {"type": "integer", "enum": [1, 2]}}}, "x offers what is no text"),
        ({"properties": {"x": {"oneOf": [{"type": "string"}]}}}, "x has alternatives"),
        ({"properties": {"x": "string"}}, "x is no schema"),
    ],
)
def test_what_is_no_list_of_plain_fields_says_why(schema: Any, why: str) -> None:
    with pytest.raises(UnfitSchemaError, match=why):
        schema_fields(json.dumps(schema).encode())


def test_a_schema_that_is_no_json_says_so() -> None:
    with pytest.raises(UnfitSchemaError, match="no JSON"):
        schema_fields(b"{")


def test_a_task_gets_the_fields_of_its_file_and_keeps_its_key_without() -> None:
    (model,) = read((ESTATE / "travel_request.bpmn").read_bytes()).processes
    assert form_files(model) == {"describe": "journey-schema.json"}
    for files, count in (({"journey-schema.json": SCHEMA}, 4), ({}, 0), ({"journey-schema.json": b"[]"}, 0)):
        node = with_form_schemas(model, files).nodes["describe"]
        assert isinstance(node, UserTask)
        assert node.form is not None
        assert len(node.form.fields) == count
        assert node.form.key is not None
