"""The browser bundle: entry names to the hashed files that the build made."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path


class Assets:
    """Reads manifest.json once. A page asks by entry name, such as `base.js` or `app.css`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _manifest(self) -> dict[str, str]:
        file = self._folder / "manifest.json"
        if not file.is_file():
            return {}
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): str(path) for name, path in found.items()}

    def path(self, name: str) -> str | None:
        """Below static/; None for an entry that was not built."""
        return self._manifest.get(name)
