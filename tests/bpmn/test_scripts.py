"""Scripts: assignments, if, calls; everything else is refused by name and line."""

from datetime import date
from typing import Any

import pytest

from bpmn.expressions import ExpressionError, PlainNames
from bpmn.model import Script
from bpmn.scripts import compile_script, run_script


def run(text: str, variables: dict[str, Any] | None = None, language: str = "python") -> tuple[Any, dict[str, Any]]:
    held: dict[str, Any] = dict(variables or {})
    execution = {"setVariable": held.__setitem__, "getVariable": held.get, "id": "i1"}
    names = PlainNames(held, functions={"today": lambda: date(2026, 11, 24)}, beans={"execution": execution})
    return run_script(Script(text, language), names), held


def test_assignments_see_what_was_assigned_before() -> None:
    assert run("a = 1\nb = a + 1\nb += 5\n")[1] == {"a": 1, "b": 7}


def test_only_the_branch_that_holds_runs() -> None:
    script = "if cost > 100:\n  level = 2\nelif cost > 10:\n  level = 1\nelse:\n  pass\n"
    assert run(script, {"cost": 500})[1]["level"] == 2
    assert run(script, {"cost": 50})[1]["level"] == 1
    assert "level" not in run(script, {"cost": 5})[1]


def test_variables_are_set_and_asked_for_through_the_execution() -> None:
    script = "execution.setVariable('total', variable('price', 3) * 2)\nif not has('done'):\n  done = True\n"
    assert run(script)[1] == {"total": 6, "done": True}


def test_the_value_of_a_script_is_that_of_its_last_expression() -> None:
    assert run("a = 2\na * 21")[0] == 42
    assert run("a = 2")[0] is None
    assert run("")[0] is None


def test_a_juel_script_gives_its_value() -> None:
    assert run("${cost + 1}", {"cost": 4}, "juel")[0] == 5


def test_dates_are_assigned_as_values_that_can_be_stored() -> None:
    assert run("day = today()")[1]["day"] == "2026-11-24"


def test_a_script_indented_by_its_file_is_read() -> None:
    assert run("\n      a = 1\n      if a:\n        b = 'x\ty'\n    ")[1] == {"a": 1, "b": "x\ty"}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import os", "Line 1: Import is not allowed"),
        ("a = 1\nfor x in [1]:\n  b = x", "Line 2: For is not allowed"),
        ("while True:\n  pass", "Line 1: While is not allowed"),
        ("def f():\n  pass", "Line 1: FunctionDef is not allowed"),
        ("a['b'] = 1", "Line 1: Only a variable by its name can be set"),
        ("a.b = 1", "Line 1: Only a variable by its name can be set"),
        ("a = b = 1", "Line 1: Only a variable by its name can be set"),
        ("a, b = 1, 2", "Line 1: Only a variable by its name can be set"),
        ("del a", "Line 1: Delete is not allowed"),
        ("a = 1\nb = (1", r"Line 2: '\(' was never closed"),
        ("a = lambda: 1", "Line 1: Lambda is not allowed"),
        ("try:\n  pass\nexcept: pass", "Line 1: Try is not allowed"),
        ("a = 1\n" * 5000, "too long"),
    ],
)
def test_what_a_script_may_not_do_is_refused_by_its_line_before_anything_runs(script: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        compile_script(Script(script, "python"))


def test_what_fails_while_it_runs_is_told_with_its_line() -> None:
    with pytest.raises(ExpressionError, match="Line 3: Unknown variable nope"):
        run("a = 1\nif a:\n  b = nope\n")
    with pytest.raises(ExpressionError, match=r"Line 1: .*divided by zero"):
        run("a = 1 / 0")


@pytest.mark.parametrize("language", ["groovy", "javascript", "ruby", ""])
def test_another_language_says_what_to_do_instead(language: str) -> None:
    with pytest.raises(ExpressionError, match="write it in python or juel, or make it a service task"):
        compile_script(Script("x", language))


def test_a_script_says_which_variables_it_reads_and_sets() -> None:
    compiled = compile_script(Script("a = b + 1\nif c:\n  d = workday(a, 1)\n", "python"))
    assert compiled.free_names == {"a", "b", "c"}
    assert compiled.assigned_names == {"a", "d"}
    assert compiled.functions == {"workday"}
