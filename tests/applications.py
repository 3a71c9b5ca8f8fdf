"""An application for many tests: its routes take their time to compile, so each test attaches its own engine to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from api.app import create_app
from engine import ProcessEngine, Settings


@contextlib.contextmanager
def application(template: Path, *, demo: bool = False) -> Iterator[Flask]:
    """Over the SQLite file from which the tests copy theirs, and which nobody writes to."""
    engine = ProcessEngine(Settings(f"sqlite:///{template}", template.parent, test_clock=True))
    try:
        yield create_app(engine, demo=demo)
    finally:
        engine.close()
