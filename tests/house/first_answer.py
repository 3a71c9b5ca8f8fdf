"""`onedoor serve` up to its first answer, without gunicorn's sockets and fork. Prints as JSON what that has taken.

python -m tests.house.first_answer serve --port 8080
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from functools import partial
from unittest.mock import patch

from gunicorn.app.base import BaseApplication
from werkzeug.routing import Rule

from api.cli import main

_compile_builder = Rule._compile_builder


def _answer_once(collected: list[int], compiled: list[str], server: BaseApplication) -> None:
    app = server.load()
    frozen = gc.get_freeze_count()
    answer = app.test_client().get("/health/ready")
    with app.test_request_context():
        before = len(compiled)
        app.url_for("live")
    taken = {
        "status": answer.status_code,
        "modules": sorted(sys.modules),
        "full collections": collected.count(2),
        "collects": gc.isenabled(),
        "frozen": frozen,
        "routes": sum(1 for _ in app.url_map.iter_rules()),
        "builders": before,
        "builders after an address": len(compiled),
        "validators": _validators(),
    }
    json.dump(taken, sys.stdout)


def _validators() -> list[int]:
    """How many models the API has, and of how many the validator is made."""
    from api.dto import Dto

    found, todo = list[type[Dto]](), [Dto]
    while todo:
        found += (more := todo.pop().__subclasses__())
        todo += more
    return [len(found), sum(model.__pydantic_complete__ for model in found)]


def start() -> None:
    collected, compiled = list[int](), list[str]()

    def counted(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled.append(rule.rule)
        return _compile_builder(rule, append_unknown)

    gc.callbacks.append(lambda phase, about: collected.append(about["generation"]) if phase == "start" else None)
    answer_once = partial(_answer_once, collected, compiled)
    with (
        patch.object(BaseApplication, "run", lambda server: answer_once(server)),
        patch.object(Rule, "_compile_builder", counted),
    ):
        main()


if __name__ == "__main__":
    start()
