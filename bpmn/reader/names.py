"""Namespaces of BPMN files, and small questions one asks their elements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DIAGRAM = "{http://www.omg.org/spec/BPMN/20100524/DI}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
#: Camunda 7's own and that of the engine it grew from: the same words.
EXTENSIONS = (CAMUNDA, "{http://activiti.org/bpmn}")

#: Letters that are no other letter with a mark on it.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})

Element = etree._Element


def local(element: Element) -> str:
    """The name without namespace."""
    return str(element.tag).rpartition("}")[2]


def is_bpmn(element: Element) -> bool:
    return str(element.tag).startswith(BPMN)


def identifier(element: Element) -> str:
    """The id, or for an element without one a name that is the same at every reading."""
    return element.get("id") or f"{local(element)}@{element.getroottree().getpath(element)}"


def children(element: Element, name: str) -> Iterator[Element]:
    """The BPMN children of this name."""
    return element.iterchildren(BPMN + name)


def child(element: Element, name: str) -> Element | None:
    return next(children(element, name), None)


def child_text(element: Element, name: str) -> str | None:
    """The text of the first such child, without the blanks around it; None if there is no such child."""
    found = child(element, name)
    return None if found is None else text_of(found)


def text_of(element: Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def extension(element: Element, name: str) -> str | None:
    """A `camunda:` attribute."""
    for namespace in EXTENSIONS:
        value = element.get(namespace + name)
        if value is not None:
            return value
    return None


def extension_children(element: Element, name: str) -> Iterator[Element]:
    """The `camunda:` elements of this name among the extension elements (or, as some tools write, right inside)."""
    wanted = {namespace + name for namespace in EXTENSIONS}
    holders = [element, *children(element, "extensionElements")]
    for holder in holders:
        for each in holder:
            if each.tag in wanted:
                yield each


def inner(element: Element, name: str) -> Iterator[Element]:
    """The `camunda:` elements of this name right inside a `camunda:` element."""
    wanted = {namespace + name for namespace in EXTENSIONS}
    return (each for each in element if each.tag in wanted)


def flag(value: str | None, default: bool = False) -> bool:
    return default if value is None else value.strip().lower() in ("true", "1")


def key_of(name: str) -> str:
    """A name as the key of a department: `Människor & kultur` -> `manniskor-kultur`."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def described(element: Element) -> Element:
    """The BPMN element with an id around it."""
    current = element
    while not (str(current.tag).startswith(BPMN) and current.get("id")):
        parent = current.getparent()
        if parent is None:
            break
        current = parent
    return current
