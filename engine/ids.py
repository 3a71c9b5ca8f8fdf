"""Ids. New ones are UUIDs in the order of time. What lies inside an instance has an id made of the instance's and a
number.

The id of number n is the instance's UUID with its last eight hex digits XORed with n, so number 0 is the instance
itself, and from any such id the instance is found by the 28 characters that they share.
"""

from __future__ import annotations

import uuid_utils

_TAIL = 8
#: Characters that the ids of one instance and of everything inside it share.
SHARED = 36 - _TAIL


def new_id() -> str:
    return str(uuid_utils.uuid7())


def public_id(instance_id: str, number: int) -> str:
    """The id of an activity, a task, a job, a subscription or an incident of this instance."""
    return f"{instance_id[:SHARED]}{int(instance_id[SHARED:], 16) ^ number:08x}"


def number_of(instance_id: str, public: str) -> int | None:
    """The number inside this instance; None for the id of something else."""
    if len(public) != 36 or public[:SHARED] != instance_id[:SHARED]:
        return None
    try:
        return int(public[SHARED:], 16) ^ int(instance_id[SHARED:], 16)
    except ValueError:
        return None
