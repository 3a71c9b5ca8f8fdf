"""The pages: Flask blueprints that parse, call one engine verb and render. They never call our own REST."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel

from api.authentication import the_engine
from api.pages.absence import absence
from api.pages.account import account
from api.pages.admin.audit import audit
from api.pages.admin.departments import departments
from api.pages.admin.erasure import erasure
from api.pages.admin.exchange import exchange
from api.pages.admin.people import people
from api.pages.failures import failures
from api.pages.flash import flashed
from api.pages.flows import flows
from api.pages.frame import frame_values, language
from api.pages.guest import guest
from api.pages.guest_links import guest_links
from api.pages.home import home
from api.pages.invitations import invitations
from api.pages.journeys import journeys
from api.pages.markdown import marked_up, words_alone
from api.pages.moving import moving
from api.pages.privacy import privacy
from api.pages.problems import problem_page
from api.pages.refusals import refusal_in_words
from api.pages.set_up import set_up
from api.pages.signing import signing
from api.pages.single_sign_on import single_sign_on
from api.pages.start import start
from api.pages.studio import studio
from api.pages.tasks import tasks
from api.pages.tokens import tokens
from api.pages.viewing import viewing

__all__ = ["problem_page", "register_pages"]

ROOMS = (
    home, tasks, start, journeys, studio, flows, moving, failures, people, departments, exchange, audit, absence,
    tokens, viewing, signing, invitations, guest, guest_links, privacy, erasure, account, single_sign_on, set_up,
)  # fmt: skip


def register_pages(app: Flask) -> None:
    """All pages behind sign-in, in the person's language and the site's time."""
    Babel(app, locale_selector=language, timezone_selector=lambda: the_engine().settings.site.zone)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(marked_up=marked_up, words_alone=words_alone)
    app.context_processor(_values)
    for room in ROOMS:
        app.register_blueprint(room)


def _values() -> dict[str, object]:
    return {**frame_values(), "flashed": flashed(), "refusal_in_words": refusal_in_words}
