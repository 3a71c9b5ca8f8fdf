"""Texts to evaluate, and what carries them: parameters, variable mappings, listeners."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field


def nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Expression(Struct, frozen=True):
    """Text to evaluate. `language` is `juel` (also for text without `${`, which stands for itself), `python` or
    `feel`."""

    text: str
    language: str = "juel"

    @property
    def is_written_out(self) -> bool:
        """It stands for itself: whoever deploys the model sees what it says."""
        return self.language == "juel" and "${" not in self.text and "#{" not in self.text


class Script(Struct, frozen=True):
    """A script and its language, lower case: `python`, `juel`, or one that no executor of ours runs."""

    text: str
    language: str


class ListValue(Struct, frozen=True):
    items: tuple[ParameterValue, ...]


class MapValue(Struct, frozen=True):
    """Keys are expressions too."""

    entries: tuple[tuple[Expression, ParameterValue], ...]


#: What an input or output parameter says; None is an empty parameter, whose value is null.
ParameterValue = Expression | Script | ListValue | MapValue | None


class Parameter(Struct, frozen=True):
    """One `camunda:inputParameter` or `camunda:outputParameter`."""

    name: str
    value: ParameterValue


class VariableMapping(Struct, frozen=True):
    """One `camunda:in` or `camunda:out`. Exactly one of source, source_expression, all_variables, business_key is
    given."""

    target: str | None = None
    source: str | None = None
    source_expression: Expression | None = None
    all_variables: bool = False
    business_key: Expression | None = None
    local: bool = False


class Listener(Struct, frozen=True):
    """One execution or task listener. `event` is start, end, take; create, assignment, complete, update, delete,
    timeout. Exactly one of expression, handler (class or delegateExpression, by name) and script is given."""

    event: str
    expression: Expression | None = None
    handler: str | None = None
    script: Script | None = None
    fields: Mapping[str, Expression] = field(default_factory=nothing)
    line: int = 0
