"""The address of a guest's link, for pages and answers that hand one over."""

from __future__ import annotations

from flask import url_for

from api.cookies import public_address


def address_of_link(secret: str) -> str:
    return public_address(url_for("guest_links.look", secret=secret))
