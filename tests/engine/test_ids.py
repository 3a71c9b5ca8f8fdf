"""Ids in the order of time, and the ids of what lies inside an instance."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from engine.ids import SHARED, new_id, number_of, public_id

numbers = st.integers(min_value=0, max_value=2**32 - 1)


def test_new_ids_are_uuids_in_the_order_of_time() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len({*made}) == 1000
    assert all(uuid.UUID(each).version == 7 for each in made)


def test_number_zero_is_the_instance_itself() -> None:
    instance = new_id()
    assert public_id(instance, 0) == instance


@given(number=numbers, other=numbers)
def test_ids_inside_an_instance_are_uuids_that_share_its_beginning_and_tell_their_number(
    number: int, other: int
) -> None:
    instance = new_id()
    made = public_id(instance, number)
    assert str(uuid.UUID(made)) == made
    assert made[:SHARED] == instance[:SHARED]
    assert number_of(instance, made) == number
    assert (public_id(instance, other) == made) == (other == number)


def test_what_is_not_of_the_instance_has_no_number_there() -> None:
    instance = new_id()
    for foreign in ("", "x", instance[:-1], instance[:SHARED] + "nothexxx", str(uuid.uuid4())):
        assert number_of(instance, foreign) is None
