"""What is wrong with a file, said so that whoever drew it can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps a model from being deployed; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1, 0 where the file gives none; `message` says what is wrong, `remedy`
    what to do; `rule` is its id in docs/rules.md."""

    rule: str
    severity: Severity
    element_id: str
    line: int
    message: str
    remedy: str
    element_name: str | None = None


class UnreadableModel(Exception):
    """The file is no BPMN that can be read; `problems` says why, never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(f"line {first.line}: {first.message} {first.remedy}")
        self.problems = tuple(problems)
