"""What a DMN file means, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct, field

from bpmn.model import Expression


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


class Input(Struct, frozen=True):
    """A column of conditions. `type` is the type its value is turned into; `variable` the name under which cells know
    that value."""

    id: str
    expression: Expression
    label: str | None = None
    type: str | None = None
    variable: str = "cellInput"
    line: int = 0


class Output(Struct, frozen=True):
    """A column of results. `values` are its possible results, best first, for PRIORITY and OUTPUT ORDER."""

    id: str
    name: str
    label: str | None = None
    type: str | None = None
    values: tuple[Expression, ...] = ()
    line: int = 0


class Rule(Struct, frozen=True):
    """A row. None among the inputs lets everything pass, None among the outputs gives null."""

    id: str
    inputs: tuple[Expression | None, ...]
    outputs: tuple[Expression | None, ...]
    line: int = 0


class DecisionTable(Struct, frozen=True):
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None


class LiteralDecision(Struct, frozen=True):
    """A decision that is one expression; its result goes by the name of its variable."""

    expression: Expression
    name: str
    type: str | None = None


class UnsupportedLogic(Struct, frozen=True):
    """Logic of a kind that we do not run, by its XML name (`context`, `invocation`), or none at all."""

    description: str


class Decision(Struct, frozen=True):
    """`required` are the ids of the decisions whose results this one reads."""

    id: str
    name: str | None
    logic: DecisionTable | LiteralDecision | UnsupportedLogic
    required: tuple[str, ...] = ()
    version_tag: str | None = None
    history_time_to_live: str | None = None
    line: int = 0


@dataclass(frozen=True)
class DecisionDefinitions:
    """One DMN file, its decisions in document order by id."""

    source: bytes
    id: str
    name: str | None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
