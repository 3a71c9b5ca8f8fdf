"""Journeys, and one journey: diagram, list, timeline."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.pages.facts import grouped
from api.pages.flash import flash
from api.pages.frame import command, language, names, page, reading
from api.pages.room import room
from api.pages.titles import flow_names, names_in_drawing
from bpmn import label
from engine import (
    Action,
    CommandContext,
    InstanceFacts,
    JourneyQuery,
    StepState,
    Which,
    add_comment,
    can,
    count_journeys,
    definition_model,
    definition_xml,
    delete_instance,
    find_journeys,
    get_journey,
    kept_until,
    may_invite,
    suspend_instances,
)

journeys = room("journeys")

VIEWS = {
    "open": JourneyQuery(open=True),
    "late": JourneyQuery(open=True, late=True),
    "ended": JourneyQuery(open=False),
}
MOST = 200


@journeys.get("/journeys")
def list_page() -> AnyResponse:
    view = request.args.get("view", "open")
    chosen = view if view in VIEWS else "open"
    words = request.args.get("q", "").strip()
    with reading() as context:
        counts = {name: count_journeys(context, query) for name, query in VIEWS.items()}
        query = VIEWS[chosen]
        found = find_journeys(
            context, JourneyQuery(open=query.open, late=query.late, text=words or None, max_results=MOST)
        )
        flows = flow_names(context, (each.definition_id for each in found))
    return page("journeys.html", view=chosen, counts=counts, journeys=found, flow_names=flows, asked=words)


@journeys.get("/journeys/<id>")
def journey_page(id: str) -> AnyResponse:
    with reading() as context:
        return shown_journey(context, id)


def shown_journey(context: CommandContext, id: str, **more: Any) -> AnyResponse:
    """The page as the actor of the context is shown it."""
    journey = get_journey(context, id)
    model = definition_model(context, journey.summary.definition_id)
    actor, summary = context.actor, journey.summary
    about = InstanceFacts(frozenset((summary.definition_key,)), summary.started_by)
    waiting = {each.activity_id: names().who(each.user_id, each.department) for each in reversed(summary.waiting_for)}
    return page(
        "journey.html",
        journey=journey,
        summary=summary,
        waiting=waiting,
        drawing_names=names_in_drawing(model),
        flow_name=label(model.process, language()) or summary.definition_name,
        known=grouped(journey.facts, model, names(), language()),
        marks={element: state.value for element, state in journey.marks.items()},
        open_states=(StepState.ACTIVE, StepState.LATE),
        may_invite=may_invite(context, id),
        kept_until=kept_until(context, summary.definition_id, summary.ended_at),
        may_view_as=can(actor, Action.VIEW_AS, about),
        departments_here={each.department for each in journey.steps},
        may_suspend=summary.ended_at is None and can(actor, Action.OPERATE, about),
        may_withdraw=summary.ended_at is None and can(actor, Action.END, about),
        **more,
    )


@journeys.get("/journeys/<id>/diagram.bpmn")
def diagram(id: str) -> AnyResponse:
    """The model the journey runs on; who may see the journey may see it."""
    with reading() as context:
        return drawing_of(context, id)


def drawing_of(context: CommandContext, id: str) -> Response:
    found = get_journey(context, id)
    return Response(definition_xml(context, found.summary.definition_id), mimetype="application/xml")


@journeys.post("/journeys/<id>/comment")
def comment(id: str) -> AnyResponse:
    message = request.form.get("message", "").strip()
    if not message:
        flash(gettext("Write something first."), "info")
        return redirect(f"/journeys/{id}")
    with command() as context:
        get_journey(context, id)
        add_comment(context, id, message, departments=tuple(filter(None, request.form.get("for", "").split(","))))
    return redirect(f"/journeys/{id}#timeline")


@journeys.post("/journeys/<id>/suspend")
def suspend(id: str) -> AnyResponse:
    """The journey waits, with all it called, or goes on."""
    suspended = "activate" not in request.form
    with command() as context:
        get_journey(context, id)
        suspend_instances(context, Which(journey_id=id), suspended=suspended)
    flash(gettext("Suspended. Nobody can work on it until it is activated.") if suspended else gettext("Activated."))
    return redirect(f"/journeys/{id}")


@journeys.post("/journeys/<id>/withdraw")
def withdraw(id: str) -> AnyResponse:
    """Ends it with a reason; what was done stays on record."""
    with command() as context:
        get_journey(context, id)
        delete_instance(context, id, request.form.get("reason", "").strip()[:500] or None)
    flash(gettext("Withdrawn. What was done stays on record."))
    return redirect(f"/journeys/{id}")
