"""What the environment says of the identity provider, and how it is called."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import RSAKey
from requests import PreparedRequest, Request
from requests.adapters import HTTPAdapter

from api.oidc.answers import OidcFailed
from api.oidc.provider import Provider
from api.oidc.settings import OidcSettings, is_safe, read_oidc
from api.oidc.transport import Bounded, LeadsInside, refuse_inside
from engine import InvalidInput
from tests.provider.forger import forging

GIVEN = {"ONEDOOR_OIDC_ISSUER": "https://sso.example.org/realms/staff", "ONEDOOR_OIDC_CLIENT_ID": "onedoor"}


def test_without_an_issuer_there_is_no_provider() -> None:
    assert read_oidc({}) is None
    assert read_oidc({"ONEDOOR_OIDC_CLIENT_ID": "onedoor"}) is None


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    found = read_oidc(
        {
            **GIVEN,
            "ONEDOOR_OIDC_CLIENT_SECRET_FILE": str(file),
            "ONEDOOR_OIDC_LABEL": "Example ID",
            "ONEDOOR_OIDC_USER_CLAIM": "upn",
            "ONEDOOR_OIDC_GROUPS_CLAIM": "groups",
            "ONEDOOR_OIDC_ROLES": "Flow owners=process-owner, CN=Admins=camunda-admin",
            "ONEDOOR_OIDC_CREATE": "yes",
        }
    )
    assert found is not None
    assert found.client_secret == "hush"
    assert "hush" not in repr(found)
    assert found.roles == {"Flow owners": "process-owner", "CN=Admins": "camunda-admin"}
    assert (found.policy.create, found.policy.administrators) == (True, False)


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"ISSUER": "http://sso.example.org"}, "begins with https"),
        ({"ISSUER": "https://sso.example.org?x=1"}, "is no issuer"),
        ({"ISSUER": "sso.example.org"}, "is no issuer"),
        ({"CLIENT_ID": ""}, "CLIENT_ID is missing"),
        ({"CLIENT_SECRET": "a", "CLIENT_SECRET_FILE": "b"}, "not both"),
        ({"CLIENT_SECRET_FILE": "/nowhere"}, "cannot be read"),
        ({"ROLES": "x=process-owner"}, "needs ONEDOOR_OIDC_GROUPS_CLAIM"),
        ({"GROUPS_CLAIM": "g", "ROLES": "x=emperor"}, "not written as group=role"),
        ({"CREATE": "perhaps"}, "write yes or no"),
        ({"HOSTS": "https://keys.example.org"}, "is no host"),
    ],
)
def test_what_is_wrong_is_named(more: dict[str, str], wrong: str) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        read_oidc({**GIVEN, **{f"ONEDOOR_OIDC_{name}": value for name, value in more.items()}})


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://sso.example.org", True), ("http://127.0.0.1:8081", True), ("http://localhost/x", True),
        ("http://[::1]:1", True), ("http://sso.example.org", False), ("http://127.0.0.1.example.org", False),
        ("ftp://127.0.0.1", False), ("https://", False), ("//127.0.0.1", False), ("http://[", False), (None, False),
    ],
)  # fmt: skip
def test_calls_are_encrypted_or_stay_on_this_machine(address: object, safe: bool) -> None:
    assert is_safe(address) is safe


INSIDE = ("10.0.0.5", "127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.5]", "localhost", "192.168.1.1")


@pytest.mark.parametrize("host", [*INSIDE, "93.184.215.14"])
def test_a_provider_leads_inside_only_where_the_operator_named_the_host(host: str) -> None:
    settings = OidcSettings("https://sso.example.org/realm", "onedoor", None)
    address = f"https://{host}/keys"
    if host in INSIDE:
        with pytest.raises(LeadsInside, match="ONEDOOR_OIDC_HOSTS"):
            refuse_inside(settings, address)
    else:
        refuse_inside(settings, address)
    named = read_oidc({**GIVEN, "ONEDOOR_OIDC_HOSTS": f"keys.example.org, {host.strip('[]')}"})
    assert named is not None
    refuse_inside(named, address)


def test_the_issuers_own_host_may_be_inside_and_another_of_this_machine_only_for_one_on_it() -> None:
    inside = OidcSettings("https://10.0.0.5/realm", "onedoor", None)
    refuse_inside(inside, "https://10.0.0.5:8443/keys")
    with pytest.raises(LeadsInside):
        refuse_inside(inside, "https://10.0.0.6/keys")
    with pytest.raises(LeadsInside):
        refuse_inside(inside, "http://localhost/keys")
    refuse_inside(OidcSettings("http://127.0.0.1:8081", "onedoor", None), "http://localhost:8082/keys")


def test_a_call_that_leads_inside_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the document said when it was read."""
    made: list[object] = []

    def call(_: HTTPAdapter, request: PreparedRequest, *__: object) -> None:
        made.append(request.url)
        raise ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", call)
    bounded = Bounded(OidcSettings("https://sso.example.org", "onedoor", None))
    for host, raised in (("10.0.0.5", LeadsInside), ("sso.example.org", ConnectionError)):
        with pytest.raises(raised):
            bounded.send(Request("GET", f"https://{host}/keys").prepare())
    assert made == ["https://sso.example.org/keys"]


@pytest.mark.parametrize("trusted", [False, True])
def test_the_certificates_that_this_machine_trusts_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    key, certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with forging(RSAKey.generate_key(2048), 0, context) as forger:
        provider = Provider(OidcSettings(forger.issuer, "onedoor", None))
        if trusted:
            assert provider.metadata()["issuer"] == forger.issuer
        else:
            with pytest.raises(OidcFailed, match="cannot be read: SSLError"):
                provider.metadata()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(hours=1), now + timedelta(hours=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    paths = folder / "key.pem", folder / "certificate.pem"
    encoding = serialization.Encoding.PEM
    paths[0].write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    paths[1].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(encoding))
    return paths
