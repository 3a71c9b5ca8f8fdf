"""What failed, and its retry."""

from __future__ import annotations

from flask import Response

from api.authentication import actor, the_engine
from api.dto import CountDto, Dto, Moment
from api.openapi import Api, InvalidRequest
from api.origin import origin
from engine import (
    Failure,
    FailureQuery,
    count_failures,
    failure_trace,
    failures_by_message,
    find_failures,
    retry_failure,
    retry_failures,
)


class FailureDto(Dto):
    """`type` is timer, message, delivery or external; `retries` 0: given up. `journey` is whom or what it is about."""

    id: str
    type: str
    message: str
    retries: int
    due_at: Moment | None
    definition_key: str | None
    activity_id: str
    activity_name: str | None
    process_instance_id: str | None
    journey_id: str | None
    journey: str | None


class FailureListQuery(Dto):
    message: str | None = None
    given_up: bool = False
    first_result: int = 0
    max_results: int | None = None


class MessageCountDto(Dto):
    message: str
    count: int


class RetryDto(Dto):
    message: str | None = None


def register(api: Api) -> None:
    @api.operation("GET", "/failures")
    def list_failures(query: FailureListQuery) -> list[FailureDto]:
        """Jobs, deliveries and external tasks that failed; those that were given up first."""
        with the_engine().query(actor()) as context:
            return [_dto(each) for each in find_failures(context, _asked(query))]

    @api.operation("GET", "/failures/count")
    def count_them(query: FailureListQuery) -> CountDto:
        """How many failed."""
        with the_engine().query(actor()) as context:
            return CountDto(count=count_failures(context, _asked(query)))

    @api.operation("GET", "/failures/messages")
    def list_messages() -> list[MessageCountDto]:
        """What was given up by message, the most frequent first."""
        with the_engine().query(actor()) as context:
            return [MessageCountDto(message=message, count=number) for message, number in failures_by_message(context)]

    @api.operation("GET", "/failures/<id>/trace")
    def read_trace(id: str) -> Response:
        """Where it failed."""
        with the_engine().query(actor()) as context:
            return Response(failure_trace(context, id), mimetype="text/plain")

    @api.operation("POST", "/failures/<id>/retry")
    def retry_one(id: str) -> None:
        """One more try, now; its incident is over."""
        with the_engine().command(actor(), origin=origin()) as context:
            retry_failure(context, id)

    @api.operation("POST", "/failures/retry")
    def retry_all(body: RetryDto) -> CountDto:
        """One more try for all that were given up with this very message; how many."""
        if body.message is None:
            raise InvalidRequest("Give the message of those to be retried.")
        return CountDto(count=retry_failures(the_engine(), actor(), body.message, origin()))


def _asked(query: FailureListQuery) -> FailureQuery:
    return FailureQuery(query.message, query.given_up, query.first_result, query.max_results)


def _dto(found: Failure) -> FailureDto:
    return FailureDto(
        id=found.id,
        type=found.type,
        message=found.message,
        retries=found.retries,
        due_at=found.due_at,
        definition_key=found.definition_key,
        activity_id=found.activity_id,
        activity_name=found.activity_name,
        process_instance_id=found.process_instance_id,
        journey_id=found.journey_id,
        journey=found.journey,
    )
