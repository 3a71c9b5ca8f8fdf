"""What comes back from an identity provider; without what speaks to it, which takes its time to be imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from api.oidc.settings import OidcSettings
from engine import ExternalIdentity


class OidcFailed(Exception):
    """Nobody is signed in. The text is for the log: what failed, never a token, a code or a secret."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who came back: the claims, validated, and the token for signing out there."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    id_token: str


def identity(settings: OidcSettings, answer: Answer) -> ExternalIdentity:
    """The claims as the engine takes them. An address counts only if the provider says that it has checked it."""
    claims = answer.claims
    said = claims.get("email_verified")
    verified = said is True or said == "true"
    groups = _groups(settings.groups_claim, claims) if settings.groups_claim else None
    return ExternalIdentity(
        issuer=answer.issuer,
        subject=answer.subject,
        name=_text(claims.get(settings.user_claim)) if settings.user_claim else None,
        email=_text(claims.get("email")) if verified else None,
        first_name=_text(claims.get("given_name")),
        last_name=_text(claims.get("family_name")),
        groups=groups,
        roles=_roles(settings, groups) if groups is not None else {},
    )


def _roles(settings: OidcSettings, groups: Collection[str]) -> Mapping[str, bool]:
    """Every role that is decided there, and whether the person has it by any of their groups."""
    return {
        role: any(settings.roles.get(group) == role for group in groups) for role in sorted({*settings.roles.values()})
    }


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _groups(name: str, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    """A claim with one value is that value with some providers, and one without any is left out. None: the provider
    says that the list is elsewhere (Entra ID does, of more than 200 groups), so nothing is decided."""
    if name not in claims and name in (claims.get("_claim_names") or {}):
        return None
    value = claims.get(name)
    found = value if isinstance(value, list) else [value]
    return tuple(each for each in found if isinstance(each, str) and each)
