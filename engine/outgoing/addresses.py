"""Where a webhook may go. A name is looked up once and checked, and that very address is called: looked up a second
time it might lead somewhere else."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from engine.errors import DeliveryFailed
from engine.outgoing.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Addresses that carry an IPv4 address inside and lead to it, which Python takes for addresses of the open network:
#: NAT64 (global and local), 6to4, Teredo, IPv4-compatible and IPv4-translated; and those that are nobody's on the open
#: network, although it says nothing against them: protocol assignments (a cloud's metadata), relays of 6to4, examples.
_CARRIERS = tuple(
    ipaddress.ip_network(each)
    for each in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0:0/96", "192.0.0.0/24",
        "192.88.99.0/24", "3fff::/20",
    )
)  # fmt: skip
#: All that has been given out of IPv6; the rest is nobody's yet, or a machine's own.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")


def allowed_address(host: str, port: int, networks: Sequence[Network]) -> str:
    """The address to call. DeliveryFailed if the name is unknown, or any of its addresses is inside and not in
    `networks`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{host} cannot be looked up: {error}.") from error
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if not may_be_called(address, networks):
            raise DeliveryFailed(
                f"{host} is {address}, which is not on the open network: allow it under `networks` of the webhook if "
                "it is meant."
            )
    return str(addresses[0])


def may_be_called(address: Address, networks: Sequence[Network]) -> bool:
    """An IPv4 address inside an IPv6 one is judged as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return may_be_called(mapped, networks)
    if any(address in network for network in networks):
        return True
    carried = any(address in network for network in _CARRIERS if network.version == address.version)
    given_out = address.version == 4 or address in _GIVEN_OUT
    return address.is_global and given_out and not address.is_multicast and not carried
