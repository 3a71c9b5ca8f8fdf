"""Forms of SpiffWorkflow's dialect: a JSON schema in a file beside the model, as the fields that our pages show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from bpmn.forms import MOST_FIELDS, MOST_OPTIONS
from bpmn.model import Expression, FormField, FormReference, ProcessModel, UserTask
from bpmn.strict_json import read_json

#: Of a file.
LARGEST = 500_000
#: Of a default that is no text, and of a title or a help.
LONGEST_TEXT = 10_000
_LIMITS = {"minimum": "min", "maximum": "max", "minLength": "minlength", "maxLength": "maxlength"}


class UnfitSchemaError(ValueError):
    """A schema that is no list of plain fields; the message says which part is not."""


def form_files(model: ProcessModel) -> dict[str, str]:
    """User task -> the file of its form, where the dialect names one."""
    return {
        node.id: node.properties["formJsonSchemaFilename"]
        for node in model.nodes.values()
        if isinstance(node, UserTask) and "formJsonSchemaFilename" in node.properties
    }


def with_form_schemas(model: ProcessModel, files: Mapping[str, bytes]) -> ProcessModel:
    """The model with the fields of its forms. One that cannot be shown as fields stays a key alone."""
    nodes = dict(model.nodes)
    for task, file in form_files(model).items():
        node = nodes[task]
        if file not in files or not isinstance(node, UserTask):
            continue
        try:
            fields = schema_fields(files[file])
        except UnfitSchemaError:
            continue
        nodes[task] = replace(node, form=FormReference(fields=fields, key=Expression(file)))
    return replace(model, nodes=MappingProxyType(nodes))


def schema_fields(source: bytes) -> tuple[FormField, ...]:
    """The properties of an object, in their order. Raises UnfitSchemaError."""
    if len(source) > LARGEST:
        raise UnfitSchemaError(f"it is larger than {LARGEST:,} bytes")
    try:
        schema = read_json(source)
        json.dumps(schema, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnfitSchemaError("it holds one half of a character") from None
    except ValueError as error:
        raise UnfitSchemaError(f"it is no JSON: {error}") from error
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        raise UnfitSchemaError("it has no properties")
    if len(properties) > MOST_FIELDS:
        raise UnfitSchemaError(f"it has {len(properties):,} fields, more than {MOST_FIELDS}")
    required = schema.get("required")
    return tuple(
        _field(name, each, isinstance(required, list) and name in required) for name, each in properties.items()
    )


def _field(name: str, schema: Any, required: bool) -> FormField:
    if not isinstance(schema, dict):
        raise UnfitSchemaError(f"{name} is no schema")
    constraints = {limit: _written(name, schema[word]) for word, limit in _LIMITS.items() if word in schema}
    if required:
        constraints["required"] = "true"
    if schema.get("readOnly") is True:
        constraints["readonly"] = "true"
    values = _values(name, schema)
    default = schema.get("default")
    told = schema.get("description")
    return FormField(
        id=name,
        type="enum" if values else _type(name, schema),
        label=_written(name, schema.get("title") or name),
        default=None if default is None else Expression(_written(name, default)),
        values=values,
        constraints=MappingProxyType(constraints),
        properties=MappingProxyType({"help": _written(name, told)} if told else {}),
    )


def _type(name: str, schema: Mapping[str, Any]) -> str:
    match schema.get("type"), schema.get("format"):
        case "string", "date":
            return "date"
        case "string", None | "email" | "uri":
            return "string"
        case "integer", _:
            return "long"
        case "boolean", _:
            return "boolean"
    what = " of the format ".join(str(each) for each in (schema.get("type"), schema.get("format")) if each)
    raise UnfitSchemaError(f"{name} is {what or 'of no type'}")


def _values(name: str, schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The choices with their labels: `enum` (and `enumNames`), or constants under `oneOf` or `anyOf`."""
    if isinstance(schema.get("enum"), list):
        values = schema["enum"]
        labels = schema.get("enumNames") or values
    else:
        choices = schema.get("oneOf") or schema.get("anyOf") or []
        if not isinstance(choices, list) or not all(isinstance(each, dict) and "const" in each for each in choices):
            raise UnfitSchemaError(f"{name} has alternatives that are no constants")
        values = [each["const"] for each in choices]
        labels = [each.get("title") or each["const"] for each in choices]
    if len(values) > MOST_OPTIONS:
        raise UnfitSchemaError(f"{name} offers {len(values):,} choices, more than {MOST_OPTIONS:,}")
    if not all(isinstance(each, str) for each in values) or not isinstance(labels, list):
        raise UnfitSchemaError(f"{name} offers what is no text")
    return tuple((value, _written(name, label)) for value, label in zip(values, labels, strict=False))


def _written(name: str, value: Any) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value)
    except RecursionError:
        raise UnfitSchemaError(f"{name} is nested too deep") from None
    if len(text) > LONGEST_TEXT:
        raise UnfitSchemaError(f"{name} has a text of {len(text):,} characters, more than {LONGEST_TEXT:,}")
    return text
