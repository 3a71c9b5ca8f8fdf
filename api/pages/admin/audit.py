"""The log of operations: searched, read page by page, taken along as a file."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from api.pages.admin.log_words import PEOPLE, doors, operations, properties, things
from api.pages.frame import page, reading, session
from api.pages.room import room
from api.pages.titles import flow_names
from api.v1.operations import FORMS, exported
from engine import DefinitionQuery, OperationQuery, find_definitions, find_operations, require_reader_of_log

audit = room("audit")

#: Lines on one page.
MOST = 50
FILTERS = ("who", "for", "operation", "flow", "journey", "from", "to", "q")


@audit.before_request
def only_readers() -> None:
    require_reader_of_log(session().actor)


@audit.get("/admin/audit")
def log_page() -> AnyResponse:
    asked = _asked()
    with reading() as context:
        zone = context.engine.settings.site.tz
        query = _query(asked, zone, older_than=_key(request.args.get("older")), max_results=MOST + 1)
        found = find_operations(context, query)
        definitions = find_definitions(context, DefinitionQuery(latest_version=True, sort=(("name", "asc"),)))
        titles = flow_names(context, (each.id for each in definitions))
    last = found[MOST - 1] if len(found) > MOST else None
    older = f"{last.occurred_at.isoformat()}~{last.id}" if last is not None else None
    return page(
        "admin/audit.html",
        lines=found[:MOST],
        asked=asked,
        operations=operations(),
        things=things(),
        doors=doors(),
        properties=properties(),
        of_people=PEOPLE,
        flows={each.key: titles[each.id] for each in definitions},
        older=_address("/admin/audit", {**asked, "older": older}) if older else None,
        newest=_address("/admin/audit", asked) if "older" in request.args else None,
        files={form: _address(f"/admin/audit.{form}", asked) for form in FORMS},
    )


@audit.get("/admin/audit.<form>")
def download(form: str) -> AnyResponse:
    if form not in FORMS:
        raise NotFound
    g.actor = session().actor
    with reading() as context:
        zone = context.engine.settings.site.tz
    return exported(_query(_asked(), zone), form)


def _address(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _asked() -> dict[str, str]:
    return {name: given for name in FILTERS if (given := request.args.get(name, "").strip())}


def _query(asked: dict[str, str], zone: tzinfo, **more: Any) -> OperationQuery:
    return OperationQuery(
        user_id=asked.get("who"),
        on_behalf_of=asked.get("for"),
        operation=asked.get("operation"),
        definition_key=asked.get("flow"),
        process_instance_id=asked.get("journey"),
        after=_midnight(asked.get("from"), zone),
        before=_midnight(asked.get("to"), zone, timedelta(days=1, microseconds=-1)),
        text=asked.get("q"),
        **more,
    )


def _midnight(day: str | None, zone: tzinfo, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of a day by the site's clock; of a whole day, its end."""
    if day is None:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time(), zone) + later
    except (ValueError, OverflowError):
        raise BadRequest(f"{day!r} is no day: write it as 2027-03-01.") from None


def _key(text: str | None) -> tuple[datetime, int] | None:
    if text is None:
        return None
    moment, _, line = text.partition("~")
    try:
        when = datetime.fromisoformat(moment)
        return (when, int(line)) if when.tzinfo else None
    except ValueError:
        raise BadRequest("This page of the log is not known: begin with the newest.") from None
