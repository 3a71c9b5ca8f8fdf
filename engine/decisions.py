"""Deployed decisions: DMN files beside the processes that ask them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

from sqlalchemy import func, or_, select

from bpmn import (
    DecisionDefinitions,
    Problem,
    Severity,
    UnreadableModel,
    check_decisions,
    copied_names,
    read_decisions,
)
from engine.context import CommandContext
from engine.database.tables import deployment, process_definition, resource
from engine.errors import ExecutionFailed, ModelRefused

DECISION_SUFFIXES = (".dmn", ".dmn11.xml")

_read = lru_cache(maxsize=256)(read_decisions)


def check_decision_file(name: str, content: bytes, cells: str = "feel") -> None:
    """ModelRefused for one with an error. `cells` is the language of those that do not say theirs."""
    try:
        problems = check_decisions(_read(content, cells))
    except UnreadableModel as error:
        raise ModelRefused(name, error.problems) from error
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise ModelRefused(name, problems)


def decision_problems(content: bytes, cells: str = "feel") -> tuple[Problem, ...]:
    """Everything wrong with a file, readable or not."""
    try:
        return tuple(check_decisions(_read(content, cells)))
    except UnreadableModel as error:
        return error.problems


def copied_by_decisions(files: Iterable[bytes], cells: str = "feel") -> dict[str, frozenset[str]]:
    """Decision -> the variables that its results may be made of; files that cannot be read are left out."""
    found: dict[str, frozenset[str]] = {}
    for content in files:
        with suppress(UnreadableModel):
            definitions = _read(content, cells)
            for key in definitions.decisions:
                found[key] = found.get(key, frozenset()) | copied_names(definitions, key)
    return found


def decision_file(
    context: CommandContext, key: str, binding: str, definition_id: str, cells: str = "feel"
) -> DecisionDefinitions:
    """The newest file that holds the decision; with the binding `deployment`, of the process's own deployment.
    ExecutionFailed if there is none."""
    if binding not in ("latest", "deployment"):
        raise ExecutionFailed(f"a decision is bound to latest or deployment, not to {binding}")
    statement = select(resource.c.name, resource.c.content).join(
        deployment, deployment.c.id == resource.c.deployment_id
    )
    if binding == "deployment":
        own = select(process_definition.c.deployment_id).where(process_definition.c.id == definition_id)
        statement = statement.where(resource.c.deployment_id == own.scalar_subquery())
    newest_first = statement.order_by(deployment.c.deployed_at.desc(), deployment.c.id.desc(), resource.c.name)
    named = or_(*(func.lower(resource.c.name).endswith(suffix, autoescape=True) for suffix in DECISION_SUFFIXES))
    # By the names that deploying checks, and no others: a file that is no decision there must be none here.
    for row in context.connection.execute(newest_first.where(named)):
        definitions = _read(bytes(row.content), cells)
        if key in definitions.decisions:
            return definitions
    raise ExecutionFailed(f"no decision {key} is deployed: deploy its .dmn file, or correct the business rule task")
