"""Words for people: what a model says in several languages, in the one that is asked for.

A model's own words are its first language; others stand in its properties: `name:sv`, `label:sv`, `value:laptop:sv`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.model import Element


def translated(properties: Mapping[str, str], name: str, language: str, own: str | None) -> str | None:
    """The property `name:language` (`sv-SE`, then `sv`), else the model's own words."""
    for tag in (language, language.partition("-")[0]):
        if found := properties.get(f"{name}:{tag}"):
            return found
    return own


def label(element: Element, language: str) -> str:
    """What to call an element: its name in a language, else its name, else its id."""
    return translated(element.properties, "name", language, element.name) or element.id


def documentation(element: Element, language: str) -> str | None:
    return translated(element.properties, "documentation", language, element.documentation)
