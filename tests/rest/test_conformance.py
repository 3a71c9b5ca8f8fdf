"""Camunda's own test cases over HTTP, played by the runner that lies beside the project."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"
CASES = json.loads((CONFORMANCE / "camunda" / "cases.json").read_text()) if CONFORMANCE.is_dir() else []
NAMES = [f"{case['family']}:{case['test'].rpartition('#')[2]}:{case['model']}" for case in CASES]


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_runner", CONFORMANCE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not CASES, reason="../shared/conformance is not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_case_of_camundas_engine_plays_over_http(case: dict[str, Any], runner: ModuleType, server: str) -> None:
    rest = runner.Rest(f"{server}/engine-rest", "admin:demo")
    play = runner.Case(rest, f"{server}/api/v1/test-clock", case, CONFORMANCE / "camunda")
    try:
        play.play()
    finally:
        play.clean()
