"""The address of a guest's link, for pages and answers that hand one over."""

from __future__ import annotations

from flask import url_for

from api.authentication import the_engine


def address_of_link(secret: str) -> str:
    """Where people open Onedoor, if that is known; else where this request came in."""
    place = the_engine().settings.outgoing.public_url
    path = url_for("guest_links.look", secret=secret)
    return f"{place}{path}" if place else url_for("guest_links.look", secret=secret, _external=True)
