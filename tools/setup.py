"""Makes this checkout ready: `python3 tools/setup.py run` or `... test`.

A private `.venv` with uv from pip, the packages of the lock with their hashes, the browser bundle with the Node that
PyPI ships, compiled modules and translations, and for tests a browser. Every part leaves a stamp with a digest of what
it was made from, so a second call finds nothing to do within a fraction of a second, and one that was interrupted takes
up where it stopped.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".stamps"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
OLDEST = (3, 11)
PACKAGES = ("bpmn", "engine", "workflows", "api")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(purpose: str) -> None:
    check_python(sys.version_info[:3])
    with one_at_a_time():
        # A virtual environment holds its own path and its Python's: it does not survive a move of either. It is made
        # anew for a new lock too, because what the lock no longer names must not linger.
        place = f"{VENV} {sys.version_info[:2]}"
        locks = [ROOT / "tools" / "uv.lock", *(ROOT / lock for lock in LOCKS.values())]
        made("venv", locks, make_venv, extra=place, proof=VENV / "bin" / "python")
        made(f"packages-{purpose}", [ROOT / LOCKS[purpose]], lambda: install_packages(LOCKS[purpose]))
        made("project", [ROOT / "pyproject.toml"], install_project, proof=VENV / "bin" / "onedoor")
        made("bytecode", [each for package in PACKAGES for each in sources(package, "*.py")], compile_project)
        browser_sources = [*sources("web"), ROOT / "tools" / "bundle.py"]
        made("bundle", browser_sources, make_bundle, proof=ROOT / "api" / "static" / "dist" / "manifest.json")
        made(
            "translations",
            [*sources("api/translations", "*.po"), ROOT / "tools" / "translations.py"],
            compile_translations,
        )
        if purpose == "test":
            provider = ROOT / "tests" / "provider"
            made("provider", [provider / "package-lock.json"], install_provider, proof=provider / "node_modules")
            find_browser()


def check_python(version: tuple[int, int, int]) -> None:
    """Raises SystemExit for a Python that is too old."""
    if version < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        found = ".".join(map(str, version))
        fail(
            f"Onedoor needs Python {wanted} or later, and `{sys.executable}` is {found}. "
            "If a later one is installed, name it: make run PYTHON=python3.12"
        )


def fail(message: str) -> None:
    sys.exit(f"set-up: {message}")


def say(message: str) -> None:
    print(f"set-up: {message}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two set-ups of one checkout wait for each other."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this checkout")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---------------------------------------------------------------- stamps


def sources(folder: str, pattern: str = "*") -> list[Path]:
    place = ROOT / folder
    found = (path for path in place.rglob(pattern) if "node_modules" not in path.parts and path.is_file())
    return sorted(found)


def digest(paths: Iterable[Path], extra: str = "") -> str:
    found = hashlib.sha256(extra.encode())
    for path in paths:
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def made(
    name: str, made_from: list[Path], make: Callable[[], None], *, extra: str = "", proof: Path | None = None
) -> None:
    """Calls `make` unless its stamp says that it was made from just this, and `proof`, a file it makes, is there."""
    stamp, wanted = STAMPS / name, digest(made_from, extra)
    if stamp.exists() and stamp.read_text() == wanted and (proof is None or proof.exists()):
        return
    stamp.unlink(missing_ok=True)  # if this is interrupted, nobody is to take the half for the whole
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
    shutil.rmtree(STAMPS, ignore_errors=True)  # first: they speak of the rest
    shutil.rmtree(VENV, ignore_errors=True)
    made_it = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made_it.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(
            f"`{sys.executable}` cannot make a virtual environment here. "
            "On Debian or Ubuntu: apt install python3-venv\n" + (made_it.stdout + made_it.stderr).strip()
        )
    pip("--quiet", "install", "--require-hashes", "--requirement", "tools/uv.lock")


def install_packages(lock: str) -> None:
    say(f"installing the packages of {lock}")
    # Compiled now, or every start compiles anew where Python may not write its caches, as in many containers.
    uv("pip", "install", "--quiet", "--compile-bytecode", "--require-hashes", "--requirement", lock)


def install_project() -> None:
    say("installing the project itself")
    uv("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")


def compile_project() -> None:
    # As above; a module that changes afterwards is compiled by who imports it. Compiling takes a quarter of a start;
    # where nothing can be kept (a cache that root made, in a container on this checkout) a start takes that longer.
    command = [str(VENV / "bin" / "python"), "-m", "compileall", "-q", *PACKAGES]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        say("not every module could be compiled, see above: Onedoor runs all the same, and starts more slowly")


def pip(*arguments: str) -> None:
    run(VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", *arguments, PIP_USER="0")


def uv(*arguments: str) -> None:
    run(VENV / "bin" / "uv", *arguments, VIRTUAL_ENV=str(VENV), UV_LINK_MODE="copy", **pip_index())


def pip_index() -> dict[str, str]:
    """The package index that pip is told to use, for uv, which does not read pip's settings."""
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return {}
    command = [str(VENV / "bin" / "python"), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    settings = dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        if key in settings:
            return {"UV_DEFAULT_INDEX": settings[key].strip("'\"")}
    return {}


def make_bundle() -> None:
    say("bundling the browser sources")
    run(VENV / "bin" / "python", "tools/bundle.py")


def install_provider() -> None:
    say("installing the identity provider of the tests")
    run(VENV / "bin" / "python", "tools/bundle.py", "provider")


def compile_translations() -> None:
    run(VENV / "bin" / "python", "tools/translations.py")


def find_browser() -> None:
    """A browser for the tests that look at pages: this machine's, or Debian's where we may install it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("no Chromium here, and no right to install one: the tests that need a browser will be skipped")
        return
    say("installing Chromium for the tests that look at pages")
    install = ["install", "-qq", "--yes", "--no-install-recommends"]
    if not (apt_get("update", "-qq") and apt_get(*install, "chromium")):
        say("Chromium could not be installed: the tests that need a browser will be skipped")
    apt_get(*install, "fonts-inter")  # screenshots look as they do to people; without it they are only less pretty


def apt_get(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        fail(f"say what for: {' or '.join(LOCKS)}")
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        fail("interrupted; call it again and it goes on where it stopped")
