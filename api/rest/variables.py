"""Variables on the wire: `{"value": ..., "type": "String", "valueInfo": {}}`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from flask import Response, request
from pydantic import BeforeValidator, Field

from api.downloads import save_as
from api.dto import Dto
from api.openapi import InvalidRequest
from bpmn import check_value, info_of, is_typed, require_flat, stored, type_of
from engine import InvalidInput, VariableFilter

OBJECT_INFO = {
    dict: {"objectTypeName": "java.util.LinkedHashMap", "serializationDataFormat": "application/json"},
    list: {"objectTypeName": "java.util.ArrayList", "serializationDataFormat": "application/json"},
}
_MEDIA_TYPE = re.compile(r"[a-zA-Z0-9.+-]+/[a-zA-Z0-9.+_-]+")
OPERATORS = frozenset(("eq", "neq", "gt", "gteq", "lt", "lteq", "like", "notLike"))


class VariableDto(Dto):
    """`type` may be left out: then the JSON value tells it. `local` counts in modifications."""

    value: Any = None
    type: str | None = None
    value_info: dict[str, Any] | None = None
    local: bool = False


class VariableValueDto(Dto):
    type: str
    value: Any = None
    value_info: dict[str, Any] = Field(default_factory=dict)


Variables = dict[str, VariableDto]


def read(variables: Variables | None) -> dict[str, Any]:
    """Values as the engine keeps them. InvalidRequest, naming the variable, for one that does not fit its type."""
    return {name: read_one(name, given) for name, given in (variables or {}).items()}


def read_one(name: str, given: VariableDto) -> Any:
    info = dict(given.value_info or {})
    if "mimetype" in info:
        info["mimeType"] = info.pop("mimetype")
    try:
        require_flat(given.value)
        require_flat(info)
        if given.type is not None:
            return check_value(given.type, given.value, info)
        if _pretends(given.value):
            raise ValueError("'onedoor:type' is no name to use inside a value.")
        return stored(given.value)
    except ValueError as error:
        raise InvalidRequest(f"Cannot read variable '{name}': {error}") from error


def _pretends(value: Any) -> bool:
    """Whether plain JSON is dressed up as one of our typed values: only `check_value` makes those."""
    if isinstance(value, dict):
        return is_typed(value) or any(_pretends(each) for each in value.values())
    return isinstance(value, list) and any(_pretends(each) for each in value)


def write(value: Any, *, deserialize: bool = True) -> VariableValueDto:
    """One variable for a client. Objects come as JSON, or as text if `deserialize` is false; files without content."""
    kind = type_of(value)
    if not is_typed(value):
        if isinstance(value, dict | list):
            shown: Any = value if deserialize else json.dumps(value)
            return VariableValueDto(type="Object", value=shown, value_info=OBJECT_INFO[type(value)])
        return VariableValueDto(type=kind, value=value)
    inner, info = value.get("value"), info_of(value)
    if kind == "File":
        return VariableValueDto(type=kind, value=None, value_info=info)
    if kind == "Object" and deserialize and isinstance(inner, str):
        with suppress(ValueError):
            inner = json.loads(inner)
    return VariableValueDto(type=kind, value=inner, value_info=info)


def write_all(values: Mapping[str, Any], *, deserialize: bool = True) -> dict[str, VariableValueDto]:
    return {name: write(value, deserialize=deserialize) for name, value in values.items()}


def content_of(value: Any) -> Response:
    """The octets of a variable, to be saved, never shown: files and bytes whole, everything else as JSON or text."""
    info = info_of(value)
    if is_typed(value) and type_of(value) in ("File", "Bytes"):
        content, mimetype = base64.b64decode(value.get("value") or ""), str(info.get("mimeType") or "")
    else:
        shown = write(value).value
        is_text = isinstance(shown, str)
        content = (shown if is_text else json.dumps(shown)).encode()
        mimetype = "text/plain" if is_text else "application/json"
    answer = Response(content, mimetype=harmless(mimetype))
    save_as(answer, _file_name(info))
    return answer


def harmless(mimetype: str) -> str:
    """The media type that somebody gave a file, unless a page of ours could run the file as a script by it."""
    known = _MEDIA_TYPE.fullmatch(mimetype) and "script" not in mimetype.lower()
    return mimetype if known else "application/octet-stream"


def _file_name(info: Mapping[str, Any]) -> str:
    name = "".join(each for each in str(info.get("filename") or "") if each.isprintable())
    return name or "data"


def uploaded() -> Any:
    """The value of a multipart form: the octets of `data` as the type that `valueType` names."""
    file = request.files.get("data")
    kind = request.form.get("valueType", "File")
    if file is None:
        raise InvalidRequest("The form has no file named 'data': send the octets there.")
    if kind.capitalize() not in ("File", "Bytes"):
        raise InvalidRequest(f"Unsupported value type '{kind}' for octets: use File or Bytes.")
    info = {"filename": file.filename, "mimeType": file.mimetype} if kind.capitalize() == "File" else {}
    return check_value(kind, base64.b64encode(file.read()).decode("ascii"), info)


# ---------------------------------------------------------------- filters


class VariableFilterDto(Dto):
    name: str
    operator: str = "eq"
    value: Any = None


def _split(given: Any) -> Any:
    """`name_op_value,name_op_value`; values are texts."""
    if not isinstance(given, str):
        return given
    found = []
    for part in given.split(","):
        pieces = part.split("_")
        at = next((i for i in range(1, len(pieces)) if pieces[i] in OPERATORS), None)
        if at is None:
            raise ValueError(f"variable query parameter must have format KEY_OPERATOR_VALUE, not '{part}'")
        found.append({"name": "_".join(pieces[:at]), "operator": pieces[at], "value": "_".join(pieces[at + 1 :])})
    return found


VariableFilters = Annotated[list[VariableFilterDto], BeforeValidator(_split)]


def filters(given: list[VariableFilterDto] | None) -> tuple[VariableFilter, ...]:
    for each in given or ():
        if each.operator not in OPERATORS:
            raise InvalidInput(f"Invalid variable comparator specified: {each.operator}")
    return tuple(VariableFilter(each.name, each.operator, each.value) for each in given or ())
