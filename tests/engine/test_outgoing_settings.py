"""Where mails and webhooks may go: what is configured, and which addresses are inside."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest

from engine import DeliveryFailed, InvalidInput, MailServer, Outgoing, Webhook, read_mail_server, read_outgoing
from engine.outgoing.addresses import allowed_address, may_be_called


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "::7f00:1",
    ],
)  # fmt: skip
def test_an_address_inside_is_blocked_however_it_is_written(address: str) -> None:
    assert not may_be_called(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_an_address_of_the_open_network_is_called(address: str) -> None:
    assert may_be_called(ipaddress.ip_address(address), ())


def test_one_address_inside_among_many_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.7", 443))]

    monkeypatch.setattr("socket.getaddrinfo", looked_up)
    with pytest.raises(DeliveryFailed, match=r"10\.0\.0\.7"):
        allowed_address("example.org", 443, ())


# ---------------------------------------------------------------- configuration


def test_a_mail_url_says_all_there_is_to_say() -> None:
    found = read_mail_server("smtp://us%40er:p%3Aw@mail.example.org:2525?from=hr@example.org")
    assert found == MailServer("mail.example.org", 2525, "hr@example.org", False, "us@er", "p:w")
    assert read_mail_server("smtps://mail.example.org") == MailServer(
        "mail.example.org", 465, "onedoor@mail.example.org", True
    )


@pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp://x:port", "smtp://x?from=nobody"])
def test_a_mail_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="ONEDOOR_MAIL_URL"):
        read_mail_server(url)


def test_webhooks_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(
        '[[webhook]]\nname = "wiki"\nurl = "https://wiki.example.org/hook"\nevents = ["instance-ended"]\n'
        'secret = "s"\nnetworks = ["10.1.0.0/16"]\n'
    )
    found = read_outgoing({"ONEDOOR_WEBHOOKS": str(file), "ONEDOOR_PUBLIC_URL": "https://door.example.org/"})
    hook = Webhook(
        "wiki",
        "https://wiki.example.org/hook",
        frozenset({"instance-ended"}),
        "s",
        (ipaddress.ip_network("10.1.0.0/16"),),
    )
    assert found == Outgoing(None, "https://door.example.org", (hook,))


@pytest.mark.parametrize(
    "content",
    [
        "[[webhook]", '[[webhook]]\nname = "a"', '[[webhook]]\nname = "a"\nurl = "file:///etc/passwd"',
        '[[webhook]]\nname = "a"\nurl = "https://x"\nevents = ["all"]',
        '[[webhook]]\nname = "a"\nurl = "https://x"\nnetworks = ["inside"]',
        '[[webhook]]\nname = "a"\nurl = "https://x"\n[[webhook]]\nname = "a"\nurl = "https://y"',
    ],
)  # fmt: skip
def test_a_webhook_file_with_a_mistake_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(content)
    with pytest.raises(InvalidInput, match="ONEDOOR_WEBHOOKS"):
        read_outgoing({"ONEDOOR_WEBHOOKS": str(file)})
