"""Moving running instances to another version of their process, or to another process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bpmn import check_promises
from engine.context import CommandContext
from engine.database.tables import process_instance
from engine.errors import InstanceCannotMigrate, InvalidInput, MigrationPlanRefused
from engine.execution.migration_plan import MigrationPlan
from engine.execution.migration_rules import InstructionReport, generate, plan_reports
from engine.execution.protocol import ActivityReport
from engine.operations import log_operation
from engine.policy import Action, InstanceFacts, can, require
from engine.policy.confidentiality import inherit_marks, marks_of, opened, require_may_open, require_revealed
from engine.repository import get_definition
from engine.repository_models import executor_of, model_of
from engine.work import execution


@dataclass(frozen=True, slots=True)
class MigrationPreview:
    """What a plan would do. `ready` and `refused` are instance ids; what cannot move comes with the reasons."""

    reports: tuple[InstructionReport, ...]
    ready: tuple[str, ...]
    refused: tuple[tuple[str, tuple[ActivityReport, ...]], ...]


def generate_migration(
    context: CommandContext, source_id: str, target_id: str, *, update_event_triggers: bool = False
) -> MigrationPlan:
    """A plan that maps everything of equal id, place and kind. InvalidInput for an unknown definition."""
    source, target = _known(context, source_id, "Source"), _known(context, target_id, "Target")
    return generate(
        model_of(context, source),
        model_of(context, target),
        source,
        target,
        update_event_triggers=update_event_triggers,
    )


def validate_migration(context: CommandContext, plan: MigrationPlan) -> list[InstructionReport]:
    """Everything that is wrong with a plan, by instruction; an empty list for a good one."""
    source = _known(context, plan.source_definition_id, "Source")
    target = _known(context, plan.target_definition_id, "Target")
    return plan_reports(model_of(context, source), model_of(context, target), plan)


def _known(context: CommandContext, definition_id: str | None, which: str) -> str:
    if not definition_id:
        raise InvalidInput(f"{which} process definition id is null")
    return get_definition(context, definition_id).id


def preview_migration(context: CommandContext, plan: MigrationPlan) -> MigrationPreview:
    """What would become of every instance that runs on the plan's source, in one query. Nothing moves."""
    _require_operating_both(context, plan)
    reports = tuple(validate_migration(context, plan))
    columns = process_instance.c
    rows = context.connection.execute(
        select(columns.id, columns.state).where(columns.definition_id == plan.source_definition_id).order_by(columns.id)
    )
    source, target = model_of(context, plan.source_definition_id), model_of(context, plan.target_definition_id)
    executor = context.engine.executors[executor_of(context, plan.source_definition_id)]
    ready, refused = [], []
    for row in rows:
        found = executor.migration_reports(source, target, row.state, plan)
        if found:
            refused.append((row.id, tuple(found)))
        else:
            ready.append(row.id)
    return MigrationPreview(reports, tuple(ready), tuple(refused))


def migrate_instances(
    context: CommandContext,
    plan: MigrationPlan,
    instance_ids: Sequence[str],
    *,
    skip_custom_listeners: bool = False,
    skip_io_mappings: bool = False,
) -> None:
    """Moves all of them or, with MigrationPlanRefused or InstanceCannotMigrate, none. Suspended ones stay suspended."""
    _require_operating_both(context, plan)
    if not instance_ids:
        raise InvalidInput("Say which instances are to move: processInstanceIds is empty.")
    reports = validate_migration(context, plan)
    if reports:
        raise MigrationPlanRefused(reports)
    key = get_definition(context, plan.target_definition_id).key
    inherit_marks(context, get_definition(context, plan.source_definition_id).key, key)
    for instance_id in dict.fromkeys(instance_ids):
        _require_source(context, instance_id, plan)
        _require_promises_kept(context, instance_id, plan, key)
        if plan.variables:
            require_revealed(context, instance_id, plan.variables)
        with execution(context, even_suspended=True) as work:
            failures = work.migrate(
                instance_id,
                plan,
                skip_io_mappings=skip_io_mappings,
                skip_custom_listeners=skip_custom_listeners,
            )
            if failures:
                raise InstanceCannotMigrate(instance_id, failures)
        log_operation(
            context,
            "Migrate",
            "ProcessInstance",
            process_instance_id=instance_id,
            definition_key=key,
            changes=[("processDefinitionId", plan.source_definition_id, plan.target_definition_id)],
        )


def _require_operating_both(context: CommandContext, plan: MigrationPlan) -> None:
    """NotAllowed for all but owners of the flow that is left and of the one that goes on."""
    if can(context.actor, Action.OPERATE_EVERYTHING):
        return
    for definition_id, which in ((plan.source_definition_id, "Source"), (plan.target_definition_id, "Target")):
        key = get_definition(context, _known(context, definition_id, which)).key
        require(context.actor, Action.OPERATE, InstanceFacts(frozenset((key,))), "move running instances")


def _require_promises_kept(context: CommandContext, instance_id: str, plan: MigrationPlan, key: str) -> None:
    """InvalidInput where the target would give to others what is confidential in the instance's journey, NotAllowed
    where it tells it to more departments."""
    promised = marks_of(context, (), [instance_id])
    if not promised:
        return
    require_may_open(context, opened(promised, marks_of(context, [key])), promised)
    for problem in check_promises(model_of(context, plan.target_definition_id), promised):
        raise InvalidInput(f"Cannot migrate process instance {instance_id}: {problem.message} {problem.remedy}")


def _require_source(context: CommandContext, instance_id: str, plan: MigrationPlan) -> None:
    """Locks the instance too: what it runs on is not to change any more."""
    columns = process_instance.c
    found = context.connection.execute(
        select(columns.definition_id).where(columns.id == instance_id).with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise InvalidInput(f"Cannot migrate: process instance with id {instance_id} does not exist")
    if found != plan.source_definition_id:
        raise InvalidInput(
            f"Cannot migrate process instance {instance_id}: it runs on {found}, and the plan is for "
            f"{plan.source_definition_id}"
        )
