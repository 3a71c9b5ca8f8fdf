"""What is kept about a person: given out and erased."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.authentication import actor, the_engine
from api.dto import Dto
from api.limits import pace_export
from api.openapi import Api
from api.privacy import erased
from engine import AboutThem, ErasurePreview, NotFound, export_person, preview_erasure


class AboutThemDto(Dto):
    """A journey about the person; `by_name`: only its subject's name says so, and it may be somebody else's."""

    id: str
    title: str
    running: bool
    by_name: bool


class ErasureDto(Dto):
    """What erasing does, or did. `in_the_way`: journeys about the person that still run; `tasks` go back to their
    queues, `tasks_of_nobody` of them to none; `models` name the person and stay."""

    journeys: list[AboutThemDto]
    in_the_way: list[AboutThemDto]
    tasks: int
    tasks_of_nobody: int
    done: int
    started: int
    comments: int
    operations: int
    stands_in: int
    models: list[str]


class EraseDto(Dto):
    """`others`: ids of journeys about somebody else of the same name."""

    others: list[str] = Field(default_factory=list)


class PersonDataDto(Dto):
    """`data`: rows by what they are."""

    data: dict[str, Any]


def register(api: Api) -> None:
    @api.operation("GET", "/me/data")
    def my_data() -> PersonDataDto:
        """Everything that is kept about who asks."""
        return _data(actor().user_id or "")

    @api.operation("GET", "/people/<id>/data")
    def data_of_a_person(id: str) -> PersonDataDto:
        """Everything that is kept about a person; for administrators and the person."""
        return _data(id)

    @api.operation("GET", "/people/<id>/erasure")
    def look_at_an_erasure(id: str) -> ErasureDto:
        """What erasing the person would do."""
        with the_engine().query(actor()) as context:
            return _erasure(preview_erasure(context, id))

    @api.operation("POST", "/people/<id>/erasure")
    def erase_a_person(id: str, body: EraseDto) -> ErasureDto:
        """Erases the person for good; the answer says what was done."""
        return _erasure(erased(the_engine(), actor(), id, body.others))


def _data(user_id: str) -> PersonDataDto:
    if not user_id:
        raise NotFound("user", "-")
    pace_export(actor().user_id or "")
    with the_engine().query(actor()) as context:
        return PersonDataDto(data=export_person(context, user_id))


def _erasure(found: ErasurePreview) -> ErasureDto:
    numbers = {
        name: getattr(found, name)
        for name in ("tasks", "tasks_of_nobody", "done", "started", "comments", "operations", "stands_in")
    }
    return ErasureDto(
        journeys=[_about(each) for each in found.journeys],
        in_the_way=[_about(each) for each in found.in_the_way],
        models=list(found.models),
        **numbers,
    )


def _about(each: AboutThem) -> AboutThemDto:
    return AboutThemDto(id=each.id, title=each.title, running=each.running, by_name=each.by_name)
