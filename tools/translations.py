"""Compiles the translations of the pages: every `.po` in `api/translations/` to the `.mo` that is read at run time."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "api" / "translations"


def compile_translations(place: Path = TRANSLATIONS) -> list[Path]:
    """The files written. Raises RuntimeError, naming the file and line, for a catalogue that cannot be read."""
    written = []
    for source in sorted(place.rglob("*.po")):
        with source.open("rb") as file:
            try:
                catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
            except PoFileError as error:
                raise RuntimeError(f"{source.relative_to(place)}, line {error.lineno}: {error}") from error
        target = source.with_suffix(".mo")
        with target.open("wb") as file:
            write_mo(file, catalogue)
        written.append(target)
    return written


if __name__ == "__main__":
    try:
        compile_translations()
    except RuntimeError as problem:
        sys.exit(f"translations: {problem}")
