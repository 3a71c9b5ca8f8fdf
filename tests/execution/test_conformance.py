"""Camunda's own test cases, in process. They lie beside the project, not in it."""

from __future__ import annotations

import json

import pytest

from tests.execution.player import CONFORMANCE, Case

CASES = json.loads((CONFORMANCE / "camunda" / "cases.json").read_text()) if CONFORMANCE.is_dir() else []


@pytest.mark.skipif(not CASES, reason="../shared/conformance is not beside this checkout")
@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['family']}:{c['test'].rpartition('#')[2]}:{c['model']}" for c in CASES]
)
@pytest.mark.parametrize("executor", ["native", "spiff"])
def test_a_case_of_camundas_engine_plays_as_there(case: dict[str, object], executor: str) -> None:
    Case(case, CONFORMANCE / "camunda", executor).play()
