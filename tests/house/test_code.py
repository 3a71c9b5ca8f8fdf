"""What the product's Python keeps to, read from its syntax: nothing evaluates text as Python, and packages are entered
by their front door."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, named, product

FORBIDDEN = {"eval", "exec", "__import__"}


def evaluations(source: str) -> list[int]:
    """The lines that use Python's `eval`, `exec` or `__import__`, called, renamed or reached through `builtins`."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) if name in FORBIDDEN:
                lines.append(node.lineno)
            case ast.Attribute(value=ast.Name(id="builtins" | "__builtins__")):
                lines.append(node.lineno)
            case ast.ImportFrom(module="builtins"):
                lines.append(node.lineno)
            case ast.Subscript(value=ast.Name(id="__builtins__")):
                lines.append(node.lineno)
            case ast.Call(func=ast.Name(id="compile")):
                lines.append(node.lineno)
    return sorted(lines)


def side_doors(package: str, source: str) -> list[str]:
    """What a file of `package` imports from inside another of our packages."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules.append(node.module)
        elif isinstance(node, ast.Import):
            modules.extend(alias.name for alias in node.names)
    others = tuple(f"{other}." for other in PACKAGES if other != package)
    return [module for module in modules if module.startswith(others)]


def test_nothing_in_the_product_evaluates_text_as_python() -> None:
    found = {named(path): evaluations(path.read_text("utf-8")) for path in product()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "exec(code)",
        "run = eval",
        "import builtins\nbuiltins.exec(code)",
        "from builtins import eval as run",
        "__builtins__['eval']('1')",
        "compile('1', '', 'eval')",
        "__import__('os')",
        "def f():\n    return [eval(x) for x in y]",
    ],
)
def test_the_search_finds_an_evaluation(source: str) -> None:
    assert evaluations(source)


@pytest.mark.parametrize("source", ["re.compile('a')", "model.eval_count", "'eval(x)'", "# exec(x)", "evaluate(tree)"])
def test_the_search_leaves_what_only_looks_like_one(source: str) -> None:
    assert evaluations(source) == []


def test_packages_are_entered_by_their_front() -> None:
    found = {named(path): side_doors(path.relative_to(ROOT).parts[0], path.read_text("utf-8")) for path in product()}
    assert {name: modules for name, modules in found.items() if modules} == {}


def test_the_search_finds_a_side_door() -> None:
    source = (
        "from engine.database.tables import task\nimport bpmn.xml\nfrom engine import start\nfrom api.dto import Task"
    )
    assert side_doors("api", source) == ["engine.database.tables", "bpmn.xml"]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_front_lists_what_it_has_and_nothing_else(package: str) -> None:
    source = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in source.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name != "*"
    }
    listed = importlib.import_module(package).__all__
    assert len(listed) == len(set(listed))
    assert [name for name in listed if not hasattr(importlib.import_module(package), name)] == []
    assert sorted(name for name in imported - set(listed) if not name.startswith("_")) == []


def test_product_files_are_found() -> None:
    assert {Path(named(path)).parts[0] for path in product()} == set(PACKAGES)
