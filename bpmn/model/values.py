"""Texts to evaluate, and what carries them: parameters, variable mappings, listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expression:
    """Text to evaluate. `language` is `juel` (also for text without `${`, which stands for itself), `python` or
    `feel`."""

    text: str
    language: str = "juel"

    @property
    def is_written_out(self) -> bool:
        """It stands for itself: whoever deploys the model sees what it says."""
        return self.language == "juel" and "${" not in self.text and "#{" not in self.text


@dataclass(frozen=True, slots=True)
class Script:
    """A script and its language, lower case: `python`, `juel`, or one that no executor of ours runs."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[ParameterValue, ...]


@dataclass(frozen=True, slots=True)
class MapValue:
    """Keys are expressions too."""

    entries: tuple[tuple[Expression, ParameterValue], ...]


#: What an input or output parameter says; None is an empty parameter, whose value is null.
ParameterValue = Expression | Script | ListValue | MapValue | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `camunda:inputParameter` or `camunda:outputParameter`."""

    name: str
    value: ParameterValue


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One `camunda:in` or `camunda:out`. Exactly one of source, source_expression, all_variables, business_key is
    given."""

    target: str | None = None
    source: str | None = None
    source_expression: Expression | None = None
    all_variables: bool = False
    business_key: Expression | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """One execution or task listener. `event` is start, end, take; create, assignment, complete, update, delete,
    timeout. Exactly one of expression, handler (class or delegateExpression, by name) and script is given."""

    event: str
    expression: Expression | None = None
    handler: str | None = None
    script: Script | None = None
    fields: Mapping[str, Expression] = field(default_factory=nothing)
    line: int = 0
