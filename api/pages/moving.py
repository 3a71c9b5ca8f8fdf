"""Moving running journeys to another version of their flow: what becomes what, what cannot, and then the move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from api.pages.flash import flash
from api.pages.frame import command, language, only_owners, page, reading
from api.pages.refusals import refusal_in_words
from api.pages.room import room
from bpmn import ProcessModel, label
from engine import (
    ActivityReport,
    CommandContext,
    DefinitionQuery,
    EngineError,
    HistoricInstanceQuery,
    MigrationPlan,
    NotFound,
    ProcessDefinition,
    definition_model,
    find_definitions,
    find_historic_instances,
    generate_migration,
    get_definition,
    migrate_instances,
    preview_migration,
)

moving = room("moving")

BODY = "#multiInstanceBody"
#: So many journeys are named under each reason; of the rest the number is said.
MOST = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One activity and what it becomes; `target` None: nothing, whoever stands there stays behind."""

    source: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why some journeys cannot move: where they stand, the reason in words, (id, subject) of the first of them."""

    where: str
    why: str
    journeys: tuple[tuple[str, str], ...]
    count: int


@moving.before_request
def only_process_owners() -> None:
    only_owners()


@moving.get("/flows/<key>/move")
def move_page(key: str) -> AnyResponse:
    """`from` and `to` are versions; `anew`: timers begin again."""
    return _page(key, *_versions(key, request.args))


@moving.post("/flows/<key>/move")
def move(key: str) -> AnyResponse:
    """Each journey in a transaction of its own: what happens to one does not hold up the others."""
    source, target = _versions(key, request.form)
    plan, ready = _planned(source, target)
    failed: list[tuple[str, str, str]] = []
    for instance_id in ready:
        try:
            with command() as context:
                migrate_instances(context, plan, [instance_id])
        except EngineError as error:
            with reading() as context:
                failed.append((*_subjects(context, [instance_id])[instance_id], refusal_in_words(error)))
    moved = len(ready) - len(failed)
    said = ngettext(
        "%(num)d journey moved to version %(version)d.",
        "%(num)d journeys moved to version %(version)d.",
        moved,
        version=target.version,
    )
    flash(said, "error" if failed else "ok")
    if failed:
        return _page(key, source, target, failed=failed)
    return redirect(f"/flows/{key}")


def _versions(key: str, given: Mapping[str, str]) -> tuple[ProcessDefinition, ProcessDefinition]:
    with reading() as context:
        found = {str(each.version): each for each in find_definitions(context, DefinitionQuery(key=key))}
    newest = max(found.values(), key=lambda each: each.version, default=None)
    source = found.get(given.get("from", ""))
    target = found.get(given.get("to", "")) or newest
    if source is None or target is None or source == target:
        raise NotFound("version", given.get("from", ""))
    return source, target


def _planned(source: ProcessDefinition, target: ProcessDefinition) -> tuple[MigrationPlan, tuple[str, ...]]:
    with reading() as context:
        plan = generate_migration(context, source.id, target.id, update_event_triggers="anew" in request.values)
        return plan, preview_migration(context, plan).ready


def _page(
    key: str, source: ProcessDefinition, target: ProcessDefinition, *, failed: list[tuple[str, str, str]] | None = None
) -> AnyResponse:
    with reading() as context:
        plan = generate_migration(context, source.id, target.id)
        preview = preview_migration(context, plan)
        here, there = definition_model(context, source.id), definition_model(context, target.id)
        obstacles = _obstacles(context, here, target.version, preview.refused)
        name = get_definition(context, target.id).name or key
    return page(
        "move.html",
        flow_name=name,
        source=source,
        target=target,
        steps=_steps(plan, here, there),
        ready=len(preview.ready),
        obstacles=obstacles,
        stay=len(preview.refused),
        failed=failed or (),
    )


def _steps(plan: MigrationPlan, here: ProcessModel, there: ProcessModel) -> list[Step]:
    """What people know: bodies of what repeats, and events on an edge, go with their activity."""
    found = []
    for node in here.nodes.values():
        mapped = plan.target_of(node.id)
        waits = node.type.endswith(("Task", "subProcess", "transaction", "callActivity")) or node.id in plan.by_source
        if node.scope is None or not waits:
            continue
        found.append(Step(_name(here, node.id), None if mapped is None else _name(there, mapped)))
    return found


def _name(model: ProcessModel, key: str) -> str:
    node = model.nodes.get(key.removesuffix(BODY))
    return key if node is None else label(node, language())


def _obstacles(
    context: CommandContext,
    model: ProcessModel,
    version: int,
    refused: tuple[tuple[str, tuple[ActivityReport, ...]], ...],
) -> list[Obstacle]:
    """By place and reason, the most frequent first."""
    subjects = _subjects(context, [instance_id for instance_id, _ in refused])
    found: dict[tuple[str, str], list[str]] = {}
    for instance_id, reports in refused:
        for report in reports:
            for failure in report.failures:
                key = (_name(model, report.element_id), in_words(failure, version))
                found.setdefault(key, []).append(instance_id)
    several = sorted(found.items(), key=lambda item: -len(item[1]))
    return [
        Obstacle(where, why, tuple(subjects[each] for each in ids[:MOST]), len(ids)) for (where, why), ids in several
    ]


def _subjects(context: CommandContext, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Instance -> the journey it is part of, and what that instance is about."""
    rows = find_historic_instances(context, HistoricInstanceQuery(ids=tuple(ids)))
    return {row.id: (row.root_instance_id, row.subject or row.business_key or row.id[:8]) for row in rows}


def in_words(failure: str, version: int) -> str:
    """A reason as a process owner reads it."""
    if "no migration instruction for this instance" in failure:
        return gettext("Version %(version)d has nothing of this id and kind in the same place.", version=version)
    if "compensation" in failure or "completed" in failure:
        return gettext("What would undo it has no counterpart in version %(version)d.", version=version)
    if "not supported" in failure:
        return gettext("Something is being undone here. Try again when that is done.")
    if "async" in failure or "sequence flow" in failure:
        return gettext("It waits in the background in a way that version %(version)d does not know.", version=version)
    return failure
