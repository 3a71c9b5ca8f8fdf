"""The stored document: versioned, compact, and read by every later release."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.execution.native.state import FORMAT, InstanceState, UnknownFormat, dump, load
from tests.execution.play import Play

STATES = Path(__file__).parent / "states"


def test_the_format_stands_first_in_the_document() -> None:
    assert dump(InstanceState(FORMAT)).startswith(b'{"format":%d' % FORMAT)


def test_a_state_of_a_later_release_is_refused_by_name() -> None:
    document = msgspec.json.encode({"format": FORMAT + 1, "a": []})
    with pytest.raises(UnknownFormat, match=f"saved in format {FORMAT + 1}"):
        load(document)


def test_every_format_has_a_state_kept_in_the_tests() -> None:
    assert sorted(each.name for each in STATES.glob("*.json")) == [f"format_{n}.json" for n in range(1, FORMAT + 1)]


@pytest.mark.parametrize("path", sorted(STATES.glob("*.json")), ids=lambda path: path.stem)
def test_a_state_that_was_ever_written_goes_on_where_it_stood(path: Path) -> None:
    # Given an instance as a release wrote it: two bookings made, one reminder set, a cancel end event about to come
    play = Play("a_state_that_was_ever_written_goes_on_where_it_stood")
    play.start(people=["ada", "bo"])
    play.stored.state = path.read_bytes().strip()
    # When its last task is completed
    work = play.engine.executor.begin(play.engine)
    work.complete_task(play.id, play.number("decide"), {}, {})
    [change] = work.changes()
    play.stored.state = change.state or b""
    # Then what was booked is undone, beside the waiting event
    assert play.tree == ["tx/book#body/undoBook", "tx/book#body/undoBook", "tx/stop"]
