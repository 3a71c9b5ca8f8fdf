"""Forms: what people submit becomes values, or errors that say what would be right."""

from collections.abc import Mapping
from typing import Any

import pytest

from bpmn import check, read
from bpmn.expressions import ExpressionError, PlainNames
from bpmn.forms import FieldError, defaults, present, validate
from bpmn.model import Expression, FormField
from bpmn.values import typed


def field(id: str, type: str = "string", **given: Any) -> FormField:
    default = given.pop("default", None)
    values = tuple((key, key.title()) for key in given.pop("values", ()))
    return FormField(
        id=id,
        type=type,
        label=given.pop("label", None),
        default=Expression(default) if default is not None else None,
        values=values,
        constraints=given.pop("constraints", {}),
        properties={key.replace("__", ":"): value for key, value in given.items()},
    )


def only(fields: FormField, value: Any) -> Any:
    result = validate([fields], {fields.id: value})
    assert result.valid, result.errors
    return result.values[fields.id]


def errors(fields: FormField, submitted: Mapping[str, Any], *, partial: bool = False) -> list[FieldError]:
    return list(validate([fields], submitted, partial=partial).errors)


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("string", "Kim", "Kim"),
        ("string", "a\r\nb", "a\nb"),
        ("string", "", ""),
        ("string", 5, "5"),
        ("string", None, None),
        ("long", "25000", 25000),
        ("long", " 25 000 ", 25000),
        ("long", "25\u00a0000", 25000),
        ("long", "-3", -3),
        ("long", 7, 7),
        ("long", 7.0, 7),
        ("long", "", None),
        ("long", None, None),
        ("boolean", "true", True),
        ("boolean", "on", True),
        ("boolean", "false", False),
        ("boolean", ["false", "true"], True),
        ("boolean", ["false"], False),
        ("boolean", False, False),
        ("boolean", None, None),
        ("date", "2026-12-01", "2026-12-01"),
        ("date", "2026-12-01T08:00:00", "2026-12-01"),
        ("date", typed("Date", "2026-12-02T00:00:00.000+0100"), "2026-12-02"),
        ("date", "", None),
        ("enum", "laptop", "laptop"),
        ("enum", "", None),
        ("colour", "red", "red"),
    ],
)
def test_a_submitted_value_becomes_one_of_its_fields_type(type: str, given: Any, kept: Any) -> None:
    found = only(field("x", type, values=("laptop", "phone")), given)
    assert found == kept
    assert found is kept or found.__class__ is kept.__class__


@pytest.mark.parametrize(
    ("type", "given", "code"),
    [
        ("long", "many", "type"),
        ("long", "2.5", "type"),
        ("long", 2.5, "type"),
        ("long", True, "type"),
        ("long", "9" * 30, "type"),
        ("boolean", "perhaps", "type"),
        ("boolean", 3, "type"),
        ("date", "1 December", "type"),
        ("date", "2026-02-30", "type"),
        ("date", 5, "type"),
        ("string", {}, "type"),
        ("enum", "tablet", "option"),
        ("enum", ["laptop", "tablet"], "option"),
    ],
)
def test_a_value_of_another_type_is_an_error_of_its_field(type: str, given: Any, code: str) -> None:
    (error,) = errors(field("x", type, values=("laptop", "phone")), {"x": given})
    assert (error.field_id, error.code) == ("x", code)
    assert "wanted" in error.message or "Choose" in error.message


def test_several_options_come_as_a_list_in_the_order_chosen_and_once() -> None:
    systems = field("systems", "enum", values=("sap", "jira", "git"), widget="multiselect")
    assert only(systems, ["git", "sap", "git", ""]) == ["git", "sap"]
    assert only(systems, "jira") == ["jira"]
    assert only(systems, "") == []
    assert only(systems, None) == []
    assert errors(systems, {"systems": ["git", "hal"]})[0].code == "option"


def test_a_date_with_time_is_kept_with_its_time() -> None:
    meeting = field("meeting", "date", widget="datetime")
    assert only(meeting, "2026-12-01T08:30") == "2026-12-01T08:30:00"
    assert only(meeting, "2026-12-01 08:30") == "2026-12-01T08:30:00"
    assert errors(meeting, {"meeting": "2026-12-01"})[0].facts == {"type": "a date and time, such as 2026-12-01T08:00"}


@pytest.mark.parametrize("submitted", [{}, {"x": ""}, {"x": None}, {"x": "  "}])
def test_a_required_field_that_is_missing_or_empty_is_an_error(submitted: dict[str, Any]) -> None:
    required = field("x", constraints={"required": ""})
    assert [error.code for error in errors(required, submitted)] == ["required"]
    assert errors(required, submitted, partial=True) == []
    assert errors(field("x", constraints={"required": "false"}), submitted) == []


def test_a_required_box_may_be_left_unticked_but_not_unanswered() -> None:
    box = field("x", "boolean", constraints={"required": "true"})
    assert errors(box, {"x": "false"}) == []
    assert [error.code for error in errors(box, {})] == ["required"]


