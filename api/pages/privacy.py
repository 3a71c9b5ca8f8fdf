"""My data: what is kept about me."""

from __future__ import annotations

import json

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from api.limits import pace_export
from api.pages.frame import page, reading, session
from api.pages.room import room
from engine import CommandContext, export_person

privacy = room("privacy")


@privacy.get("/account/data")
def my_data_page() -> AnyResponse:
    user_id = session().actor.user_id or ""
    pace_export(user_id)
    with reading() as context:
        found = export_person(context, user_id)
    counts = {name: len(rows) for name, rows in found.items() if isinstance(rows, list) and rows}
    return page("my_data.html", counts=counts)


@privacy.get("/account/data.json")
def my_data() -> AnyResponse:
    user_id = session().actor.user_id or ""
    pace_export(user_id)
    with reading() as context:
        return data_file(context, user_id)


def data_file(context: CommandContext, user_id: str) -> Response:
    """To be saved, not shown."""
    text = json.dumps(export_person(context, user_id), ensure_ascii=False, indent=2)
    answer = Response(text, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename="my-data.json")
    return answer
