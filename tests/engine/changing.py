"""Which names of the engine's front change something, read from its syntax: what writes, or calls what writes."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine

ROOT = Path(engine.__file__).parent
#: SQLAlchemy's statements that write, and the work on an instance, which writes at its end.
WRITING = frozenset(
    (
        "sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete", "engine.database.upserts.insert_for",
        "engine.work.execution",
    )
)  # fmt: skip


def verbs() -> dict[str, Callable[..., Any]]:
    """Functions of the front that take a context, or the engine itself to open one."""
    found: dict[str, Callable[..., Any]] = {}
    for name in engine.__all__:
        each = getattr(engine, name)
        if inspect.isfunction(each):
            first = next(iter(inspect.signature(each).parameters.values()), None)
            if first is not None and first.annotation in ("CommandContext", "ProcessEngine"):
                found[name] = each
    return found


def changing() -> set[str]:
    """The verbs from which a statement that writes is reached, by the names that functions use."""
    uses = _uses()
    writing = set(WRITING)
    while more := {name for name, used in uses.items() if used & writing} - writing:
        writing |= more
    return {name for name, verb in verbs().items() if f"{verb.__module__}.{verb.__name__}" in writing}


def _uses() -> dict[str, set[str]]:
    """Function or constant -> what its text names, each with its module. Methods count for their class."""
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        known = {
            alias.asname or alias.name: f"{each.module}.{alias.name}"
            for each in tree.body
            if isinstance(each, ast.ImportFrom)
            for alias in each.names
        }
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                known[node.name] = f"{module}.{node.name}"
            elif isinstance(node, ast.Assign):
                known |= {each.id: f"{module}.{each.id}" for each in node.targets if isinstance(each, ast.Name)}
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[known[node.name]] = _named(node, known)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[known[node.targets[0].id]] = _named(node.value, known)
    return found


def _named(node: ast.AST, known: dict[str, str]) -> set[str]:
    return {known[each.id] for each in ast.walk(node) if isinstance(each, ast.Name) and each.id in known}
