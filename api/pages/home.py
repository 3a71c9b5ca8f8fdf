"""Home, search, notifications, the pages about the API."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.pages.frame import command, page, reading
from api.pages.room import room
from api.pages.titles import activity_title, flow_names, task_titles
from engine import (
    DefinitionQuery,
    JourneyQuery,
    TaskQuery,
    count_each,
    find_definitions,
    find_journeys,
    find_notifications,
    find_tasks,
    mark_read,
)
from workflows import find_services, load_services

home = room("home")


COUNTED = {
    "mine": TaskQuery(mine=True),
    "department": TaskQuery(claimable=True),
    "absent": TaskQuery(substituting=True),
    "late": TaskQuery(late=True),
}


@home.get("/")
def home_page() -> AnyResponse:
    with reading() as context:
        mine = find_tasks(context, TaskQuery(mine=True, max_results=3))
        urgent = mine or find_tasks(context, TaskQuery(claimable=True, max_results=3))
        in_place = not urgent and bool(context.actor.stands_in_for)
        if in_place:
            urgent = find_tasks(context, TaskQuery(substituting=True, max_results=3))
        journeys = find_journeys(context, JourneyQuery(open=True, max_results=5))
        late = find_journeys(context, JourneyQuery(open=True, late=True, max_results=3))
        held_up = {
            each.id: activity_title(context, each.definition_id, first.activity_id, first.task_name)
            for each in late
            for first in each.waiting_for[:1]
        }
        counts = count_each(context, COUNTED)
        return page(
            "home.html",
            urgent=urgent,
            titles=task_titles(context, urgent),
            flow_names=flow_names(context, (each.definition_id for each in journeys)),
            held_up=held_up,
            held=bool(mine),
            in_place=in_place and bool(urgent),
            open_count=counts["mine"],
            department_count=counts["department"],
            absent_count=counts["absent"],
            late_count=counts["late"],
            journeys=journeys,
            late_journeys=late,
            notifications=find_notifications(context, max_results=6),
        )


@home.get("/search")
def search_page() -> AnyResponse:
    """Services, tasks and journeys that fit plain words."""
    asked = request.args.get("q", "").strip()
    with reading() as context:
        deployed = {
            each.key for each in find_definitions(context, DefinitionQuery(latest_version=True, may_start=True))
        }
        services = [each for each in find_services(asked, load_services()) if each.key in deployed]
        tasks = find_tasks(context, TaskQuery(text=asked, max_results=20)) if asked else []
        journeys = find_journeys(context, JourneyQuery(text=asked, max_results=20)) if asked else []
        return page(
            "search.html",
            asked=asked,
            services=services if asked else [],
            tasks=tasks,
            titles=task_titles(context, tasks),
            journeys=journeys,
            flow_names=flow_names(context, (each.definition_id for each in journeys)),
        )


@home.post("/notifications/<id>/read")
def read_notification(id: str) -> AnyResponse:
    with command() as context:
        mark_read(context, id)
    return redirect("/")


#: What can be read about: the name in the address -> where its document is.
DOCUMENTS = {"engine-rest": "/engine-rest/openapi.json", "v1": "/api/v1/openapi.json"}


@home.get("/api/docs")
def api_documents() -> AnyResponse:
    chosen = request.args.get("of", "engine-rest")
    if chosen not in DOCUMENTS:
        chosen = "engine-rest"
    return page("docs.html", documents=DOCUMENTS, chosen=chosen)
