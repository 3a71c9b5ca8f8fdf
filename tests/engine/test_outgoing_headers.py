"""Who may choose a word of a mail, or where a name leads, writes no header and reaches nothing inside."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from engine.errors import DeliveryFailed
from engine.outgoing import calls
from engine.outgoing import mail as mails
from engine.outgoing.addresses import allowed_address, may_be_called
from engine.outgoing.settings import MailServer, Webhook

SERVER = MailServer("localhost", 25, "onedoor@example.org")
INJECTIONS = (
    "=?utf-8?q?x=0D=0ABcc:_eve@example.org?=",
    "=?utf-8?q?x=0AReply-To:_eve@example.org=0A=0APay_here?=",
    "Hi =?utf-8?b?DQpCY2M6IGV2aWxAZS5zZQ==?= there",
    "x" * 70 + " =?utf-8?q?=0D=0ABcc:_eve@example.org?= å",
    "x\r\nBcc: eve@example.org",
)


def headers(mail: EmailMessage) -> list[str]:
    return message_from_bytes(mail.as_bytes(), policy=policy.default).keys()


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_is_one_line_whatever_it_is_written_as(subject: str) -> None:
    """The name of a task or of a person stands in it, and the library reads encoded words in it, line ends and all."""
    mail = mails._mail(SERVER, "anna@example.org", subject, "hello", "id")
    assert headers(mail) == headers(mails._mail(SERVER, "anna@example.org", "hello", "hello", "id"))
    assert mail.get_content() == "hello\n"


def test_the_library_alone_would_write_the_header() -> None:
    plain = EmailMessage()
    plain["To"], plain["Subject"] = "anna@example.org", INJECTIONS[0]
    assert "Bcc" in headers(plain)


@pytest.mark.parametrize("to", ["=?utf-8?q?=0ASubject=3A_x?=@example.org", "a@example.org\r\nBcc: eve@example.org"])
def test_an_address_that_would_be_two_headers_gets_no_mail(to: str) -> None:
    with pytest.raises(DeliveryFailed, match="could not be sent"):
        mails.send(SERVER, to=to, subject="x", text="x", message_id="id")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "127。0。0。1", "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1", "fe80::1%lo", "fd00:ec2::254", "169.254.169.254",
        "192.0.0.192", "192.88.99.1", "100.100.100.200", "3fff::1", "5f00::1", "ff02::1", "255.255.255.255",
    ],
)  # fmt: skip
def test_no_way_to_write_an_address_inside_leads_there(host: str) -> None:
    with pytest.raises(DeliveryFailed, match=r"not on the open network|cannot be looked up"):
        allowed_address(host, 80, ())


def test_an_address_of_the_open_network_may_be_called() -> None:
    assert may_be_called(ipaddress.ip_address("1.1.1.1"), ())
    assert may_be_called(ipaddress.ip_address("2606:4700::1111"), ())
    assert may_be_called(ipaddress.ip_address("192.0.0.192"), (ipaddress.ip_network("192.0.0.0/24"),))


def test_an_answer_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then kept the connection, and its job, far beyond the lease: somebody else sent it again."""
    monkeypatch.setattr(calls, "LONGEST_S", 0.5)
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 ")
            for _ in range(1_000):
                if over.wait(0.02):
                    return
                connection.sendall(b"a")

    server = threading.Thread(target=drip)
    server.start()
    here = (ipaddress.ip_network("127.0.0.0/8"),)
    hook = Webhook("slow", f"http://127.0.0.1:{listener.getsockname()[1]}/", frozenset(), networks=here)
    with listener, pytest.raises(DeliveryFailed, match="slow cannot be reached"):
        calls.post(hook, b"{}", {})
    over.set()
    server.join(30)
