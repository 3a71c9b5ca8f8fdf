"""Erasing a person, with a look at what it does first; and giving out what is kept about them."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.admin.room import admin_room
from api.pages.flash import flash
from api.pages.frame import page, reading, session
from api.pages.privacy import data_file
from api.privacy import erased
from engine import Conflict, preview_erasure

erasure = admin_room("erasure")


@erasure.get("/admin/people/<id>/data.json")
def data(id: str) -> AnyResponse:
    with reading() as context:
        return data_file(context, id)


@erasure.get("/admin/people/<id>/erase")
def look(id: str) -> AnyResponse:
    return _page(id)


@erasure.post("/admin/people/<id>/erase")
def erase(id: str) -> AnyResponse:
    if request.form.get("confirm", "").strip() != id:
        return _page(id, wrong=Conflict(gettext("Write the id of the person to confirm.")))
    with reading() as context:
        named = {each.id for each in preview_erasure(context, id).journeys if each.by_name}
    try:
        erased(the_engine(), session().actor, id, named - set(request.form.getlist("about")))
    except Conflict as wrong:
        return _page(id, wrong=wrong)
    flash(gettext("Erased. What was measured stays; who it was is not known any more."))
    return redirect("/admin/people")


def _page(id: str, *, wrong: Exception | None = None) -> AnyResponse:
    with reading() as context:
        found = preview_erasure(context, id)
    traces = [
        words
        for count, words in (
            (found.done, ngettext("%(num)d task done", "%(num)d tasks done", found.done)),
            (found.started, ngettext("%(num)d journey started", "%(num)d journeys started", found.started)),
            (found.comments, ngettext("%(num)d comment", "%(num)d comments", found.comments)),
            (found.operations, ngettext("%(num)d line of the log", "%(num)d lines of the log", found.operations)),
        )
        if count
    ]
    return page("admin/erase.html", 200 if wrong is None else 409, found=found, traces=traces, wrong=wrong)
