"""The pages."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException


def register_pages(app: Flask) -> None:
    """Not yet."""


def problem_page(error: HTTPException) -> Response:
    return Response(error.description or "", status=error.code or 500, mimetype="text/plain")
