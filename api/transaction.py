"""One transaction to a request, where more than its view has a part in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g

from api.authentication import actor, the_engine
from api.origin import origin
from engine import CommandContext


@contextmanager
def joined() -> Iterator[CommandContext]:
    """The command that the request is in already, or a new one that everything inside joins."""
    if "command" in g:
        yield g.command
        return
    with the_engine().command(actor(), origin=origin()) as context:
        g.command = context
        try:
            yield context
        finally:
            del g.command
