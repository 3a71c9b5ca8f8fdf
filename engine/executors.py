"""The executors there are, and which of them runs what is deployed."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn import Definitions, Problem, check
from engine.execution.native import NativeExecutor
from engine.execution.protocol import Executor
from engine.execution.spiff import SpiffExecutor, spiff_kind

__all__ = ["EXECUTORS", "executor_for", "problems_of"]

#: By the name that a definition's row has.
EXECUTORS: Mapping[str, Executor] = {"native": NativeExecutor({"spiff": spiff_kind}), "spiff": SpiffExecutor()}


def executor_for(definitions: Definitions, wanted: str | None, default: str) -> str:
    """Who runs a file: whoever is asked for; else SpiffWorkflow what is drawn in its dialect, `default` the rest."""
    return wanted or ("spiff" if definitions.dialect == "spiff" else default)


def problems_of(definitions: Definitions, executor: str) -> tuple[Problem, ...]:
    """Everything wrong with a file, and what this executor would not run rightly, by line."""
    found = (*check(definitions), *EXECUTORS[executor].refused(definitions))
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.rule)))
