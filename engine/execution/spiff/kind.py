"""How instances of the executor `spiff` run."""

from __future__ import annotations

from engine.execution.native.command import Kind
from engine.execution.native.run import Run
from engine.execution.spiff.joins import release_join
from engine.execution.spiff.run import SpiffRun, spiff_behaviour_of


def _release(run: Run) -> bool:
    return isinstance(run, SpiffRun) and release_join(run)


SPIFF = Kind(SpiffRun, spiff_behaviour_of, _release)
