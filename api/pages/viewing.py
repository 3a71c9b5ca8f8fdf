"""Viewing as: the pages of a journey and of its tasks, as a department is shown them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import redirect, request, url_for
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.frame import names, page, reading
from api.pages.journeys import drawing_of, shown_journey
from api.pages.room import room
from api.pages.tasks import shown_task
from engine import Actor, CommandContext, NotFound, get_task, own_departments, view_journey_as, view_task_as

viewing = room("viewing")


@contextmanager
def _through(eyes: Actor) -> Iterator[CommandContext]:
    with the_engine().query(eyes) as context:
        yield context


@viewing.get("/journeys/<id>/as")
def choose_for_journey(id: str) -> AnyResponse:
    """Where the form with the departments leads."""
    return redirect(url_for("viewing.journey_as", id=id, department=_chosen()))


@viewing.get("/tasks/<id>/as")
def choose_for_task(id: str) -> AnyResponse:
    return redirect(url_for("viewing.task_as", id=id, department=_chosen()))


def _chosen() -> str:
    department = request.args.get("department", "")
    if department not in names().departments:
        raise NoPage
    return department


@viewing.get("/journeys/<id>/as/<department>")
def journey_as(id: str, department: str) -> AnyResponse:
    with reading() as context:
        eyes = view_journey_as(context, id, department)
    return _shown(shown_journey, id, department, eyes, f"/journeys/{id}", f"/journeys/{id}")


@viewing.get("/journeys/<id>/as/<department>/diagram.bpmn")
def drawing_as(id: str, department: str) -> AnyResponse:
    with reading() as context:
        eyes = view_journey_as(context, id, department)
    with _through(eyes) as context:
        return drawing_of(context, id)


@viewing.get("/tasks/<id>/as/<department>")
def task_as(id: str, department: str) -> AnyResponse:
    with reading() as context:
        eyes, journey = view_task_as(context, id, department)
        own = f"/tasks/{id}" if _opens(context, id) else f"/journeys/{journey}"
    return _shown(shown_task, id, department, eyes, f"/tasks/{id}", own)


def _opens(context: CommandContext, id: str) -> bool:
    try:
        get_task(context, id)
    except NotFound:
        return False
    return True


def _shown(
    show: Callable[..., AnyResponse], id: str, department: str, eyes: Actor, address: str, own: str
) -> AnyResponse:
    """`address` is that of the page itself, `own` where the viewer sees it with their own eyes. Where the department
    sees nothing, a page that says so: that is an answer."""
    viewer = eyes.viewer
    more: dict[str, Any] = {
        "seen_as": department,
        "my_departments": [department],
        "address": address,
        "own_page": own,
        "left_out": viewer is not None and department not in own_departments(viewer),
    }
    try:
        with _through(eyes) as context:
            return show(context, id, **more)
    except NotFound:
        return page("unseen.html", departments_here=(), **{**more, "left_out": False})
