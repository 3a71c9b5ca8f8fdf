"""Makes this checkout ready: `python3 tools/setup.py run` or `... test`.

A private `.venv` with uv from pip, the packages of the lock with their hashes, the browser bundle with the Node that PyPI
ships, compiled translations, and for tests a browser. Every part leaves a stamp with a digest of what it was made from, so a
second call finds nothing to do within a fraction of a second, and one that was interrupted takes up where it stopped.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".stamps"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
OLDEST = (3, 11)


def main(purpose: str) -> None:
    if sys.version_info < OLDEST:
        fail(f"Onedoor needs Python {OLDEST[0]}.{OLDEST[1]} or later; this is {sys.version.split()[0]}.")
    with one_at_a_time():
        made("venv", [ROOT / "tools" / "uv.lock", ROOT / "tools" / "setup.py"], make_venv, str(sys.version_info[:2]))
        made(f"packages-{purpose}", [ROOT / LOCKS[purpose]], lambda: install_packages(LOCKS[purpose]))
        made("project", [ROOT / "pyproject.toml"], install_project)
        made("bundle", sources("web"), make_bundle)
        made("translations", sources("api/translations", "*.po"), compile_translations)
        if purpose == "test":
            find_browser()


def fail(message: str) -> None:
    sys.exit(f"set-up: {message}")


def say(message: str) -> None:
    print(f"set-up: {message}", file=sys.stderr, flush=True)


class one_at_a_time:  # noqa: N801  (reads as a sentence where it is used)
    """Two set-ups of one checkout wait for each other."""

    def __enter__(self) -> None:
        cache = ROOT / ".cache"
        cache.mkdir(exist_ok=True)
        self._file = (cache / "setup.lock").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


# ---------------------------------------------------------------- stamps


def sources(folder: str, pattern: str = "*") -> list[Path]:
    place = ROOT / folder
    found = (path for path in place.rglob(pattern) if path.is_file() and "node_modules" not in path.parts)
    return sorted(found)


def digest(paths: Iterable[Path], extra: str = "") -> str:
    found = hashlib.sha256(extra.encode())
    for path in paths:
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def made(name: str, made_from: list[Path], make: Callable[[], None], extra: str = "") -> None:
    """Calls `make` unless its stamp says that it was made from just this."""
    stamp, wanted = STAMPS / name, digest(made_from, extra)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    make()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


# ---------------------------------------------------------------- parts


def run(*command: str | Path, **environment: str) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        fail(f"`{' '.join(map(str, command))}` ended with status {done.returncode}; what it printed stands above.")


def make_venv() -> None:
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    made_it = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made_it.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(
            "python3 cannot make a virtual environment here. On Debian or Ubuntu install the package python3-venv.\n"
            + (made_it.stdout + made_it.stderr).strip()
        )
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    run(*pip, "--require-hashes", "--requirement", "tools/uv.lock")


def install_packages(lock: str) -> None:
    say(f"installing the packages of {lock}")
    uv("pip", "install", "--quiet", "--require-hashes", "--requirement", lock)


def install_project() -> None:
    say("installing the project itself")
    uv("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")


def uv(*arguments: str) -> None:
    run(VENV / "bin" / "uv", *arguments, VIRTUAL_ENV=str(VENV), UV_NO_CONFIG="1", UV_LINK_MODE="copy")


def make_bundle() -> None:
    say("bundling the browser sources")
    run(VENV / "bin" / "python", "tools/bundle.py")


def compile_translations() -> None:
    if sources("api/translations", "*.po"):
        say("compiling the translations")
        run(VENV / "bin" / "pybabel", "--quiet", "compile", "--directory", "api/translations")


def find_browser() -> None:
    """A browser for the tests that look at pages: this machine's, or Debian's where we may install it."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("no Chromium here, and no right to install one: the tests that need a browser will be skipped")
        return
    say("installing Chromium for the tests that look at pages")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", "chromium", "fonts-inter"]):
        done = subprocess.run(["apt-get", *command], env={**os.environ, **quiet}, capture_output=True, check=False)
        if done.returncode:
            say("Chromium could not be installed: the tests that need a browser will be skipped")
            return


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        fail(f"say what for: {' or '.join(LOCKS)}")
    main(sys.argv[1])
