"""How people come in: names they go by, identities elsewhere, devices they are known on, the first administrator."""

from engine.signing_in.devices import KNOWN_FOR, knows_device, remember_device
from engine.signing_in.identities import (
    ExternalIdentity,
    IdentityPolicy,
    LinkedIdentity,
    Refusal,
    identities_of,
    link_identity,
    person_of_identity,
    unlink_identity,
)
from engine.signing_in.names import person_named
from engine.signing_in.pending import PATIENCE, PendingSignIn, remember_pending, take_pending
from engine.signing_in.secrets import new_secret
from engine.signing_in.set_up import (
    create_administrator_at_command,
    create_first_administrator,
    has_administrator,
    is_set_up_link,
    make_set_up_link,
)

__all__ = [
    "KNOWN_FOR",
    "PATIENCE",
    "ExternalIdentity",
    "IdentityPolicy",
    "LinkedIdentity",
    "PendingSignIn",
    "Refusal",
    "create_administrator_at_command",
    "create_first_administrator",
    "has_administrator",
    "identities_of",
    "is_set_up_link",
    "knows_device",
    "link_identity",
    "make_set_up_link",
    "new_secret",
    "person_named",
    "person_of_identity",
    "remember_device",
    "remember_pending",
    "take_pending",
    "unlink_identity",
]
