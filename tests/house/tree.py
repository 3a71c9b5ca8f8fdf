"""The files of this checkout, as a commit would hold them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("bpmn", "engine", "workflows", "api")


def files(*endings: str) -> list[Path]:
    """All files that .gitignore does not name, or those with one of these endings; no git needed."""
    lines = (ROOT / ".gitignore").read_text().splitlines()
    ignored = [".git", *(line.strip("/") for line in lines if line and not line.startswith("#"))]
    return sorted(path for path in _walk(ROOT, ignored) if not endings or path.name.endswith(endings))


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for entry in os.scandir(folder):
        path = Path(entry.path)
        if any(fnmatch(name, pattern) for pattern in ignored for name in (entry.name, named(path))):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, ignored)
        else:
            yield path


def product() -> list[Path]:
    """The Python files that are shipped."""
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in PACKAGES]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
