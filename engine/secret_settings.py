"""Secrets by reference: a setting that is one stands in the environment, or in a file that the environment names, as
containers and service managers mount them. Nothing prints one: they are left out of every `repr`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.errors import InvalidInput

LARGEST = 65_536


def read_secret(environment: Mapping[str, str], name: str) -> str | None:
    """What NAME says, or the file that NAME_FILE names holds, without the line break at its end; None for neither.
    InvalidInput for both, and for a file that cannot be read: its name is told, never what is in it."""
    given, file = environment.get(name) or None, environment.get(f"{name}_FILE") or None
    if file is None:
        return given
    if given is not None:
        raise InvalidInput(f"Set {name} or {name}_FILE, not both.")
    return secret_in(Path(file), f"{name}_FILE")


def secret_in(file: Path, setting: str) -> str:
    """What a file holds. InvalidInput, naming setting and file."""
    try:
        with file.open("rb") as opened:
            found = opened.read(LARGEST).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"{setting}: {file} cannot be read: {why}.") from None
    if not found:
        raise InvalidInput(f"{setting}: {file} is empty.")
    return found
