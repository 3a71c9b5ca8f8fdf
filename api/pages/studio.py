"""The studio: drafts, checks while drawing, publishing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unicodedata import normalize

from flask import Response, jsonify, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.openapi import InvalidRequest, json_body
from api.pages.flash import flash
from api.pages.frame import command, names, only_owners, page, reading
from api.pages.refusals import refusal_in_words
from api.pages.room import room
from api.pages.titles import flow_names
from api.v1.checks import problem_dto
from bpmn import UnreadableModel, read
from engine import (
    InvalidInput,
    ModelRefused,
    NotFound,
    OptimisticLocking,
    check_source,
    definition_xml,
    delete_draft,
    deploy_resources,
    get_draft,
    latest_definition,
    save_draft,
)

studio = room("studio")
_KEY = re.compile(r"[A-Za-z_][\w.-]{0,100}")
BLANK = Path(__file__).parent / "blank.bpmn"


@studio.before_request
def only_process_owners() -> None:
    only_owners()


@studio.get("/flows/new")
def new_flow() -> AnyResponse:
    return page("flow_new.html")


@studio.post("/flows/new")
def create_flow() -> AnyResponse:
    """A first draft with the name that was given."""
    name = request.form.get("name", "").strip()
    letters = normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    key = key if _KEY.fullmatch(key) else f"flow_{key}".strip("_")
    if not name or len(key) > 100:
        return page("flow_new.html", 422, error=gettext("Give the flow a name."))
    source = BLANK.read_text(encoding="utf-8").replace("blank_flow", key)
    source = source.replace("Blank flow", name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"))
    with command() as context:
        save_draft(context, key, name, source.encode(), expected_revision=0)
    return redirect(f"/flows/{key}/edit")


@studio.get("/flows/<key>/edit")
def studio_page(key: str) -> AnyResponse:
    with reading() as context:
        revision, name, version = 0, key, None
        try:
            draft = get_draft(context, key)
            revision, name = draft.revision, draft.name or key
        except NotFound:
            definition = latest_definition(context, key)
            name, version = flow_names(context, [definition.id])[definition.id], definition.version
    _, departments = names().apart(())
    handlers = [(f"${{{each}}}", each) for each in sorted(the_engine().handlers)]
    return page(
        "studio.html",
        key=key,
        name=name,
        version=version,
        revision=revision,
        departments=departments,
        handlers=handlers,
        panel_words=_panel_words(),
    )


@studio.get("/flows/<key>/draft.bpmn")
def draft_xml(key: str) -> AnyResponse:
    """The draft, or else the newest version."""
    with reading() as context:
        try:
            content = get_draft(context, key).content
        except NotFound:
            content = definition_xml(context, latest_definition(context, key).id)
    return Response(content, mimetype="application/xml")


@studio.post("/flows/<key>/draft")
def save(key: str) -> AnyResponse:
    source, revision = _sent()
    try:
        with command() as context:
            draft = save_draft(context, key, _name_of(source), source, expected_revision=revision)
    except (OptimisticLocking, InvalidInput) as error:
        return _refused(refusal_in_words(error), 409)
    return jsonify({"message": gettext("Draft saved"), "revision": draft.revision})


@studio.post("/flows/<key>/publish")
def publish(key: str) -> AnyResponse:
    """Saves and deploys in one transaction: either the new version is there and the draft gone, or nothing changed."""
    source, revision = _sent()
    try:
        with command() as context:
            save_draft(context, key, _name_of(source), source, expected_revision=revision)
            result = deploy_resources(context, key, [(f"{key}.bpmn", source)], source="studio")
            if not result.definitions:
                raise InvalidInput(gettext("There is no executable process in it."))
            delete_draft(context, key)
    except ModelRefused as refused:
        problems = [problem_dto(each).model_dump(by_alias=True) for each in refused.problems]
        return _refused(gettext("Not published: mend what is listed first."), 422, problems=problems)
    except (OptimisticLocking, InvalidInput) as error:
        return _refused(refusal_in_words(error), 409)
    first = result.definitions[0]
    message = gettext("Published: %(name)s, version %(version)d", name=first.name or first.key, version=first.version)
    flash(message)
    return jsonify({"message": message, "location": f"/flows/{first.key}"})


@studio.post("/flows/check")
def check() -> AnyResponse:
    with reading() as context:
        found = check_source(context, request.get_data())
    problems = [problem_dto(each).model_dump(by_alias=True) for each in found]
    return jsonify({"problems": problems})


def _sent() -> tuple[bytes, int]:
    given = json_body()
    xml, revision = given.get("xml"), given.get("revision")
    if not isinstance(xml, str) or not isinstance(revision, int):
        raise InvalidRequest("Send the xml of the flow and the revision it began from.")
    return xml.encode(), revision


def _name_of(source: bytes) -> str | None:
    try:
        return next((model.process.name for model in read(source).processes), None)
    except UnreadableModel:
        return None


def _refused(detail: str, status: int, **more: Any) -> Response:
    answer = jsonify({"detail": detail, **more})
    answer.status_code = status
    return answer


def _panel_words() -> dict[str, str]:
    """What the studio's own script says, in the person's language."""
    known = (
        "Name", "Name in Swedish", "Department", "Held by", "Leave empty: the department claims it.",
        "Due, working days from the first day", "-5 is five working days before.", "Due, working days after it comes",
        "0 is the same day.", "Due date", "Condition", "Handler",
        "Topic for workers", "Guidance for whoever does this", "Guidance in Swedish", "Form", "Question", "Type",
        "Remove", "Must be answered", "Add a field", "Choices, with commas between", "Text", "Whole number",
        "Yes or no", "Date", "Choice", "Unsaved changes", "Nothing to mend.", "Select an element first.",
        "Several elements are selected.", "Select an element to say who does it and by when.", "As its lane:",
        "Not for whoever", "started the journey", "did “%”",
        "Somebody else has to do it: administrators and substitutes too.",
    )  # fmt: skip
    kinds = {
        "StartEvent": gettext("Start"),
        "EndEvent": gettext("End"),
        "Task": gettext("Task without a kind"),
        "UserTask": gettext("Task of a person"),
        "ManualTask": gettext("Task outside the system"),
        "BusinessRuleTask": gettext("Decision table"),
        "ServiceTask": gettext("Automatic task"),
        "ScriptTask": gettext("Script"),
        "SendTask": gettext("Message sent"),
        "ReceiveTask": gettext("Message waited for"),
        "BoundaryEvent": gettext("Event at a task"),
        "IntermediateCatchEvent": gettext("Waits for an event"),
        "IntermediateThrowEvent": gettext("Event"),
        "ExclusiveGateway": gettext("One of several ways"),
        "InclusiveGateway": gettext("Some of several ways"),
        "ParallelGateway": gettext("All ways at once"),
        "EventBasedGateway": gettext("What happens first"),
        "ComplexGateway": gettext("Ways by a rule"),
        "SequenceFlow": gettext("Connection"),
        "MessageFlow": gettext("Message"),
        "SubProcess": gettext("Part of the flow"),
        "AdHocSubProcess": gettext("Part in any order"),
        "Transaction": gettext("Part that holds as a whole"),
        "CallActivity": gettext("Another flow"),
        "Participant": gettext("Flow"),
        "Lane": gettext("Department"),
        "Process": gettext("Flow"),
        "Collaboration": gettext("Flow"),
        "TextAnnotation": gettext("Note"),
    }
    return {word: gettext(word) for word in known} | kinds
