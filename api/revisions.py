"""`ETag` and `If-Match`: who changes what they have looked at may ask that it is still what they saw."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request, request

from api.openapi import Around, InvalidRequest, View
from api.transaction import joined
from engine import require_revision


def show_revision(revision: int) -> None:
    """Puts the ETag on the answer of this request."""

    @after_this_request
    def tag(answer: Response) -> Response:
        answer.set_etag(str(revision))
        return answer


def _unchanged(answer: View, path: dict[str, Any]) -> Response:
    """RevisionChanged unless the process instance of the path is at one of the revisions that were named; the instance
    stays locked until the view is done."""
    made: Response
    if "If-Match" not in request.headers or request.if_match.star_tag:
        made = answer()
        return made
    try:
        revisions = [int(each) for each in request.if_match.as_set()]
    except ValueError:
        raise InvalidRequest("If-Match: send the ETag of the process instance as it came.") from None
    with joined() as context:
        require_revision(context, path["id"], revisions)
        made = answer()
    return made


UNCHANGED = Around(
    "If-Match",
    "The ETag of the process instance as it was looked at: refused (412) if it has been changed meanwhile.",
    _unchanged,
)
