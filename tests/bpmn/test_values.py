"""Values of variables: how types travel, what expressions see, what clients may send."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bpmn.expressions import PlainNames, evaluate
from bpmn.model import Expression
from bpmn.values import check_value, date_text, info_of, plain, stored, type_of, typed

DATE = "2026-12-01T08:00:00.000+0000"


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("Boolean", True, True),
        ("Boolean", "TRUE", True),
        ("boolean", "false", False),
        ("Integer", 5, 5),
        ("integer", "5", 5),
        ("Integer", 5.0, 5),
        ("Integer", -(2**31), -(2**31)),
        ("Long", 2**31, 2**31),
        ("Long", 5, typed("Long", 5)),
        ("Short", 5, typed("Short", 5)),
        ("Double", 1.5, 1.5),
        ("Double", 2, 2.0),
        ("double", "2.5", 2.5),
        ("String", "x", "x"),
        ("String", 5, "5"),
        ("String", None, None),
        ("Null", None, None),
        ("null", None, None),
        ("Date", DATE, typed("Date", DATE)),
        ("Date", "2026-12-01T08:00:00Z", typed("Date", DATE)),
        ("Date", "2026-12-01T08:00:00+00:00", typed("Date", DATE)),
        ("Date", "2026-12-01T08:00:00.000 0000", typed("Date", DATE)),
        ("Date", "2026-12-01T09:00:00.000+0100", typed("Date", "2026-12-01T09:00:00.000+0100")),
        ("Date", "2026-12-01T08:00:00", typed("Date", DATE)),
        ("Date", "2026-12-01", typed("Date", "2026-12-01T00:00:00.000+0000")),
        ("Date", None, typed("Date", None)),
        ("Json", '{"a": 1}', typed("Json", '{"a": 1}')),
        ("Xml", "<a/>", typed("Xml", "<a/>")),
        ("Bytes", "AAEC", typed("Bytes", "AAEC")),
        ("File", "AAEC", typed("File", "AAEC")),
        ("File", None, typed("File", None)),
    ],
)
def test_a_value_with_its_type_is_converted_as_camunda_does(type: str, given: Any, kept: Any) -> None:
    found = check_value(type, given)
    assert found == kept
    assert json.loads(json.dumps(found)) == found
    if kept is not None:
        assert type_of(found) == type[:1].upper() + type[1:]


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("Boolean", "yes"),
        ("Boolean", 1),
        ("Integer", "abc"),
        ("Integer", 2**31),
        ("Integer", 1.5),
        ("Integer", True),
        ("Integer", float("nan")),
        ("Long", 2**63),
        ("Long", "9" * 5000),
        ("Short", 40000),
        ("Double", "x"),
        ("Double", "1e999"),
        ("Double", True),
        ("String", {}),
        ("Null", 1),
        ("Date", "tomorrow"),
        ("Date", 5),
        ("Json", "{"),
        ("Bytes", "not base64!"),
        ("File", 5),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused(type: str, given: Any) -> None:
    with pytest.raises(ValueError, match=f"Cannot convert value .* to type '{type}'"):
        check_value(type, given)


def test_an_object_is_given_as_its_text() -> None:
    info = {"objectTypeName": "com.example.Cart", "serializationDataFormat": "application/json"}
    cart = check_value("Object", '{"total": 5}', info)
    assert info_of(cart) == info
    assert plain(cart) == {"total": 5}
    with pytest.raises(ValueError, match="Must provide 'null' or String value"):
        check_value("Object", {"total": 5})
    java = check_value("Object", "rO0AB", {"serializationDataFormat": "application/x-java-serialized-object"})
    assert plain(java) == "rO0AB"


def test_an_unknown_type_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"Unsupported value type 'Money': use one of Boolean, Bytes, Date"):
        check_value("Money", 1)


@pytest.mark.parametrize(
    ("value", "type"),
    [
        (None, "Null"),
        (True, "Boolean"),
        (2**31 - 1, "Integer"),
        (2**31, "Long"),
        (1.0, "Double"),
        ("", "String"),
        ([], "Object"),
        ({"a": 1}, "Object"),
        (typed("Date", DATE), "Date"),
    ],
)
def test_the_type_of_a_value_without_one_is_what_its_json_shows(value: Any, type: str) -> None:
    assert type_of(value) == type


def test_a_file_shows_expressions_its_facts_and_not_its_content() -> None:
    contract = typed("File", "AAEC", {"filename": "contract.pdf", "mimeType": "application/pdf"})
    names = PlainNames({"contract": contract})
    assert evaluate(Expression("${contract.filename}"), names) == "contract.pdf"
    assert evaluate(Expression("${contract.value}"), names) is None


def test_what_an_expression_makes_can_be_stored() -> None:
    moment = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert stored(moment) == typed("Date", DATE)
    assert plain(stored(moment)) == moment
    assert stored(date(2026, 12, 1)) == "2026-12-01"
    assert stored(timedelta(minutes=90)) == "PT1H30M"
    assert stored([moment, {"day": date(2026, 12, 1)}]) == ["2026-12-01T08:00:00+00:00", {"day": "2026-12-01"}]
    for value in (None, True, 1, 1.5, "x", [1], {"a": None}, typed("Long", 1)):
        assert stored(value) == value
        assert stored(stored(value)) == value


def test_a_moment_keeps_its_offset_and_its_milliseconds() -> None:
    moment = datetime(2026, 12, 1, 8, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    assert date_text(moment) == "2026-12-01T08:00:00.123+0100"
