"""Invitations: the way of a guest into the journey that is about them."""

from __future__ import annotations

from typing import Any

from api.authentication import actor, the_engine
from api.dto import Dto, Moment
from api.guest_links import address_of_link
from api.openapi import Api
from api.origin import origin
from engine import Invitation, find_invitations, invite_guest, revoke_invitation


class InvitationDto(Dto):
    """`email` null: the link was handed over. `holds`: neither revoked nor run out. `unsent`: why the mail has not
    left, where it was tried; `againAt`: when that is tried again, null where it was given up."""

    id: str
    journey_id: str
    user_id: str
    email: str | None
    created_at: Moment
    created_by: str | None
    expires_at: Moment
    revoked_at: Moment | None
    opened_at: Moment | None
    holds: bool
    unsent: str | None
    again_at: Moment | None


class NewInvitationDto(Dto):
    """`email`: the link is mailed there; without it, it is in the answer. `days`: how long it holds, 180 at most; else
    until two weeks after the anchor date, or for 60 days."""

    email: str | None = None
    language: str | None = None
    days: int | None = None


class MadeInvitationDto(InvitationDto):
    """`link` is told this once, and not at all where it is mailed."""

    link: str | None


def register(api: Api) -> None:
    @api.operation("GET", "/journeys/<id>/invitations")
    def list_invitations(id: str) -> list[InvitationDto]:
        """Of one journey, newest first; for who may invite to it."""
        with the_engine().query(actor()) as context:
            return [InvitationDto(**_fields(each)) for each in find_invitations(context, id)]

    @api.operation("POST", "/journeys/<id>/invitations")
    def make_invitation(id: str, body: NewInvitationDto) -> MadeInvitationDto:
        """Invites whom the journey is about; what was given out before ends."""
        with the_engine().command(actor(), origin=origin()) as context:
            made, secret = invite_guest(context, id, email=body.email, language=body.language, days=body.days)
        link = address_of_link(secret) if secret else None
        return MadeInvitationDto(**_fields(made), link=link)

    @api.operation("DELETE", "/journeys/<id>/invitations/<invitation_id>")
    def end_invitation(id: str, invitation_id: str) -> None:
        """Its links and sessions are worth nothing from now on."""
        with the_engine().command(actor(), origin=origin()) as context:
            revoke_invitation(context, id, invitation_id)


def _fields(invitation: Invitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in InvitationDto.model_fields}
