"""JSON in UTF-8, as RFC 8259 has it, where Python's reader is more generous: no NaN and Infinity, no number beyond what
can be kept, no name twice in an object (two readers would see two values)."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

#: Of a whole number.
MOST_DIGITS = 300


class UnfitJson(ValueError):
    """The text says what is wrong, to complete "The request body …"."""


def read_json(text: str | bytes) -> Any:
    """ValueError for what is no JSON, UnfitJson for what is none that is taken here."""
    try:
        return json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_once,
        )
    except RecursionError:
        raise UnfitJson("is nested too deep: send it flatter") from None


def _no_constant(name: str) -> NoReturn:
    raise UnfitJson(f"holds {name}, which is no JSON: send null or a text")


def _finite(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise UnfitJson(f"holds the number {text[:40]}, which is too large to be kept")
    return found


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise UnfitJson(f"holds a number of {len(text)} digits: at most {MOST_DIGITS} are taken")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnfitJson(f"has “{twice[:100]}” twice in one object: send it once")
    return found
