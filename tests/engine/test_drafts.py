"""Flows that are being drawn."""

from __future__ import annotations

import pytest

from engine import (
    InvalidInput,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    ProcessEngine,
    delete_draft,
    find_drafts,
    get_draft,
    save_draft,
)
from tests.engine.play import HANNA, OWNER


def test_a_draft_is_saved_read_and_deleted(engine: ProcessEngine) -> None:
    with engine.command(OWNER) as context:
        first = save_draft(context, "p", "A flow", b"<not yet right>")
    with engine.command(OWNER) as context:
        second = save_draft(context, "p", "A flow", b"<better>", expected_revision=1)
    assert (first.revision, second.revision, second.updated_by) == (1, 2, "olle")
    with engine.query(OWNER) as context:
        assert get_draft(context, "p") == second
        assert find_drafts(context) == [second]
    with engine.command(OWNER) as context:
        delete_draft(context, "p")
    with pytest.raises(NotFound), engine.query(OWNER) as context:
        get_draft(context, "p")


def test_nobody_writes_over_what_somebody_else_saved_meanwhile(engine: ProcessEngine) -> None:
    with engine.command(OWNER) as context:
        save_draft(context, "p", None, b"<one>", expected_revision=0)
    for expected in (0, 2):
        with pytest.raises(OptimisticLocking), engine.command(OWNER) as context:
            save_draft(context, "p", None, b"<two>", expected_revision=expected)
    with engine.query(OWNER) as context:
        assert get_draft(context, "p").content == b"<one>"


def test_drafts_are_for_process_owners_and_have_a_size(engine: ProcessEngine) -> None:
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        save_draft(context, "p", None, b"<x>")
    for key, content in (("", b"<x>"), ("p", b""), ("p", b"x" * 2_000_001)):
        with pytest.raises(InvalidInput), engine.command(OWNER) as context:
            save_draft(context, key, None, content)
