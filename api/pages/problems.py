"""What a person sees when something is not there, not allowed, too large or broken."""

from __future__ import annotations

import logging

from flask import Response, request
from flask_babel import gettext, ngettext
from werkzeug.exceptions import HTTPException

from api.authentication import current_session
from api.errors import request_id
from api.openapi import InvalidRequest
from api.pages.frame import names, page
from api.pages.refusals import refusal_in_words
from engine import (
    Conflict,
    EngineError,
    ExecutionFailed,
    FormRefused,
    InvalidInput,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    Suspended,
    TaskAlreadyClaimed,
    TooBusy,
)

log = logging.getLogger(__name__)


def problem_page(error: Exception) -> Response:
    """The page for any error; nothing of the inside is shown."""
    status, title, detail = _said(error)
    if status >= 500:
        log.error("request %s to %s failed", request_id(), request.path, exc_info=error)
    template = "problem.html" if current_session() else "problem_outside.html"
    return page(template, status, status=status, title=title, detail=detail, request_id=request_id())


def _said(error: Exception) -> tuple[int, str, str]:
    match error:
        case NotFound():
            return (
                404,
                gettext("This is not here"),
                gettext("It may be finished, it may have been moved, or it is not yours to see."),
            )
        case NotAllowed():
            return 403, gettext("You may not do this"), refusal_in_words(error)
        case TaskAlreadyClaimed():
            holder = names().person(error.assignee)
            return 409, gettext("Somebody was faster"), gettext("%(name)s has taken this task.", name=holder)
        case Suspended():
            return (
                409,
                gettext("This is suspended"),
                gettext("It goes on when a process owner activates it. Nothing was changed."),
            )
        case OptimisticLocking():
            return 409, gettext("Somebody was faster"), gettext("Load the page again and try once more.")
        case Conflict():
            return 409, gettext("This cannot be done now"), refusal_in_words(error)
        case FormRefused() | InvalidInput():
            return 400, gettext("This cannot be used"), refusal_in_words(error)
        case ExecutionFailed():
            return (
                422,
                gettext("The flow could not go on"),
                gettext("Nothing was changed. Tell the owner of the flow: %(what)s", what=str(error)),
            )
        case HTTPException() | InvalidRequest():
            return _http(error)
        case TooBusy():
            return 503, gettext("Many people sign in just now"), gettext("Try again in a moment.")
        case EngineError():
            return 500, gettext("Something went wrong here"), str(error)
        case _:
            return 500, gettext("Something went wrong here"), gettext("It is written down; nothing was changed.")


def _http(error: HTTPException | InvalidRequest) -> tuple[int, str, str]:
    if isinstance(error, InvalidRequest):
        return 400, gettext("This cannot be used"), gettext("Go back and use the button on the page.")
    status = error.code or 500
    known = {
        404: (gettext("This is not here"), gettext("Check the address, or begin at the home page.")),
        405: (gettext("This cannot be done here"), gettext("Go back and use the button on the page.")),
        429: (gettext("Too many attempts"), _when(error)),
        413: (gettext("The file is too large"), gettext("A flow may have 2 MB. Split it, or leave pictures out.")),
    }
    title, detail = known.get(status, (error.name, error.description or ""))
    return status, title, detail


def _when(error: HTTPException) -> str:
    """When it is worth trying again."""
    left = getattr(error, "retry_after", None)
    minutes = max(1, round(left / 60)) if isinstance(left, int) else 1
    return ngettext(
        "From here it was tried too often. Wait a minute, then try again.",
        "From here it was tried too often. Wait %(num)d minutes, then try again.",
        minutes,
    )
