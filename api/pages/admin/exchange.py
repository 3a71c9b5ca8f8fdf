"""People and departments as CSV files: out, and in after a look at what would change."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as AnyResponse

from api.pages.admin.room import admin_room
from api.pages.flash import flash
from api.pages.frame import command, page, reading
from engine import (
    CommandContext,
    ImportPlan,
    export_departments,
    export_people,
    import_departments,
    import_people,
)

exchange = admin_room("exchange")

EXPORTS: dict[str, Callable[[CommandContext, str], str]] = {"people": export_people, "departments": export_departments}
#: Spreadsheets know by it that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
SEPARATORS = (",", ";")


@exchange.get("/admin/exchange")
def exchange_page() -> AnyResponse:
    return page("admin/exchange.html", plan=None, text="", what="people")


@exchange.get("/admin/<what>.csv")
def download(what: str) -> AnyResponse:
    if what not in EXPORTS:
        raise NoPage
    separator = request.args.get("separator", ",")
    with reading() as context:
        text = EXPORTS[what](context, separator if separator in SEPARATORS else ",")
    answer = Response(BYTE_ORDER_MARK + text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{what}.csv")
    return answer


@exchange.post("/admin/exchange")
def preview() -> AnyResponse:
    """What the file would change, and all that is wrong with it. Nothing is written yet."""
    file = request.files.get("file")
    content = file.read() if file is not None else b""
    what = "departments" if request.form.get("what") == "departments" else "people"
    with reading() as context:
        plan = _plan(context, what, content, write=False)
    return page(
        "admin/exchange.html",
        400 if plan.problems else 200,
        plan=plan,
        what=what,
        text="" if plan.problems else content.decode("utf-8-sig"),
    )


@exchange.post("/admin/exchange/apply")
def apply() -> AnyResponse:
    """The same file again, which the page before carried: what is written is worked out anew."""
    what = "departments" if request.form.get("what") == "departments" else "people"
    content = request.form.get("text", "").encode()
    with command() as context:
        plan = _plan(context, what, content, write=True)
    if plan.problems:
        return page("admin/exchange.html", 400, plan=plan, what=what, text="")
    flash(gettext("Imported: %(number)d changed.", number=len(plan.changes)))
    return redirect(f"/admin/{what}")


def _plan(context: CommandContext, what: str, content: bytes, *, write: bool) -> ImportPlan:
    if what == "departments":
        return import_departments(context, content, write=write)
    return import_people(context, content, write=write)
