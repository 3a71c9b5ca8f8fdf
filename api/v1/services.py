"""The catalogue."""

from __future__ import annotations

from api.authentication import actor, the_engine
from api.dto import Dto
from api.openapi import Api
from engine import Action, DefinitionQuery, find_definitions, require
from workflows import Service, find_services


class ServiceDto(Dto):
    key: str
    title: str
    summary: str
    icon: str
    typical_working_days: int
    goals: list[str]
    may_start: bool


class FindQuery(Dto):
    q: str = ""
    language: str = "en"


def register(api: Api) -> None:
    @api.operation("GET", "/services")
    def list_services(query: FindQuery) -> list[ServiceDto]:
        """What may be asked for; `q` searches in plain words, in any language, and forgives slips."""
        require(actor(), Action.LOOK_ROUND)
        with the_engine().query(actor()) as context:
            mine = {
                each.key for each in find_definitions(context, DefinitionQuery(latest_version=True, may_start=True))
            }
        return [_dto(each, query.language, may_start=each.key in mine) for each in find_services(query.q)]


def _dto(found: Service, language: str, *, may_start: bool) -> ServiceDto:
    words = found.in_language(language)
    return ServiceDto(
        key=found.key,
        title=words.title,
        summary=words.summary,
        icon=found.icon,
        typical_working_days=found.typical_working_days,
        goals=list(found.goals),
        may_start=may_start,
    )
