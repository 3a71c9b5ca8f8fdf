"""Deploying: files in, versions out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from sqlalchemy import func, insert, select

from bpmn import (
    Definitions,
    Problem,
    ProcessModel,
    Severity,
    UnfitSchemaError,
    UnreadableModel,
    check_promises,
    form_files,
    read,
    schema_fields,
)
from engine.context import CommandContext
from engine.database.tables import definition_party, deployment, process_definition, resource
from engine.decisions import DECISION_SUFFIXES, check_decision_file, copied_by_decisions
from engine.errors import InvalidInput, ModelRefused
from engine.executors import executor_for, problems_of
from engine.ids import new_id
from engine.operations import log_operation
from engine.people.staffing import create_named, named_departments_of, unstaffed
from engine.policy import STARTER, WORKS, Action, can, require
from engine.policy.confidentiality import keep_marks, marks_of
from engine.repository import Deployment, ProcessDefinition, get_deployment
from engine.retention import inherited_days, read_retention
from engine.start_events import (
    listen_for_starts,
    message_starts,
    named_message_starts,
    stop_listening_for_starts,
)

MODEL_SUFFIXES = (".bpmn", ".bpmn20.xml")
LONGEST_KEY = 255
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """`definitions` are the new ones; none if everything was deployed before just so (`unchanged`). `warnings` are the
    problems that do not refuse a model, by resource name."""

    deployment: Deployment
    definitions: tuple[ProcessDefinition, ...]
    warnings: dict[str, tuple[Problem, ...]]
    unchanged: bool = False


def check_file(source: bytes, executor: str | None = None, decisions: Sequence[bytes] = ()) -> tuple[Problem, ...]:
    """Everything wrong with a file, readable or not; without `executor`, for the one that its dialect asks for.
    `decisions`: the files of decisions beside it, which might give away what it keeps."""
    try:
        definitions = read(source)
    except UnreadableModel as error:
        return error.problems
    found = problems_of(definitions, executor_for(definitions, executor, "native"))
    copied = copied_by_decisions(decisions, _cells(definitions.processes))
    leaks = (each for model in definitions.processes for each in check_promises(model, {}, copied))
    return (*found, *(each for each in leaks if each not in found))


def check_source(
    context: CommandContext, source: bytes, executor: str | None = None, decisions: Sequence[bytes] = ()
) -> tuple[Problem, ...]:
    """The same on this engine, and the departments it names in which nobody is. Nothing is stored."""
    try:
        definitions = read(source)
    except UnreadableModel as error:
        return error.problems
    chosen = executor_for(definitions, executor, context.engine.settings.executor)
    return (*_problems(context, definitions, chosen, decisions), *unstaffed(context, definitions))


def _problems(
    context: CommandContext, definitions: Definitions, executor: str, decisions: Sequence[bytes]
) -> tuple[Problem, ...]:
    """Those of the file, and where it would break what an earlier version of a process has promised; by itself or by
    one of the decisions beside it."""
    found = problems_of(definitions, executor)
    copied = copied_by_decisions(decisions, _cells(definitions.processes))
    for model in definitions.processes:
        # What a flow keeps to somebody is told to nobody but its owners, not by name either.
        promised = marks_of(context, [model.key]) if can(context.actor, Action.READ_MODEL, model.key) else {}
        if promised or copied:
            found = (*found, *(each for each in check_promises(model, promised, copied) if each not in found))
    return found


def _cells(models: Iterable[ProcessModel]) -> str:
    """The language of the cells of decisions that do not say theirs."""
    return "python" if any(model.dialect == "spiff" for model in models) else "feel"


def deploy_resources(
    context: CommandContext,
    name: str | None,
    resources: Sequence[tuple[str, bytes]],
    *,
    source: str | None = None,
    filter_duplicates: bool = False,
    changed_only: bool = False,
    executor: str | None = None,
) -> DeploymentResult:
    """Stores files together; every executable process in them becomes a new version.

    `filter_duplicates`: nothing happens if the newest files of these names, deployed under the same name and source,
    are the same. `changed_only`: only those that changed are deployed. `executor` runs the processes; None: what
    is drawn in SpiffWorkflow's dialect runs on that, the rest on the engine's own choice. ModelRefused for the first
    file with an error, NotAllowed where one of the flows is not the actor's; nothing is stored.
    """
    require(context.actor, Action.DRAW)
    if not resources:
        raise InvalidInput("No deployment resources contained in the form upload.")
    if executor is not None:
        context.engine.require_executor(executor)
    known = _newest(context, name, source) if filter_duplicates or changed_only else {}
    if executor is not None and _runs_on_another(context, known, executor):
        known = {}
    digests = {file: sha256(content).hexdigest() for file, content in resources}
    changed = [(file, content) for file, content in resources if known.get(file, ("", ""))[1] != digests[file]]
    if known and not changed:
        existing = get_deployment(context, next(known[file][0] for file, _ in resources))
        return DeploymentResult(existing, (), {}, unchanged=True)
    if changed_only:
        resources = changed
    models, warnings = _checked(context, resources, executor)
    created = Deployment(new_id(), name, source, context.now, context.actor.user_id)
    context.connection.execute(
        insert(deployment).values(
            id=created.id, name=name, source=source, deployed_at=context.now, deployed_by=context.actor.user_id
        )
    )
    context.connection.execute(
        insert(resource),
        [
            {"id": new_id(), "deployment_id": created.id, "name": file, "content": content, "digest": digests[file]}
            for file, content in resources
        ],
    )
    found = tuple(_new_version(context, created, *each) for each in models)
    for each in found or (None,):
        key, changes = (each.key, [("version", None, each.version)]) if each else (None, [])
        log_operation(
            context, "Create", "Deployment", entity_id=created.id, definition_key=key, changes=changes, details=name
        )
    return DeploymentResult(created, found, warnings)


def _checked(
    context: CommandContext, resources: Sequence[tuple[str, bytes]], wanted: str | None
) -> tuple[list[tuple[str, ProcessModel, str]], dict[str, tuple[Problem, ...]]]:
    """The executable processes of all files, each with its executor, or ModelRefused. Departments they name exist from
    now on."""
    models: list[tuple[str, ProcessModel, str]] = []
    warnings: dict[str, tuple[Problem, ...]] = {}
    decisions = [(file, content) for file, content in resources if file.lower().endswith(DECISION_SUFFIXES)]
    for file, content in resources:
        if not file.lower().endswith(MODEL_SUFFIXES):
            continue
        definitions = _read(file, content)
        for model in definitions.processes:
            require(context.actor, Action.DEPLOY, model.key)
        executor = executor_for(definitions, wanted, context.engine.settings.executor)
        problems = _problems(context, definitions, executor, [content for _, content in decisions])
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise ModelRefused(file, problems)
        forms = [each for model in definitions.processes for each in _unshown_forms(model, dict(resources))]
        warnings[file] = (*problems, *forms, *unstaffed(context, definitions))
        create_named(context, definitions)
        models.extend((file, model, executor) for model in definitions.processes if model.process.executable)
    cells = _cells(model for _, model, _ in models)
    for file, content in decisions:
        # Any flow may ask it.
        require(context.actor, Action.DEPLOY_ANYTHING, what="deploy decision tables")
        check_decision_file(file, content, cells)
    keys = [model.key for _, model, _ in models]
    for file, model, _ in models:
        if keys.count(model.key) > 1 or len(model.key) > LONGEST_KEY:
            message = (
                f"The process id “{model.key}” stands in this deployment more than once."
                if keys.count(model.key) > 1
                else f"The process id has {len(model.key)} characters; {LONGEST_KEY} are allowed."
            )
            problem = Problem(
                "process-id", Severity.ERROR, model.key, model.process.line, message, "Give the process another id."
            )
            raise ModelRefused(file, [problem])
    return models, warnings


def _unshown_forms(model: ProcessModel, files: dict[str, bytes]) -> list[Problem]:
    """Forms beside the model that no page can show, as warnings."""
    found = []
    for task, file in form_files(model).items():
        try:
            if file in files:
                schema_fields(files[file])
                continue
            why = "it is not deployed together with the model"
        except UnfitSchemaError as error:
            why = str(error)
        node = model.nodes[task]
        message = f"The form {file} of “{node.name or task}” cannot be shown: {why}."
        remedy = "Deploy it as a list of texts, whole numbers, dates, choices and yes or no; or complete it over REST."
        found.append(Problem("form-schema", Severity.WARNING, task, node.line, message, remedy, node.name))
    return found


def _read(file: str, content: bytes) -> Definitions:
    try:
        return read(content)
    except UnreadableModel as error:
        raise ModelRefused(file, error.problems) from error


def _newest(context: CommandContext, name: str | None, source: str | None) -> dict[str, tuple[str, str]]:
    """File name -> deployment id and digest, of the newest file of each name under this deployment name and source."""
    rows = context.connection.execute(
        select(resource.c.name, resource.c.digest, deployment.c.id)
        .join(deployment, deployment.c.id == resource.c.deployment_id)
        .where(deployment.c.name.is_not_distinct_from(name), deployment.c.source.is_not_distinct_from(source))
        .order_by(deployment.c.deployed_at, deployment.c.id)
    )
    return {row.name: (row.id, row.digest) for row in rows}


def _runs_on_another(context: CommandContext, known: dict[str, tuple[str, str]], executor: str) -> bool:
    """True if what these deployments hold is run by another executor: then the same files are no duplicates."""
    columns = process_definition.c
    found = context.connection.execute(
        select(columns.id)
        .where(columns.deployment_id.in_({deployed for deployed, _ in known.values()}), columns.executor != executor)
        .limit(1)
    )
    return found.one_or_none() is not None


def _new_version(
    context: CommandContext, into: Deployment, file: str, model: ProcessModel, executor: str
) -> ProcessDefinition:
    process = model.process
    version = 1 + int(
        context.connection.execute(
            select(func.coalesce(func.max(process_definition.c.version), 0)).where(
                process_definition.c.key == model.key
            )
        ).scalar_one()
    )
    definition = ProcessDefinition(
        id=definition_id(model.key, version),
        key=model.key,
        version=version,
        name=process.name,
        description=process.documentation,
        category=None,
        version_tag=process.version_tag,
        deployment_id=into.id,
        resource_name=file,
        has_diagram=model.has_diagram,
        history_time_to_live=_days_kept(context, model),
        startable_in_tasklist=process.startable_in_tasklist,
        suspended=False,
        executor=executor,
    )
    context.connection.execute(insert(process_definition).values(**asdict(definition)))
    if parties := _parties(definition.id, model):
        context.connection.execute(insert(definition_party), parties)
    keep_marks(context, model)
    stop_listening_for_starts(context, model.key)
    _refuse_taken_messages(context, file, model)
    listen_for_starts(context, definition.id, model)
    return definition


def _parties(definition_id: str, model: ProcessModel) -> list[dict[str, str | None]]:
    """Who may start it, and the departments that work in it. A starter that is an expression is nobody: there is no
    instance yet to work it out from."""
    process = model.process
    found: set[tuple[str, str | None, str | None]] = {
        (WORKS, None, each.key) for each in named_departments_of(model) if len(each.key) <= LONGEST_KEY
    }
    for named, is_group in ((process.candidate_starter_users, False), (process.candidate_starter_groups, True)):
        for each in (part.strip()[:LONGEST_ID] for part in (named.text.split(",") if named is not None else ())):
            if each:
                found.add((STARTER, None, each) if is_group else (STARTER, each, None))
    return [
        {"definition_id": definition_id, "part": part, "user_id": user_id, "group_id": group_id}
        for part, user_id, group_id in sorted(found, key=str)
    ]


def _refuse_taken_messages(context: CommandContext, file: str, model: ProcessModel) -> None:
    """ModelRefused where a message that starts this process starts another one already."""
    taken = dict(message_starts(context))
    problems = [
        Problem(
            "message-once",
            Severity.ERROR,
            start.id,
            start.line,
            f"The message “{name}” starts the process “{taken[name]}” already.",
            "Give the message another name.",
        )
        for start, name in named_message_starts(model)
        if name in taken
    ]
    if problems:
        raise ModelRefused(file, problems)


def definition_id(key: str, version: int) -> str:
    """`key:version:uuid`, or the UUID alone where that would be too long."""
    unique = new_id()
    speaking = f"{key}:{version}:{unique}"
    return speaking if len(speaking) <= LONGEST_ID else unique


def _days_kept(context: CommandContext, model: ProcessModel) -> int | None:
    """As the file says; one that says nothing goes on as the version before it."""
    try:
        days = read_retention(model.process.history_time_to_live)
    except InvalidInput:
        days = None  # a rule has said so; what runs meanwhile is kept as before
    return inherited_days(context, model.key) if days is None else days
