"""A real mail server on loopback, and what it took."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from aiosmtpd.controller import Controller

from engine import MailServer


class Mailbox:
    """What a real mail server took, or why it took nothing."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, Message]] = []
        self.refusals = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        if self.refusals:
            self.refusals -= 1
            return "451 4.3.0 The mailbox is busy"
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[Mailbox, MailServer]]:
    taken = Mailbox()
    server = Controller(taken, hostname="127.0.0.1", port=0)
    server.port = free_port()
    server.start()
    try:
        yield taken, MailServer("127.0.0.1", server.port, "onedoor@example.org")
    finally:
        server.stop()


def text_of(mail: Message) -> str:
    assert isinstance(mail, EmailMessage)
    body = mail.get_body()
    assert body is not None
    return str(body.get_content())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
