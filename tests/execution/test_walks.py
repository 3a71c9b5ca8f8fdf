"""Random, seeded walks over every model there is: no internal error, and a sound state after every command."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.execution.play import MODELS
from tests.execution.player import CONFORMANCE
from tests.execution.walks import AnyHandlerEngine, variable_names, walk
from tests.execution.world import Refused

WALKS = 8
OTHERS = sorted((CONFORMANCE / "camunda").glob("*.bpmn*")) if CONFORMANCE.is_dir() else []
#: The one that loops for ever costs seconds each time its budget ends it; a test of its own looks at that.
OWN = sorted(each for each in MODELS.glob("*.bpmn") if each.stem != "a_loop_without_a_wait_is_stopped")


def walk_through(path: Path, siblings: list[Path]) -> Counter[str]:
    source, done = path.read_bytes(), Counter[str]()
    for turn in range(WALKS):
        engine = AnyHandlerEngine(random.Random(f"{path.name} {turn}"))
        for other in siblings:
            engine.deploy(other.read_bytes())
        known = set(engine.models)
        try:
            engine.deploy(source)
        except Refused:
            return done
        engine.start_jobs.clear()
        engine.codes += re.findall(r'(?:error|escalation)Code="([^"]+)"', source.decode())
        for definition_id in [each for each in engine.models if each not in known]:
            done += walk(engine, engine.models[definition_id].key, variable_names(source))
    return done


@pytest.mark.parametrize("path", OWN, ids=[each.stem for each in OWN])
def test_walks_through_our_own_models_leave_every_state_sound(path: Path) -> None:
    walk_through(path, [])


@pytest.mark.skipif(not OTHERS, reason="../shared/conformance is not beside this checkout")
@pytest.mark.parametrize("path", OTHERS, ids=[each.name for each in OTHERS])
def test_walks_through_camundas_models_leave_every_state_sound(path: Path) -> None:
    siblings = [
        each for each in OTHERS if "ubProcess" in each.name and each != path and "simpleSubProcess" in each.name
    ]
    walk_through(path, siblings)
