"""Forms: from what a person submits to values of variables, and from a model's fields to what a page shows.

Fields are Camunda's `camunda:formField`. Their types: string, long, boolean, date (ISO 8601 text; with the widget
`datetime` with a time), enum (one of its values; with the widget `multiselect` a list of them). Submitted values are
the texts of an HTML form or JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from bpmn.expressions import ExpressionError, Names, evaluate
from bpmn.iso8601 import parse_date
from bpmn.model import FormField
from bpmn.texts import translated
from bpmn.values import plain, stored

#: Of one form; as many as a request may bring, and more than anybody fills in.
MOST_FIELDS = 500
#: Of one field.
MOST_OPTIONS = 2_000
_WIDGETS = {"string": "text", "long": "number", "boolean": "checkbox", "date": "date", "enum": "select"}
_YES = frozenset(("true", "on", "yes", "1"))
_NO = frozenset(("false", "off", "no", "0", ""))
_LARGEST = 2**63
_SPACES = str.maketrans("", "", "\u0020\u00a0\u202f")  # what people put between thousands


class FieldError(Struct, frozen=True):
    """One thing wrong with one field. Pages translate `code`: required, type (facts: type), option (facts: options),
    min, max, minlength, maxlength (facts: limit)."""

    field_id: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The same in English, saying what would be right."""
        return _MESSAGES[self.code].format_map({"type": "", **self.facts})


_MESSAGES = {
    "required": "Fill in this field.",
    "type": "This does not fit: {type} is wanted.",
    "option": "Choose one of: {options}.",
    "min": "The least is {limit}.",
    "max": "The most is {limit}.",
    "minlength": "Write at least {limit} characters.",
    "maxlength": "Write at most {limit} characters.",
}
_WANTED = {
    "long": "a whole number, such as 25",
    "boolean": "true or false",
    "date": "a date, such as 2026-12-01",
    "datetime": "a date and time, such as 2026-12-01T08:00",
    "string": "a text",
    "enum": "one of its options",
}


class FormResult(Struct, frozen=True):
    """`values` holds the fields that were given and are right, by id, as JSON values; null for one that was emptied."""

    values: Mapping[str, Any]
    errors: tuple[FieldError, ...] = ()

    @property
    def valid(self) -> bool:
        return not self.errors


class FieldView(Struct, frozen=True):
    """One field as a page shows it. `options` are (id, label) pairs; `constraints` has typed limits and required."""

    id: str
    type: str
    widget: str
    label: str
    help: str | None = None
    placeholder: str | None = None
    required: bool = False
    readonly: bool = False
    constraints: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] = ()
    value: Any = None
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class FormView(Struct, frozen=True):
    fields: tuple[FieldView, ...]


class _UnfitError(Exception):
    """A value that is not of the field's type, by error code and facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


# ---------------------------------------------------------------- what a person submits


def validate(fields: Iterable[FormField], submitted: Mapping[str, Any], *, partial: bool = False) -> FormResult:
    """Turns what was submitted into values, with everything that is wrong with it.

    What no field asks for and what is only to be read is left out. `partial` (a draft) misses nothing that is required.
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for each in fields:
        if _flag(each, "readonly"):
            continue
        given = each.id in submitted
        try:
            value = _converted(each, plain(submitted[each.id])) if given else None
            if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
                if _flag(each, "required") and not partial:
                    raise _UnfitError("required")
            else:
                _check_limits(each, value)
        except _UnfitError as unfit:
            errors.append(FieldError(each.id, unfit.code, unfit.facts))
        else:
            if given:
                values[each.id] = value
    return FormResult(values, tuple(errors))


def defaults(fields: Iterable[FormField], names: Names) -> dict[str, Any]:
    """The default values of the fields whose variables are not set yet. Raises ExpressionError."""
    found: dict[str, Any] = {}
    for each in fields:
        if each.default is None or each.id in names:
            continue
        value = stored(evaluate(each.default, names))
        try:
            found[each.id] = _converted(each, plain(value))
        except _UnfitError:
            raise ExpressionError(
                f"The default of {each.id} is {plain(value)!r}: {_WANTED[_kind(each)]} is wanted.", each.default.text
            ) from None
    return found


# ---------------------------------------------------------------- what a page shows


def present(fields: Iterable[FormField], values: Mapping[str, Any], language: str) -> FormView:
    """The form in a language, filled with the values that are known."""
    return FormView(tuple(_field_view(each, values.get(each.id), language) for each in fields))


def _field_view(each: FormField, value: Any, language: str) -> FieldView:
    properties = each.properties
    options = tuple((key, translated(properties, f"value:{key}", language, words) or key) for key, words in each.values)
    return FieldView(
        id=each.id,
        type=each.type,
        widget=_widget(each),
        label=translated(properties, "label", language, each.label) or each.id,
        help=translated(properties, "help", language, properties.get("help")),
        placeholder=translated(properties, "placeholder", language, properties.get("placeholder")),
        required=_flag(each, "required"),
        readonly=_flag(each, "readonly"),
        constraints=_limits(each),
        options=options,
        value=_shown(each, plain(value)),
        properties=properties,
    )


