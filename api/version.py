"""The version of this distribution, as it was installed."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("onedoor")
