"""When a failed job is tried again."""

from __future__ import annotations

import pytest

from engine.retries import back_off


@pytest.mark.parametrize(
    ("cycle", "retries", "first", "expected"),
    [
        (None, 3, True, (2, 10)),
        (None, 2, False, (1, 60)),
        (None, 1, False, (0, 360)),
        (None, 10, False, (9, 10)),
        (None, 0, False, (0, 360)),
        ("R5/PT5M", 3, True, (4, 300)),
        ("R5/PT5M", 1, False, (0, 300)),
        ("R1/PT5M", 3, True, (0, 300)),
        ("PT1M,PT5M,PT1H", 3, True, (3, 60)),
        ("PT1M,PT5M,PT1H", 3, False, (2, 300)),
        ("PT1M,PT5M,PT1H", 2, False, (1, 3600)),
        ("PT1M,PT5M,PT1H", 1, False, (0, 3600)),
        ("R999999999999/PT0S", 3, True, (99, 1)),
        ("R3/-PT5M", 3, True, (2, 1)),
        ("PT0S,PT0.001S", 3, True, (2, 1)),
        ("R" + "9" * 5000 + "/PT1M", 3, True, (2, 10)),
        ("nonsense", 3, True, (2, 10)),
    ],
)
def test_back_off(cycle: str | None, retries: int, first: bool, expected: tuple[int, int]) -> None:
    left, delay = back_off(cycle, retries, first=first)
    assert (left, delay.total_seconds()) == expected
