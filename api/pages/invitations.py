"""Inviting whom a journey is about: from its page."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.guest_links import address_of_link
from api.pages.flash import flash
from api.pages.frame import command, page, reading
from api.pages.room import room
from engine import (
    Conflict,
    InvalidInput,
    find_invitations,
    get_journey,
    guest_defaults,
    invite_guest,
    may_invite,
    revoke_invitation,
)

invitations = room("invitations")


@invitations.get("/journeys/<id>/guest")
def guest_page(id: str) -> AnyResponse:
    return _page(id)


@invitations.post("/journeys/<id>/guest")
def invite(id: str) -> AnyResponse:
    """By mail, or with the link on the page that answers and on no other."""
    handed_over = "hand_over" in request.form
    email = None if handed_over else request.form.get("email", "").strip()
    if not handed_over and not email:
        return _page(id, wrong=InvalidInput(gettext("Write a mail address, or make a link to hand over.")))
    try:
        with command() as context:
            made, secret = invite_guest(context, id, email=email, language=request.form.get("language") or None)
    except (Conflict, InvalidInput) as wrong:
        return _page(id, wrong=wrong)
    if secret is None:
        flash(gettext("Invited. The link is on its way to %(email)s.", email=made.email))
        return redirect(f"/journeys/{id}/guest")
    return _page(id, link=address_of_link(secret))


@invitations.post("/journeys/<id>/guest/<invitation>/revoke")
def revoke(id: str, invitation: str) -> AnyResponse:
    with command() as context:
        revoke_invitation(context, id, invitation)
    flash(gettext("The invitation has ended: its link is worth nothing any more."))
    return redirect(f"/journeys/{id}/guest")


def _page(id: str, *, link: str | None = None, wrong: Exception | None = None) -> AnyResponse:
    with reading() as context:
        found = find_invitations(context, id)
        journey = get_journey(context, id)
        values = guest_defaults(context, id)
        may = may_invite(context, id)
    outgoing = the_engine().settings.outgoing
    mails = outgoing.mail is not None and outgoing.public_url is not None
    status = 200 if wrong is None else 409 if isinstance(wrong, Conflict) else 422
    return page("invitations.html", status, summary=journey.summary, found=found, values=values, may=may, link=link,
                mails=mails, wrong=wrong, given=request.form)  # fmt: skip