@pytest.mark.parametrize(
    ("type", "constraint", "right", "wrong"),
    [
        ("long", {"min": "5"}, "5", "4"),
        ("long", {"max": "10"}, 10, 11),
        ("string", {"minlength": "3"}, "abc", "ab"),
        ("string", {"maxlength": "3"}, "åäö", "åäöü"),
        ("date", {"min": "2026-12-01"}, "2026-12-01", "2026-11-30"),
        ("date", {"max": "2026-12-31"}, "2026-12-31", "2027-01-01"),
    ],
)
def test_a_limit_is_held_and_named(type: str, constraint: dict[str, str], right: Any, wrong: Any) -> None:
    limited = field("x", type, constraints=constraint)
    assert errors(limited, {"x": right}) == []
    (error,) = errors(limited, {"x": wrong})
    assert error.code in constraint
    assert str(error.facts["limit"]) == constraint[error.code]
    assert str(error.facts["limit"]) in error.message
    assert errors(limited, {"x": ""}) == []


def test_what_no_field_asks_for_and_what_is_only_shown_is_left_out() -> None:
    fields = [field("a"), field("b", constraints={"readonly": "true"})]
    assert validate(fields, {"a": "1", "b": "2", "c": "3", "_csrf": "x"}).values == {"a": "1"}


def test_a_field_that_was_not_submitted_is_no_value_and_no_error() -> None:
    assert dict(validate([field("a"), field("b")], {"a": "1"}).values) == {"a": "1"}


def test_everything_wrong_is_told_at_once() -> None:
    fields = [field("a", "long"), field("b", constraints={"required": "true"}), field("c")]
    result = validate(fields, {"a": "x", "c": "fine"})
    assert not result.valid
    assert [(error.field_id, error.code) for error in result.errors] == [("a", "type"), ("b", "required")]
    assert dict(result.values) == {"c": "fine"}


def test_defaults_are_evaluated_and_of_their_fields_type() -> None:
    fields = [
        field("remote", "boolean", default="false"),
        field("limit", "long", default="${base * 2}"),
        field("day", "date", default="${firstDay}"),
        field("known", default="other"),
        field("none"),
    ]
    names = PlainNames({"base": 5, "firstDay": "2027-01-11", "known": "kept"})
    assert defaults(fields, names) == {"remote": False, "limit": 10, "day": "2027-01-11"}


def test_a_default_that_is_not_of_its_fields_type_is_an_error_that_names_the_field() -> None:
    with pytest.raises(ExpressionError, match="default of limit is 'much'"):
        defaults([field("limit", "long", default="much")], PlainNames({}))


def test_a_form_is_shown_in_the_language_asked_for_and_else_in_its_own() -> None:
    fields = [
        field(
            "device",
            "enum",
            label="Device",
            label__sv="Utrustning",
            help="What do you need?",
            help__sv="Vad behövs?",
            value__laptop__sv="Bärbar dator",
            values=("laptop", "phone"),
            constraints={"required": ""},
        )
    ]
    (swedish,) = present(fields, {"device": "phone"}, "sv-SE").fields
    assert (swedish.label, swedish.help, swedish.value) == ("Utrustning", "Vad behövs?", "phone")
    assert swedish.options == (("laptop", "Bärbar dator"), ("phone", "Phone"))
    assert swedish.required
    assert not swedish.readonly
    (english,) = present(fields, {}, "en").fields
    assert (english.label, english.help, english.value) == ("Device", "What do you need?", None)
    assert english.options == (("laptop", "Laptop"), ("phone", "Phone"))


@pytest.mark.parametrize(
    ("type", "widget"),
    [
        ("string", "text"),
        ("long", "number"),
        ("boolean", "checkbox"),
        ("date", "date"),
        ("enum", "select"),
        ("x", "text"),
    ],
)
def test_each_type_has_a_widget_unless_the_model_names_one(type: str, widget: str) -> None:
    (plain_field, chosen) = present([field("a", type), field("b", type, widget="special")], {}, "en").fields
    assert plain_field.widget == widget
    assert plain_field.label == "a"
    assert chosen.widget == "special"


def test_limits_and_values_are_shown_in_the_fields_own_type() -> None:
    fields = [
        field("n", "long", constraints={"min": "1", "max": "much", "required": "true"}),
        field("d", "date"),
        field("wrong", "long"),
    ]
    values = {"n": "5", "d": typed("Date", "2026-12-02T00:00:00.000+0100"), "wrong": "abc"}
    n, d, wrong = present(fields, values, "en").fields
    assert dict(n.constraints) == {"min": 1}
    assert (n.value, d.value, wrong.value) == (5, "2026-12-02", "abc")


@pytest.mark.parametrize(
    ("fields", "options", "said"), [(500, 2_000, ""), (501, 1, "has 501 fields"), (1, 2_001, "offers 2,001 choices")]
)
def test_a_form_asks_for_no_more_than_anybody_fills_in(fields: int, options: int, said: str) -> None:
    values = "".join(f'<camunda:value id="v{number}" name="v"/>' for number in range(options))
    first = f'<camunda:formField id="first" type="enum">{values}</camunda:formField>'
    rest = "".join(f'<camunda:formField id="f{number}" type="string"/>' for number in range(fields - 1))
    form = f"<extensionElements><camunda:formData>{first}{rest}</camunda:formData></extensionElements>"
    body = f'<startEvent id="s"/><userTask id="t" name="T" camunda:candidateGroups="hr">{form}</userTask>'
    body += '<endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="t"/>'
    body += '<sequenceFlow id="b" sourceRef="t" targetRef="e"/>'
    head = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'
    source = f'{head}<process id="p" isExecutable="true">{body}</process></definitions>'
    found = [problem.message for problem in check(read(source.encode())) if problem.rule == "form"]
    assert len(found) == bool(said)
    assert said in "".join(found)
