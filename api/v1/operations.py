"""The log of operations as a file: where from, in whose place and all else that Camunda's entries have no room for."""

from __future__ import annotations

from flask import Response

from api.authentication import actor, the_engine
from api.dto import Dto, Moment
from api.openapi import Api, InvalidRequest
from api.rest.api import named
from engine import OperationQuery, export_operations, require_reader_of_log

#: form -> media type
FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


class ExportQuery(Dto):
    """`form` is csv or jsonl; `after` and `before` are both included; `text` are words that a line has."""

    form: str = "jsonl"
    user_id: str | None = None
    on_behalf_of: str | None = None
    operation: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    definition_key: str | None = None
    process_instance_id: str | None = None
    after: Moment | None = None
    before: Moment | None = None
    text: str | None = None


def register(api: Api) -> None:
    @api.operation("GET", "/operations/export")
    def export(query: ExportQuery) -> Response:
        """Every line that fits, newest first, as CSV or as JSON lines; it comes in pieces, however much it is."""
        if query.form not in FORMS:
            raise InvalidRequest(f"There is no form {query.form!r}: use {' or '.join(FORMS)}.")
        names = [each for each in ExportQuery.model_fields if each != "form"]
        return exported(OperationQuery(**named(query, *names)), query.form)


def exported(query: OperationQuery, form: str) -> Response:
    """The answer of a page or an operation; NotAllowed before the first line is sent, never after."""
    who = actor()
    require_reader_of_log(who)
    answer = Response(export_operations(the_engine(), who, query, form), mimetype=FORMS[form])
    answer.headers.set("Content-Disposition", "attachment", filename=f"operations.{form}")
    return answer
