"""Which identity provider there is, and what it decides. Only who runs the server says so."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from engine import ROLES, IdentityPolicy, InvalidInput, read_secret

YES, NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off", "")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`label` names the provider on the button. `user_claim` is a claim that names an account here, which nobody may
    choose for themselves there. `groups_claim` lists departments; `roles` says which of its values is which role.
    `hosts`: those that its document may name besides the issuer's own, inside the house too."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    label: str = "OpenID Connect"
    scope: str = "openid profile email"
    user_claim: str | None = None
    groups_claim: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    policy: IdentityPolicy = field(default_factory=IdentityPolicy)
    hosts: frozenset[str] = frozenset()


def read_oidc(environment: Mapping[str, str]) -> OidcSettings | None:
    """From ONEDOOR_OIDC_ISSUER and its kin; None without an issuer. InvalidInput, naming what is wrong."""

    def said(name: str) -> str | None:
        return (environment.get(f"ONEDOOR_OIDC_{name}") or "").strip() or None

    issuer, client_id = said("ISSUER"), said("CLIENT_ID")
    if issuer is None:
        return None
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise InvalidInput(
            f"ONEDOOR_OIDC_ISSUER: {issuer!r} is no issuer: it begins with https:// (http:// only on this machine)."
        )
    if client_id is None:
        raise InvalidInput("ONEDOOR_OIDC_CLIENT_ID is missing: it is what the identity provider calls this Onedoor.")
    groups_claim, roles = said("GROUPS_CLAIM"), _roles(said("ROLES"))
    if roles and groups_claim is None:
        raise InvalidInput("ONEDOOR_OIDC_ROLES needs ONEDOOR_OIDC_GROUPS_CLAIM, the claim that lists the groups.")
    usual = OidcSettings(issuer, client_id, None)
    return OidcSettings(
        issuer=issuer,
        client_id=client_id,
        # None: a public client, which PKCE protects.
        client_secret=read_secret(environment, "ONEDOOR_OIDC_CLIENT_SECRET"),
        label=said("LABEL") or usual.label,
        scope=said("SCOPE") or usual.scope,
        user_claim=said("USER_CLAIM"),
        groups_claim=groups_claim,
        roles=roles,
        policy=IdentityPolicy(
            create=_switch("ONEDOOR_OIDC_CREATE", said("CREATE")),
            administrators=_switch("ONEDOOR_OIDC_ADMINISTRATORS", said("ADMINISTRATORS")),
        ),
        hosts=_hosts(said("HOSTS")),
    )


def is_safe(address: object) -> bool:
    """Encrypted, or on this machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)))


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hosts(text: str | None) -> frozenset[str]:
    """`keys.example.org, 10.0.0.5`: names alone, without scheme and port."""
    found = frozenset(each.strip().lower() for each in (text or "").split(",") if each.strip())
    for each in sorted(found):
        if "/" in each or "*" in each or each.count(":") == 1:
            raise InvalidInput(f"ONEDOOR_OIDC_HOSTS: {each!r} is no host: write its name alone, as in sso.example.org.")
    return found


def _roles(text: str | None) -> Mapping[str, str]:
    """`Flow Owners=process-owner, IT Admins=camunda-admin`: value of the claim -> role."""
    found: dict[str, str] = {}
    for each in (text or "").split(","):
        group, equals, role = (part.strip() for part in each.rpartition("="))
        if not each.strip():
            continue
        if not equals or not group or role not in ROLES:
            raise InvalidInput(
                f"ONEDOOR_OIDC_ROLES: {each.strip()!r} is not written as group=role; there are {', '.join(ROLES)}."
            )
        found[group] = role
    return found


def _switch(name: str, text: str | None) -> bool:
    said = (text or "").lower()
    if said not in (*YES, *NO):
        raise InvalidInput(f"{name}: write yes or no, not {text!r}.")
    return said in YES
