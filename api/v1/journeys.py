"""Journeys: instances as their people see them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from api.authentication import actor, the_engine
from api.dto import Dto, Moment
from api.openapi import Api
from engine import JourneyQuery, JourneyStep, JourneySummary, find_journeys, get_journey


class WaitingForDto(Dto):
    activity_id: str
    task_name: str
    user_id: str | None
    department: str | None
    due_at: Moment | None


class JourneySummaryDto(Dto):
    id: str
    service: str
    subject: str
    anchor_date: date | None
    state: str
    started_at: Moment
    started_by: str | None
    ended_at: Moment | None
    done: int
    total: int
    late: int
    waiting_for: list[WaitingForDto]
    due_at: Moment | None


class JourneyStepDto(Dto):
    activity_id: str
    names: dict[str, str]
    state: str
    department: str | None
    who: str | None
    due_at: Moment | None
    started_at: Moment | None
    ended_at: Moment | None
    task_id: str | None


class FactDto(Dto):
    name: str
    labels: dict[str, str]
    value: Any
    updated_at: Moment
    updated_by: str | None
    source_activity_id: str | None


class JourneyDto(Dto):
    summary: JourneySummaryDto
    steps: list[JourneyStepDto]
    facts: list[FactDto]
    marks: dict[str, str]


class JourneyListQuery(Dto):
    service: str | None = None
    open: bool | None = None
    late: bool = False
    mine: bool = False
    q: str | None = None
    first_result: int = Field(default=0, ge=0)
    max_results: int = Field(default=100, ge=0, le=1000)


def register(api: Api) -> None:
    @api.operation("GET", "/journeys")
    def list_journeys(query: JourneyListQuery) -> list[JourneySummaryDto]:
        """Journeys that the person may see, last started first."""
        asked = JourneyQuery(
            started_by=actor().user_id if query.mine else None,
            definition_key=query.service,
            open=query.open,
            late=query.late,
            text=query.q,
            first_result=query.first_result,
            max_results=query.max_results,
        )
        with the_engine().query(actor()) as context:
            return [_summary(each) for each in find_journeys(context, asked)]

    @api.operation("GET", "/journeys/<id>")
    def read_journey(id: str) -> JourneyDto:
        """One journey: where it stands, element by element, and what is known."""
        with the_engine().query(actor()) as context:
            found = get_journey(context, id)
        return JourneyDto(
            summary=_summary(found.summary),
            steps=[_step(each) for each in found.steps],
            facts=[
                FactDto(
                    name=fact.name,
                    labels=dict(fact.labels),
                    value=fact.value,
                    updated_at=fact.updated_at,
                    updated_by=fact.updated_by,
                    source_activity_id=fact.source_activity_id,
                )
                for fact in found.facts
            ],
            marks={element: state.value for element, state in found.marks.items()},
        )


def _summary(found: JourneySummary) -> JourneySummaryDto:
    return JourneySummaryDto(
        id=found.id,
        service=found.definition_key,
        subject=found.subject,
        anchor_date=found.anchor_date,
        state=found.state,
        started_at=found.started_at,
        started_by=found.started_by,
        ended_at=found.ended_at,
        done=found.done,
        total=found.total,
        late=found.late,
        waiting_for=[
            WaitingForDto(
                activity_id=each.activity_id,
                task_name=each.task_name,
                user_id=each.user_id,
                department=each.department,
                due_at=each.due_at,
            )
            for each in found.waiting_for
        ],
        due_at=found.due_at,
    )


def _step(found: JourneyStep) -> JourneyStepDto:
    return JourneyStepDto(
        activity_id=found.activity_id,
        names=dict(found.names),
        state=found.state.value,
        department=found.department,
        who=found.who,
        due_at=found.due_at,
        started_at=found.started_at,
        ended_at=found.ended_at,
        task_id=found.task_id,
    )
