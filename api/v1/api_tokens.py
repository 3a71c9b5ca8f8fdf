"""Tokens by which programs act for the person who asks."""

from __future__ import annotations

from typing import Any

from api.authentication import actor, require_person, the_engine
from api.dto import Dto, Moment
from api.openapi import Api
from api.origin import origin
from engine import ApiToken, Scope, create_api_token, find_api_tokens, revoke_api_token


class ApiTokenDto(Dto):
    """`shown` is how the token begins."""

    id: str
    name: str
    shown: str
    scope: Scope
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None


class NewApiTokenDto(Dto):
    """`name`: what will use it. `days`: how long it lives, 366 at most."""

    name: str
    scope: Scope = Scope.READ
    days: int = 90


class CreatedApiTokenDto(ApiTokenDto):
    """`token` is told this once."""

    token: str


def register(api: Api) -> None:
    @api.operation("GET", "/api-tokens")
    def list_api_tokens() -> list[ApiTokenDto]:
        """The person's own, newest first."""
        with the_engine().query(actor()) as context:
            return [ApiTokenDto(**_fields(each)) for each in find_api_tokens(context)]

    @api.operation("POST", "/api-tokens")
    def make_api_token(body: NewApiTokenDto) -> CreatedApiTokenDto:
        """Makes a token; its secret is in this answer and nowhere else."""
        require_person()
        with the_engine().command(actor(), origin=origin()) as context:
            made, secret = create_api_token(context, body.name, body.scope, body.days)
        return CreatedApiTokenDto(**_fields(made), token=secret)

    @api.operation("DELETE", "/api-tokens/<id>")
    def remove_api_token(id: str) -> None:
        """It is worth nothing from now on."""
        require_person()
        with the_engine().command(actor(), origin=origin()) as context:
            revoke_api_token(context, id)


def _fields(token: ApiToken) -> dict[str, Any]:
    return {name: getattr(token, name) for name in ApiTokenDto.model_fields}
