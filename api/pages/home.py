"""Home, search, notifications, the pages about the API."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.pages.frame import command, page, reading, session
from engine import (
    DefinitionQuery,
    JourneyQuery,
    TaskQuery,
    count_tasks,
    find_definitions,
    find_journeys,
    find_notifications,
    find_tasks,
    mark_read,
)
from workflows import find_services, load_services

home = Blueprint("home", __name__)


@home.get("/")
def home_page() -> AnyResponse:
    with reading() as context:
        mine = find_tasks(context, TaskQuery(mine=True, max_results=3))
        urgent = mine or find_tasks(context, TaskQuery(claimable=True, max_results=3))
        return page(
            "home.html",
            urgent=urgent,
            held=bool(mine),
            open_count=count_tasks(context, TaskQuery(mine=True)),
            department_count=count_tasks(context, TaskQuery(claimable=True)),
            late_count=count_tasks(context, TaskQuery(late=True)),
            journeys=find_journeys(context, JourneyQuery(open=True, max_results=5)),
            late_journeys=find_journeys(context, JourneyQuery(open=True, late=True, max_results=3)),
            notifications=find_notifications(context, max_results=6),
        )


@home.get("/search")
def search_page() -> AnyResponse:
    """Services, tasks and journeys that fit plain words."""
    asked = request.args.get("q", "").strip()
    actor = session().actor
    with reading() as context:
        deployed = {each.key for each in find_definitions(context, DefinitionQuery(latest_version=True))}
        services = [
            each
            for each in find_services(asked, load_services())
            if each.key in deployed and each.may_start(actor.groups, administrator=actor.administrator)
        ]
        return page(
            "search.html",
            asked=asked,
            services=services if asked else [],
            tasks=find_tasks(context, TaskQuery(text=asked, max_results=20)) if asked else [],
            journeys=find_journeys(context, JourneyQuery(text=asked, max_results=20)) if asked else [],
        )


@home.post("/notifications/<id>/read")
def read_notification(id: str) -> AnyResponse:
    with command() as context:
        mark_read(context, id)
    return redirect("/")


@home.get("/api/docs")
def api_documents() -> AnyResponse:
    documents = [
        {"url": "/engine-rest/openapi.json", "name": "engine-rest"},
        {"url": "/api/v1/openapi.json", "name": "v1"},
    ]
    return page("docs.html", documents=documents)
