"""Flows: versions, upload, download. The studio draws them."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.downloads import save_as
from api.pages.flash import flash
from api.pages.frame import command, is_process_owner, language, only_owners, page, reading, session
from api.pages.problems import problem_page
from api.pages.refusals import refusal_in_words
from api.pages.room import room
from api.pages.titles import flow_names, names_in_drawing
from bpmn import Severity, documentation, label
from engine import (
    Action,
    DefinitionQuery,
    InvalidInput,
    ModelRefused,
    can,
    check_source,
    count_running,
    definition_model,
    definition_xml,
    deploy_resources,
    find_definitions,
    find_drafts,
    get_definition,
    read_retention,
    set_retention,
    suspend_definition,
)

flows = room("flows")


@flows.before_request
def only_process_owners() -> None:
    only_owners()


@flows.get("/flows")
def list_page() -> AnyResponse:
    return _page()


def _page(status: int = 200, **more: Any) -> AnyResponse:
    with reading() as context:
        every = find_definitions(context, DefinitionQuery(latest_version=True, sort=(("name", "asc"),)))
        newest = [each for each in every if can(context.actor, Action.DEPLOY, each.key)]
        running = {each.key: sum(count_running(context, each.key).values()) for each in newest}
        drafts = {draft.key: draft for draft in find_drafts(context)}
        titles = flow_names(context, (each.id for each in newest))
    return page(
        "flows.html",
        status,
        flows=newest,
        titles=titles,
        running=running,
        drafts=drafts,
        may_draw_new=can(session().actor, Action.DEPLOY_ANYTHING),
        **more,
    )


@flows.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> AnyResponse:
    """It is not read to its end, so neither its name nor the token of the form is known."""
    if not is_process_owner():
        return problem_page(error)
    return _page(413, refused=gettext("A flow may have 2 MB. Split it, or leave pictures out."), problems=())


@flows.post("/flows")
def upload() -> AnyResponse:
    """Deploys the files that were chosen or dropped; with the problems in words if one cannot be."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        return _page(400, refused=gettext("No file was chosen."), problems=())
    resources = [((file.filename or "").replace("\\", "/").rpartition("/")[2], file.read()) for file in files]
    wrong = [name for name, _ in resources if not name.lower().endswith((".bpmn", ".bpmn20.xml", ".xml"))]
    if wrong:
        return _page(
            400,
            refused=gettext(
                "%(name)s is no BPMN file: save the flow as .bpmn in your modeler and send that.", name=wrong[0]
            ),
            problems=(),
            resource=wrong[0],
        )
    resources = [(name if name.lower().endswith((".bpmn", ".bpmn20.xml")) else f"{name[:-4]}.bpmn", content)
                 for name, content in resources]  # fmt: skip
    try:
        with command() as context:
            result = deploy_resources(context, resources[0][0], resources, source="pages")
    except ModelRefused as refused:
        worst_first = sorted(refused.problems, key=lambda each: (each.severity is not Severity.ERROR, each.line))
        return _page(400, problems=worst_first, resource=refused.resource)
    if not result.definitions:
        return _page(
            400, refused=gettext("There is no executable process in it: set isExecutable to true."), problems=()
        )
    first = result.definitions[0]
    flash(gettext("Published: %(name)s, version %(version)d", name=first.name or first.key, version=first.version))
    return redirect(f"/flows/{first.key}")


@flows.get("/flows/<key>")
def flow_page(key: str) -> AnyResponse:
    with reading() as context:
        versions = find_definitions(context, DefinitionQuery(key=key, sort=(("version", "desc"),)))
        running = count_running(context, key)
        draft = next((each for each in find_drafts(context) if each.key == key), None)
        models = [definition_model(context, each.id) for each in versions[:1]]
        problems = check_source(context, definition_xml(context, versions[0].id)) if versions else ()
    if not versions:
        return redirect(f"/flows/{key}/edit") if draft else page("problem.html", 404, **_missing())
    (model,) = models
    return page(
        "flow.html",
        title=label(model.process, language()),
        description=documentation(model.process, language()),
        drawing_names=names_in_drawing(model),
        versions=versions,
        newest=versions[0],
        running=running,
        draft=draft,
        problems=problems,
        site_days=the_engine().settings.history_days,
    )


def _missing() -> dict[str, Any]:
    return {
        "status": 404,
        "title": gettext("This is not here"),
        "detail": gettext("There is no flow of this name."),
        "request_id": "-",
    }


@flows.post("/flows/<key>/suspend")
def suspend(key: str) -> AnyResponse:
    """Nobody can start it, or again; with `instances` what runs waits, or goes on, too."""
    suspended = "activate" not in request.form
    with command() as context:
        suspend_definition(context, key=key, suspended=suspended, include_instances="instances" in request.form)
    flash(gettext("Suspended. Nobody can start it until it is activated.") if suspended else gettext("Activated."))
    return redirect(f"/flows/{key}")


@flows.post("/flows/<key>/retention")
def keep_for(key: str) -> AnyResponse:
    """How long finished journeys are kept, of every version."""
    try:
        days = read_retention(request.form.get("days"))
        with command() as context:
            set_retention(context, days, key=key)
    except InvalidInput as wrong:
        flash(refusal_in_words(wrong), "error")
    else:
        flash(gettext("Saved."))
    return redirect(f"/flows/{key}")


@flows.get("/flows/<key>/<int:version>.bpmn")
def download(key: str, version: int) -> AnyResponse:
    """The file as it was deployed."""
    with reading() as context:
        found = find_definitions(context, DefinitionQuery(key=key, version=version))
        if not found:
            return page("problem.html", 404, **_missing())
        content = definition_xml(context, get_definition(context, found[0].id).id)
    answer = Response(content, mimetype="application/xml")
    if "view" not in request.args:
        save_as(answer, f"{key}-v{version}.bpmn")
    return answer
