"""Moving running instances to another version: a plan is made, checked, carried out."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.dto import Dto, Names
from api.openapi import InvalidRequest
from api.rest.api import REST, command, reading
from api.rest.process_instance import InstanceListQuery, instances_asked_for
from api.rest.variables import VariableDto, VariableValueDto, read, write_all
from engine import (
    InstructionReport,
    MigrationInstruction,
    MigrationPlan,
    generate_migration,
    migrate_instances,
    validate_migration,
)


class InstructionDto(Dto):
    source_activity_ids: list[str | None] | None = None
    target_activity_ids: list[str | None] | None = None
    update_event_trigger: bool | None = False


class PlanDto(Dto):
    source_process_definition_id: str | None = None
    target_process_definition_id: str | None = None
    instructions: list[InstructionDto] | None = Field(default_factory=list)
    variables: dict[str, VariableDto] | None = None


class PlanValueDto(Dto):
    source_process_definition_id: str
    target_process_definition_id: str
    instructions: list[InstructionDto]
    variables: dict[str, VariableValueDto] | None = None


class GenerateDto(Dto):
    source_process_definition_id: str | None = None
    target_process_definition_id: str | None = None
    update_event_triggers: bool = False
    variables: dict[str, VariableDto] | None = None


class ExecuteDto(Dto):
    migration_plan: PlanDto | None = None
    process_instance_ids: Names | None = None
    process_instance_query: InstanceListQuery | None = None
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False


class InstructionReportDto(Dto):
    instruction: InstructionDto
    failures: list[str]


class PlanReportDto(Dto):
    instruction_reports: list[InstructionReportDto]
    variable_reports: dict[str, Any] = Field(default_factory=dict)


@REST.operation("POST", "/migration/generate")
def generate(body: GenerateDto) -> PlanValueDto:
    """A plan that maps every activity of equal id, place and kind."""
    with reading() as context:
        plan = generate_migration(
            context,
            body.source_process_definition_id or "",
            body.target_process_definition_id or "",
            update_event_triggers=body.update_event_triggers,
        )
    return PlanValueDto(
        source_process_definition_id=plan.source_definition_id,
        target_process_definition_id=plan.target_definition_id,
        instructions=[_instruction(each) for each in plan.instructions],
        variables=None if body.variables is None else write_all(read(body.variables)),
    )


@REST.operation("POST", "/migration/validate")
def validate(body: PlanDto) -> PlanReportDto:
    """What is wrong with a plan, by instruction; nothing, for a good one."""
    with reading() as context:
        reports = validate_migration(context, _plan(body))
    return PlanReportDto(instruction_reports=[report_dto(each) for each in reports])


@REST.operation("POST", "/migration/execute")
def execute(body: ExecuteDto) -> None:
    """Moves all of these instances, or none of them and says why."""
    if body.migration_plan is None:
        raise InvalidRequest("The migration plan is missing: give migrationPlan.")
    with command() as context:
        ids = list(body.process_instance_ids or ())
        if body.process_instance_query is not None:
            ids += instances_asked_for(context, body.process_instance_query)
        migrate_instances(
            context,
            _plan(body.migration_plan),
            ids,
            skip_custom_listeners=body.skip_custom_listeners,
            skip_io_mappings=body.skip_io_mappings,
        )


def _plan(body: PlanDto) -> MigrationPlan:
    instructions = []
    for each in body.instructions or ():
        sources, targets = each.source_activity_ids or [None], each.target_activity_ids or [None]
        if len(sources) > 1 or len(targets) > 1:
            raise InvalidRequest("An instruction maps one activity to one: give one source and one target activity id.")
        instructions.append(MigrationInstruction(sources[0], targets[0], bool(each.update_event_trigger)))
    return MigrationPlan(
        body.source_process_definition_id or "",
        body.target_process_definition_id or "",
        tuple(instructions),
        read(body.variables),
    )


def _instruction(each: MigrationInstruction) -> InstructionDto:
    return InstructionDto(
        source_activity_ids=[each.source],
        target_activity_ids=[each.target],
        update_event_trigger=each.update_event_trigger,
    )


def report_dto(report: InstructionReport) -> InstructionReportDto:
    return InstructionReportDto(instruction=_instruction(report.instruction), failures=list(report.failures))
