"""What is wrong with a model."""

from __future__ import annotations

from bpmn.model import Definitions
from bpmn.problems import Problem

__all__ = ["check"]


def check(definitions: Definitions) -> tuple[Problem, ...]:
    """Every problem, by line."""
    return ()
