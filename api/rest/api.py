"""The one API object that the modules of this room register their operations on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, Field

from api.authentication import actor, the_engine
from api.dto import Dto
from api.errors import ContractErrorDto
from api.openapi import Api, InvalidRequest, json_body
from api.transaction import joined
from engine import CommandContext

REST = Api(
    title="Onedoor: engine REST API",
    version="7.24.0",
    description="Compatible with the core of the Camunda 7 REST API.",
    error=ContractErrorDto,
)


#: One transaction of who asks.
command = joined


@contextmanager
def reading() -> Iterator[CommandContext]:
    with the_engine().query(actor()) as context:
        yield context


# ---------------------------------------------------------------- queries


class SortingDto(Dto):
    sort_by: str
    sort_order: str = "asc"


class ListQuery(Dto):
    """What every list takes. Paging stands in the query string, also where the filters are posted."""

    first_result: int | None = Field(default=None, ge=0)
    max_results: int | None = Field(default=None, ge=0)
    sort_by: str | None = None
    sort_order: str | None = None
    sorting: list[SortingDto] | None = None


QueryType = TypeVar("QueryType", bound=ListQuery)


def posted(model: type[QueryType]) -> QueryType:
    """A query whose filters come as a JSON body and whose paging comes in the query string."""
    given: dict[str, Any] = {**json_body()}
    given.update({key: value for key, value in request.args.items() if key in ("firstResult", "maxResults")})
    try:
        return model.model_validate(given)
    except ValueError as error:
        raise InvalidRequest(str(error).splitlines()[0] + ": " + " ".join(str(error).splitlines()[1:3])) from error


def paging(query: ListQuery, columns: dict[str, str]) -> dict[str, Any]:
    """`sort`, `first_result`, `max_results` for the engine; `columns` maps sortBy values to its names."""
    asked = list(query.sorting or [])
    if (query.sort_by is None) != (query.sort_order is None):
        raise InvalidRequest("Only a single sorting parameter specified. sortBy and sortOrder required")
    if query.sort_by is not None and query.sort_order is not None:
        asked.insert(0, SortingDto(sort_by=query.sort_by, sort_order=query.sort_order))
    sort: list[tuple[str, str]] = []
    for each in asked:
        if each.sort_by not in columns:
            raise InvalidRequest(
                f"Cannot set query parameter 'sortBy' to value '{each.sort_by}': use one of {', '.join(columns)}."
            )
        if each.sort_order not in ("asc", "desc"):
            raise InvalidRequest(
                f"Cannot set query parameter 'sortOrder' to value '{each.sort_order}': use asc or desc."
            )
        sort.append((columns[each.sort_by], each.sort_order))
    return {"sort": tuple(sort), "first_result": query.first_result or 0, "max_results": query.max_results}


def several(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def named(model: BaseModel, *names: str) -> dict[str, Any]:
    """Those fields of a query that the engine knows by the same name."""
    return {name: getattr(model, name) for name in names}
