"""The executor `spiff`: what the engine begins commands with and reads stored instances through."""

from __future__ import annotations

from bpmn import Definitions, Problem
from engine.execution.native import NativeExecutor
from engine.execution.native.command import Kind
from engine.execution.native.run import Run
from engine.execution.spiff.joins import release_join
from engine.execution.spiff.refusals import refusals
from engine.execution.spiff.run import SpiffRun, spiff_behaviour_of


def _release(run: Run) -> bool:
    return isinstance(run, SpiffRun) and release_join(run)


SPIFF = Kind(SpiffRun, spiff_behaviour_of, _release)


class SpiffExecutor(NativeExecutor):
    """Stateless; one serves all threads. Its document is that of the native executor, so the two read each other's."""

    name = "spiff"

    def __init__(self) -> None:
        super().__init__({"spiff": SPIFF})

    def refused(self, definitions: Definitions) -> tuple[Problem, ...]:
        return tuple(refusals(definitions))
