"""Puts the browser bundle and the compiled translations into every wheel.

An editable install leaves both to `tools/setup.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBundle(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        if version == "editable" or self.target_name != "wheel":
            return
        sys.path.insert(0, str(Path(self.root)))
        from tools.bundle import bundle
        from tools.translations import compile_translations

        bundle()
        compile_translations()
