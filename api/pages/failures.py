"""What failed: seen by administrators and process owners, retried with one click, one or all of the same message."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.origin import origin
from api.pages.flash import flash
from api.pages.frame import command, page, reading, session
from api.pages.room import room
from engine import (
    FailureQuery,
    count_failures,
    failure_trace,
    failures_by_message,
    find_failures,
    retry_failure,
    retry_failures,
)

failures = room("failures")

#: Rows of a page.
SHOWN = 50
HERE = "/admin/jobs"


@failures.get(HERE)
def list_page() -> AnyResponse:
    first = max(request.args.get("first", 0, type=int), 0)
    message = request.args.get("message")
    with reading() as context:
        asked = FailureQuery(message=message, first_result=first, max_results=SHOWN)
        return page(
            "failures.html",
            failures=find_failures(context, asked),
            number=count_failures(context, FailureQuery(message=message)),
            groups=failures_by_message(context),
            message=message,
            first=first,
            shown=SHOWN,
        )


@failures.get(f"{HERE}/<id>/trace")
def trace_page(id: str) -> AnyResponse:
    with reading() as context:
        return page("failure_trace.html", trace=failure_trace(context, id), failure_id=id)


@failures.post(f"{HERE}/<id>/retry")
def retry(id: str) -> AnyResponse:
    with command() as context:
        retry_failure(context, id)
    flash(gettext("It is tried again."))
    return redirect(HERE)


@failures.post(f"{HERE}/retry")
def retry_all() -> AnyResponse:
    number = retry_failures(the_engine(), session().actor, request.form.get("message", ""), origin())
    flash(ngettext("%(num)d is tried again.", "%(num)d are tried again.", number))
    return redirect(HERE)
