"""The catalogue, and starting a journey with one form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.flash import flash
from api.pages.frame import command, language, names, page, reading
from api.pages.room import room
from api.pages.tasks import submitted
from bpmn import ProcessModel, UserTask, label
from engine import (
    Action,
    DefinitionQuery,
    FormRefused,
    InvalidInput,
    NotFound,
    ProcessDefinition,
    definition_model,
    find_definitions,
    latest_definition,
    require,
    start_form,
    starters_of,
    submit_start_form,
)
from workflows import Service, find_services, load_services

start = room("start")


@start.get("/start")
def catalogue_page() -> AnyResponse:
    asked = request.args.get("q", "").strip()
    with reading() as context:
        definitions = find_definitions(
            context, DefinitionQuery(latest_version=True, active=True, startable_in_tasklist=True, may_start=True)
        )
    known = {service.key: service for service in load_services()}
    deployed = {definition.key: definition for definition in definitions}
    fitting = [service for service in find_services(asked) if service.key in deployed]
    others = [each for each in definitions if each.key not in known and _fits(each, asked)]
    return page("start.html", asked=asked, services=fitting, others=others)


def _fits(definition: ProcessDefinition, asked: str) -> bool:
    return asked.lower() in f"{definition.name} {definition.description}".lower()


@start.get("/start/<key>")
def start_page(key: str) -> AnyResponse:
    return _page(key)


def _page(key: str, given: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None) -> AnyResponse:
    service = _service(key)
    with reading() as context:
        definition = latest_definition(context, key)
        starters = starters_of(context, definition.id)
        people = [names().person(each) for each in sorted(starters.users)]
        groups = [names().department(each) for each in sorted(starters.groups)]
        require(context.actor, Action.START, starters, ", ".join([*people, *groups]))
        model = definition_model(context, definition.id)
        form = _form(context, definition)
    return page(
        "start_service.html",
        422 if errors else 200,
        service=service,
        definition=definition,
        title=service.in_language(language()).title if service else label(model.process, language()) or key,
        summary=service.in_language(language()).summary if service else definition.description,
        form=form,
        given=given,
        errors=errors or {},
        preview=preview(model),
        expected=_expected(service),
    )


def _expected(service: Service | None) -> date | None:
    """The day on which it is usually done if it starts today; None where a day in the form decides."""
    if service is None or service.anchor is not None:
        return None
    engine = the_engine()
    return engine.calendar.workday(engine.calendar.local_day(engine.clock.now()), service.typical_working_days)


def _form(context: Any, definition: ProcessDefinition) -> Any:
    try:
        return start_form(context, definition.id, language())
    except InvalidInput:
        # It is started by a message, a signal or a timer, not by a person.
        raise NotFound("service", definition.key) from None


def _service(key: str) -> Service | None:
    return next((each for each in load_services() if each.key == key), None)


def preview(model: ProcessModel) -> list[tuple[str, int]]:
    """The departments that will work on it and how many tasks each has, in the order of the model."""
    found: dict[str, int] = {}
    for node in model.nodes.values():
        if isinstance(node, UserTask) and node.department:
            found[node.department] = found.get(node.department, 0) + 1
    return list(found.items())


@start.post("/start/<key>")
def begin(key: str) -> AnyResponse:
    given = submitted(request.form)
    try:
        with command() as context:
            started = submit_start_form(context, latest_definition(context, key).id, given)
    except FormRefused as refused:
        return _page(key, given, {each.field_id: each for each in refused.fields})
    flash(gettext("Started. You can follow it here; everybody concerned has their tasks."))
    return redirect(f"/journeys/{started.id}")
