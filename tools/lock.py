"""Pins what pyproject.toml asks for: `requirements.lock` (run), `requirements-dev.lock` (all of it and the tests') and
`tools/uv.lock`, with hashes and without naming where the packages come from."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
ALWAYS = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--universal", "--python-version", "3.11", "--quiet"]


def compile_lock(output: str, *arguments: str, given: str | None = None) -> None:
    command = [str(UV), "pip", "compile", *ALWAYS, "--output-file", output, *arguments]
    subprocess.run(command, cwd=ROOT, check=True, input=given, text=True)


def main() -> None:
    compile_lock("requirements.lock", "pyproject.toml", "--group", "build")
    compile_lock("requirements-dev.lock", "pyproject.toml", "--group", "build", "--group", "dev")
    compile_lock("tools/uv.lock", "-", given="uv\n")


if __name__ == "__main__":
    main()