def _shown(each: FormField, value: Any) -> Any:
    """A value as the field writes it; as it is where it does not fit, so that a person can mend it."""
    try:
        return _converted(each, value)
    except _UnfitError:
        return stored(value) if isinstance(value, date) else value


# ---------------------------------------------------------------- types


def _kind(each: FormField) -> str:
    """The type by which values are read; a type that is unknown to us is read as text."""
    if each.type == "date" and _widget(each) == "datetime":
        return "datetime"
    return each.type if each.type in _WIDGETS else "string"


def _widget(each: FormField) -> str:
    return each.properties.get("widget") or _WIDGETS.get(each.type, "text")


def _converted(each: FormField, value: Any) -> Any:
    if each.type == "enum" and _widget(each) == "multiselect":
        items = value if isinstance(value, list) else [] if value in (None, "") else [value]
        return list(dict.fromkeys(_option(each, item) for item in items if item != ""))
    if isinstance(value, list):  # an HTML form sends a hidden value before that of its checkbox
        value = value[-1] if value else None
    if value is None or (
        isinstance(value, str) and not value.strip() and each.type in _WIDGETS and each.type != "string"
    ):
        return None
    return _CONVERSIONS[_kind(each)](each, value)


def _string(_each: FormField, value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _UnfitError("type", type=_WANTED["string"])
    return str(value)


def _long(_each: FormField, value: Any) -> int:
    number: int | None = None
    if isinstance(value, str) and len(value) <= 40:
        digits = value.translate(_SPACES)
        number = int(digits) if digits.removeprefix("-").isdecimal() else None
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0:
        number = int(value)
    if number is None or not -_LARGEST <= number < _LARGEST:
        raise _UnfitError("type", type=_WANTED["long"])
    return number


def _boolean(_each: FormField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    written = value.strip().lower() if isinstance(value, str) else None
    if written not in _YES and written not in _NO:
        raise _UnfitError("type", type=_WANTED["boolean"])
    return written in _YES


def _date(each: FormField, value: Any) -> str:
    wanted = _kind(each)
    try:
        found = parse_date(value.replace(" ", "T", 1)) if isinstance(value, str) else value
    except ValueError:
        found = None
    if wanted == "date" and isinstance(found, datetime):
        found = found.date()
    if wanted == "datetime" and not isinstance(found, datetime):
        found = None
    if not isinstance(found, date):
        raise _UnfitError("type", type=_WANTED[wanted])
    return found.isoformat()


def _option(each: FormField, value: Any) -> str:
    options = [key for key, _ in each.values]
    if str(value) not in options:
        raise _UnfitError("option", options=", ".join(options))
    return str(value)


_CONVERSIONS: dict[str, Callable[[FormField, Any], Any]] = {
    "string": _string,
    "long": _long,
    "boolean": _boolean,
    "date": _date,
    "datetime": _date,
    "enum": _option,
}

# ---------------------------------------------------------------- constraints

#: A length with more digits than this is none.
_LONGEST_LIMIT = 18


def is_readonly(field: FormField) -> bool:
    return _flag(field, "readonly")


def _flag(each: FormField, name: str) -> bool:
    """A constraint that holds where it stands, unless it says `false`."""
    return name in each.constraints and each.constraints[name].strip().lower() != "false"


def _limits(each: FormField) -> dict[str, Any]:
    """The limits of a field in its own type; one that cannot be read limits nothing."""
    found: dict[str, Any] = {}
    for name, limit in each.constraints.items():
        if name in ("minlength", "maxlength") and limit.strip().isdecimal() and len(limit) <= _LONGEST_LIMIT:
            found[name] = int(limit)
        elif name in ("min", "max"):
            try:
                found[name] = _converted(each, limit)
            except _UnfitError:
                continue
    return found


def _check_limits(each: FormField, value: Any) -> None:
    for name, limit in _limits(each).items():
        if name == "minlength" and isinstance(value, str):
            held = len(value) >= limit
        elif name == "maxlength" and isinstance(value, str):
            held = len(value) <= limit
        elif name in ("min", "max") and isinstance(value, (int, str)) and limit is not None:
            ordered = (_comparable(each, value), _comparable(each, limit))
            held = ordered[0] >= ordered[1] if name == "min" else ordered[0] <= ordered[1]
        else:
            held = True
        if not held:
            raise _UnfitError(name, limit=limit)


def _comparable(each: FormField, value: Any) -> Any:
    if each.type != "date":
        return value
    found = parse_date(value)
    return found.replace(tzinfo=found.tzinfo or UTC) if isinstance(found, datetime) else found
