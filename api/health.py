"""For load balancers: whether this process lives, and whether it can be given requests."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from api.authentication import the_engine
from api.errors import problem_body
from engine import SYSTEM, EngineError, UserQuery, count_users


def register_health(app: Flask) -> None:
    app.add_url_rule("/health/live", "live", _live)
    app.add_url_rule("/health/ready", "ready", _ready)


def _live() -> Response:
    """The process answers; whatever else is wrong, another one would not mend it."""
    return jsonify({"status": "ok"})


def _ready() -> Response:
    """The database answers too: 503 takes this server out of the round until it does."""
    try:
        with the_engine().query(SYSTEM) as context:
            count_users(context, UserQuery())
    except (EngineError, OSError):
        return problem_body(503, "Unavailable", "The database does not answer.")
    return jsonify({"status": "ok"})
