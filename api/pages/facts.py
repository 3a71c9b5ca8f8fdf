"""What is known about a journey: facts in words, under the form they were entered in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages import words
from api.pages.frame import Names
from bpmn import FormField, ProcessModel, StartEvent, UserTask, forms
from engine import Fact


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts of one form: where, by whom and when they were entered; (label, value) pairs in the form's order."""

    source: str
    who: str
    at: datetime
    facts: tuple[tuple[str, str], ...]


def grouped(facts: Sequence[Fact], model: ProcessModel, names: Names, language: str) -> list[FactGroup]:
    """One group for each form and person, in flow order. A fact that was left empty says nothing and is left out."""
    fields = _fields(model)
    found: dict[tuple[str, str | None], list[Fact]] = {}
    for fact in facts:
        if fact.value not in (None, "", []):
            found.setdefault((words.in_language(fact.source_names, language), fact.updated_by), []).append(fact)
    return [
        FactGroup(
            source,
            names.person(who),
            max(fact.updated_at for fact in each),
            tuple(
                (
                    words.in_language(fact.labels, language),
                    _in_words(fact.value, fields.get(fact.name), names, language),
                )
                for fact in each
            ),
        )
        for (source, who), each in found.items()
    ]


def _fields(model: ProcessModel) -> Mapping[str, FormField]:
    found: dict[str, FormField] = {}
    for node in model.nodes.values():
        if isinstance(node, UserTask | StartEvent) and node.form is not None:
            for field in node.form.fields:
                found.setdefault(field.id, field)
    return found


def _in_words(value: Any, field: FormField | None, names: Names, language: str) -> str:
    if field is None:
        return words.value_in_words(value)
    (shown,) = forms.present((field,), {}, language).fields
    if shown.widget == "people":
        return names.person(str(value))
    return words.value_in_words(value, dict(shown.options))
