"""Nothing gets out of an expression, and none costs more than a moment."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import hostile

ROOT = Path(__file__).parents[3]
PRODUCT = ("bpmn", "engine", "workflows", "api")


def run(what: str, tmp_path: Path) -> Any:
    secret = tmp_path / "secret.txt"
    secret.write_text(hostile.SECRET)
    finished = subprocess.run(
        [sys.executable, hostile.__file__, what, str(secret)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    return json.loads(finished.stdout)


def test_no_attack_escapes(tmp_path: Path) -> None:
    verdicts = run("product", tmp_path)
    assert len(verdicts) >= 36
    assert [name for name, verdict in verdicts.items() if verdict == "ESCAPED"] == []
    assert [
        name
        for name, verdict in verdicts.items()
        if verdict.startswith("refused") and "Expression" not in verdict and "UnknownVariable" not in verdict
    ] == []


def test_the_same_attacks_escape_from_pythons_own_evaluation(tmp_path: Path) -> None:
    verdicts = run("control", tmp_path)
    escapes = [name for name, verdict in verdicts.items() if verdict == "ESCAPED"]
    print(f"{len(escapes)} of {len(verdicts)} attacks escape from Python's own evaluation")  # noqa: T201
    assert len(escapes) >= 12


def test_most_of_the_same_attacks_escape_from_spiffworkflows_default_engine(tmp_path: Path) -> None:
    verdicts = run("spiff", tmp_path)
    escapes = [name for name, verdict in verdicts.items() if verdict == "ESCAPED"]
    print(f"{len(escapes)} of {len(verdicts)} attacks escape from SpiffWorkflow's default engine")  # noqa: T201
    assert len(verdicts) == 18
    assert len(escapes) >= 12


def test_no_attack_uses_up_time_or_memory(tmp_path: Path) -> None:
    costs = run("cost", tmp_path)
    slowest = max(costs, key=lambda name: costs[name][1])
    largest = max(costs, key=lambda name: costs[name][2])
    print(  # noqa: T201
        f"{len(costs)} attacks; the slowest took {costs[slowest][1] * 1000:.0f} ms ({slowest}), "
        f"the largest {costs[largest][2] / 1e6:.1f} MB ({largest})"
    )
    assert [name for name, (outcome, _, _) in costs.items() if "Memory" in outcome or "Recursion" in outcome] == []
    assert costs[slowest][1] < 2
    assert costs[largest][2] < 50e6


def test_the_product_evaluates_no_code() -> None:
    forbidden = {"eval", "exec", "compile", "__import__", "execfile"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.id}"
        for package in PRODUCT
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in forbidden
    ]
    assert found == []


@pytest.mark.parametrize("text", ["eval('1')", "x = exec"])
def test_names_of_pythons_builtins_are_unknown_to_a_script(text: str) -> None:
    from bpmn.expressions import ExpressionError, PlainNames
    from bpmn.model import Script
    from bpmn.scripts import run_script

    with pytest.raises(ExpressionError):
        run_script(Script(text, "python"), PlainNames({}))
