"""What every page has around it: who is signed in, the language, the theme, names of people and departments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, render_template, request, url_for
from flask_babel import gettext

from api.assets import Assets
from api.authentication import current_session, the_engine
from api.content_security import PAGES
from api.origin import origin
from api.pages import icons, words
from engine import (
    GUEST_ID,
    PSEUDONYM,
    Action,
    Actor,
    CommandContext,
    Group,
    GuestSession,
    Session,
    User,
    can,
    own_departments,
    require,
)

LANGUAGES = {"en": "English", "sv": "Svenska"}
THEMES = ("light", "dark")
LANGUAGE_COOKIE = "language"


def session() -> Session:
    """Of the person who is signed in; the guard lets nobody else near a page."""
    found = current_session()
    assert found is not None  # noqa: S101
    return found


@contextmanager
def command() -> Iterator[CommandContext]:
    with the_engine().command(session().actor, origin=origin()) as context:
        yield context


@contextmanager
def reading() -> Iterator[CommandContext]:
    with the_engine().query(session().actor) as context:
        yield context


def language() -> str:
    """The person's choice, the cookie's, the browser's."""
    signed_in: Session | GuestSession | None = g.get("guest") or current_session()
    chosen = request.cookies.get(LANGUAGE_COOKIE) or (signed_in.language if signed_in else None)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def theme() -> str | None:
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


class Names:
    """Names of people and departments for one page."""

    def __init__(self, everybody: Sequence[User], departments: Sequence[Group], language: str) -> None:
        self.people = {user.id: user.display_name for user in everybody}
        #: those who can be chosen for something new
        self.active = {
            user.id: user.display_name for user in everybody if user.active and not user.id.startswith(GUEST_ID)
        }
        #: and of roles
        self.departments = {
            group.id: (group.name_sv if language == "sv" and group.name_sv else group.name) for group in departments
        }
        self._roles = {group.id for group in departments if group.type != "WORKFLOW"}

    def person(self, user_id: str | None) -> str:
        if user_id is not None and user_id.startswith(PSEUDONYM):
            return gettext("Somebody erased")
        return self.people.get(user_id or "", user_id or "")

    def department(self, group_id: str | None) -> str:
        return self.departments.get(group_id or "", group_id or "")

    def apart(self, chosen: Collection[str | None]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """(id, name) of the departments that are chosen, and of the others; in the order of their names."""
        every = sorted(
            ((key, name) for key, name in self.departments.items() if key not in self._roles),
            key=lambda each: each[1].lower(),
        )
        return [each for each in every if each[0] in chosen], [each for each in every if each[0] not in chosen]

    def who(self, user_id: str | None, group_id: str | None) -> str:
        """The person, or else the department."""
        return self.person(user_id) if user_id else self.department(group_id)


def names() -> Names:
    if "names" not in g:
        engine = the_engine()
        g.names = Names(*engine.everybody.read(engine), language())
    found: Names = g.names
    return found


def is_process_owner() -> bool:
    """Of any flow."""
    return can(session().actor, Action.DRAW)


def only_owners() -> None:
    """For the rooms of flows: NotAllowed for who owns none, and for a flow of others."""
    actor = session().actor
    require(actor, Action.DRAW)
    key = (request.view_args or {}).get("key")
    if key is not None:
        require(actor, Action.READ_MODEL, key)


def reads_log(actor: Actor) -> bool:
    return is_process_owner() or bool(actor.flows)


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page in its frame; a template may have a value called `status` of its own."""
    shown = Response(render_template(template, **values), status=status, mimetype="text/html")
    shown.headers["Content-Security-Policy"] = PAGES
    return shown


def inside(target: str | None, fallback: str) -> str:
    """Where to go on: only within this site."""
    if not target:
        return fallback
    try:
        parts = urlsplit(target)
    except ValueError:
        return fallback
    fits = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if fits and "\\" not in target and target.isprintable() else fallback


def here() -> str:
    """Where this page can be read again, for who changes its language: its own address, or, when a form was refused
    here, the nearest one above it."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    path, routes = request.path, current_app.url_map.bind("localhost")
    while path and not routes.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


# ---------------------------------------------------------------- what templates may use


def frame_values() -> dict[str, Any]:
    """For every template."""
    signed_in = current_session()
    values: dict[str, Any] = {
        "me": signed_in,
        "here": here(),
        "language": language(),
        "languages": LANGUAGES,
        "theme": theme(),
        "asset": asset,
        "icon": icons.icon,
        "words": words,
        "navigation": navigation() if signed_in else [],
        "unread": signed_in.unread if signed_in else 0,
        "csrf": signed_in.csrf_token if signed_in else "",
    }
    if signed_in:
        engine = the_engine()
        values |= {
            "now": engine.clock.now(),
            "zone": engine.settings.site.tz,
            "names": names(),
            "my_departments": own_departments(signed_in.actor),
            "owner": is_process_owner(),
        }
    return values


def asset(name: str) -> str:
    """The URL of a bundled file; empty if it was not built."""
    assets: Assets = current_app.extensions["onedoor_assets"]
    path = assets.path(name)
    return url_for("static", filename=path) if path else ""


def navigation() -> list[tuple[str, str, bool]]:
    """(address, words, is this it)"""
    rooms = [
        ("/", gettext("Home")),
        ("/tasks", gettext("My work")),
        ("/start", gettext("Start")),
        ("/journeys", gettext("Journeys")),
    ]
    if is_process_owner():
        rooms += [("/flows", gettext("Flows")), ("/admin/jobs", gettext("Failures"))]
    if reads_log(session().actor) and not can(session().actor, Action.ADMINISTER):
        rooms.append(("/admin/audit", gettext("Log")))
    if can(session().actor, Action.ADMINISTER):
        rooms.append(("/admin", gettext("Administration")))
    here = max((path for path, _ in rooms if f"{request.path}/".startswith(f"{path}/")), key=len, default="")
    return [(path, text, path == here and (path != "/" or request.path == "/")) for path, text in rooms]
