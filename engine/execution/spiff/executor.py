"""The executor `spiff`: what the engine begins commands with and reads stored instances through."""

from __future__ import annotations

from functools import cache

from bpmn import Definitions, Problem
from engine.execution.native import NativeExecutor
from engine.execution.native.command import Kind
from engine.execution.spiff.refusals import refusals


@cache
def spiff_kind() -> Kind:
    from engine.execution.spiff.kind import SPIFF  # with the library's 90 modules, which most houses run nothing on

    return SPIFF


class SpiffExecutor(NativeExecutor):
    """Stateless; one serves all threads. Its document is that of the native executor, so the two read each other's."""

    name = "spiff"

    def __init__(self) -> None:
        super().__init__({"spiff": spiff_kind})

    def refused(self, definitions: Definitions) -> tuple[Problem, ...]:
        return tuple(refusals(definitions))
