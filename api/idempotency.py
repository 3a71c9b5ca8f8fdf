"""`Idempotency-Key`: a client that got no answer sends its request again, and finds the answer it missed."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, request

from api.openapi import Around, View
from api.transaction import joined
from engine import KeptAnswer, claim_key, keep_answer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


def _once(answer: View) -> Response:
    """The view's answer is kept in the transaction of its effect; an error leaves nothing, and may be tried again."""
    key = request.headers.get(HEADER)
    if key is None:
        made: Response = answer()
        return made
    with joined() as context:
        kept = claim_key(context, key, _digest())
        if kept is not None:
            return _replayed(kept)
        made = answer()
        content_type = made.headers.get("Content-Type")
        keep_answer(context, key, KeptAnswer(made.status_code, content_type, made.get_data()))
    return made


def _digest() -> str:
    """What makes two requests the same: method, address and body."""
    asked = b"\0".join((request.method.encode(), request.full_path.encode(), request.get_data(cache=True)))
    return sha256(asked).hexdigest()


def _replayed(kept: KeptAnswer) -> Response:
    answer = Response(kept.body, status=kept.status)
    if kept.content_type is None:
        del answer.headers["Content-Type"]
    else:
        answer.headers["Content-Type"] = kept.content_type
    answer.headers[REPLAYED] = "true"
    return answer


ONCE = Around(
    HEADER,
    "Chosen by the client for one request. Sent again with the same key within 24 hours, the request has its effect "
    "once and the same answer each time; another request with the key is refused (422).",
    lambda answer, path: _once(answer),
)
