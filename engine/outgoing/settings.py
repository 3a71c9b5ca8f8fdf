"""Which mail server and which webhooks there are. Only who runs the server says so; nobody can by way of the pages."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from engine.errors import InvalidInput
from engine.secret_settings import read_secret, secret_in

#: What a webhook can be told of.
EVENTS = ("instance-started", "instance-ended", "incident-opened")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class MailServer:
    """`tls` from the first byte; without it the connection is encrypted by STARTTLS, unless the server is this
    machine."""

    host: str
    port: int
    sender: str
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """`name` is what its jobs know it by. `secret` signs what is sent. `networks` are addresses inside that it may
    reach although nobody else may."""

    name: str
    url: str = field(repr=False)  # where it goes may be all that keeps others from sending there
    events: frozenset[str]
    secret: str | None = field(default=None, repr=False)
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`public_url` is where people open Onedoor, for links in mails; without a trailing slash."""

    mail: MailServer | None = None
    public_url: str | None = None
    webhooks: tuple[Webhook, ...] = ()


def read_outgoing(environment: Mapping[str, str]) -> Outgoing:
    """From ONEDOOR_MAIL_URL, ONEDOOR_PUBLIC_URL and ONEDOOR_WEBHOOKS, a TOML file. InvalidInput, naming what is
    wrong."""
    mail, file = read_secret(environment, "ONEDOOR_MAIL_URL"), environment.get("ONEDOOR_WEBHOOKS")
    return Outgoing(
        mail=read_mail_server(mail) if mail else None,
        public_url=(environment.get("ONEDOOR_PUBLIC_URL") or "").rstrip("/") or None,
        webhooks=read_webhooks(Path(file)) if file else (),
    )


def read_mail_server(url: str) -> MailServer:
    """`smtp://user:password@host:587?from=onedoor@example.org`, or `smtps://` for TLS from the first byte."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise InvalidInput(
            "ONEDOOR_MAIL_URL is no address of a mail server: write smtp://user:password@host:587?from=me@example.org."
        )
    tls = parts.scheme == "smtps"
    try:
        port = parts.port
    except ValueError:
        raise InvalidInput(
            "ONEDOOR_MAIL_URL: the port is no number. Signs such as / and @ in a password are written as %2F and %40."
        ) from None
    sender = parse_qs(parts.query).get("from", [f"onedoor@{parts.hostname}"])[0]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", sender):
        raise InvalidInput(f"ONEDOOR_MAIL_URL: {sender!r} is no mail address to send from.")
    return MailServer(
        host=parts.hostname,
        port=port or (465 if tls else 587),
        sender=sender,
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def read_webhooks(file: Path) -> tuple[Webhook, ...]:
    """Tables `[[webhook]]` with name, url, events, and if wanted secret (or secret_file) and networks."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"ONEDOOR_WEBHOOKS: {file} cannot be read: {error}.") from error
    hooks = tuple(_webhook(file, each) for each in found.get("webhook", ()))
    if len({hook.name for hook in hooks}) < len(hooks):
        raise InvalidInput(f"ONEDOOR_WEBHOOKS: two webhooks of {file} have the same name.")
    return hooks


def _webhook(file: Path, given: Mapping[str, Any]) -> Webhook:
    name, url, events = given.get("name"), given.get("url"), given.get("events", list(EVENTS))
    where = f"ONEDOOR_WEBHOOKS: webhook {name!r} of {file}"
    if not isinstance(name, str) or not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise InvalidInput(f"{where} needs a name and a url that begins with https:// or http://.")
    if not isinstance(events, list) or not set(events) <= set(EVENTS):
        raise InvalidInput(f"{where} asks for events that there are not: there are {', '.join(EVENTS)}.")
    try:
        networks = tuple(ipaddress.ip_network(each) for each in given.get("networks", ()))
    except ValueError as error:
        raise InvalidInput(f"{where}: {error}.") from error
    secret, kept = given.get("secret"), given.get("secret_file")
    if kept is not None:
        if secret is not None:
            raise InvalidInput(f"{where} has secret and secret_file: give one.")
        secret = secret_in(file.parent / str(kept), f"{where}: secret_file")
    return Webhook(name, url, frozenset(events), secret, networks)
