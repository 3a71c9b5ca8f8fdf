"""One mail to one person, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

from engine.errors import DeliveryFailed
from engine.outgoing.settings import MailServer

TIMEOUT_S = 20.0
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def send(server: MailServer, *, to: str, subject: str, text: str, message_id: str) -> None:
    """DeliveryFailed, with the server's own words, if it does not take the mail. Sent again it has the same id, so that
    the recipient's mailbox can tell."""
    try:
        mail = _mail(server, to, subject, text, message_id)
        with _connected(server) as connection:
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryFailed(f"The mail to {to} could not be sent: {error}") from error


def _mail(server: MailServer, to: str, subject: str, text: str, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    # The library takes encoded words (RFC 2047) apart and writes what was in them: a line end, and then a header or a
    # text of whoever chose the subject. Nobody writes their names so.
    plain = " ".join(subject.replace("=?", "= ?").split())
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, plain
    mail["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    if any(end in str(value) for value in mail.values() for end in "\r\n\0"):
        raise ValueError("a header of it would be two lines")
    return mail


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    if server.host not in _THIS_MACHINE:
        try:
            connection.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
    return connection
