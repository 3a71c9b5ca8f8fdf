"""What is pinned, and what a wheel holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, files, named

LOCKS = ("requirements.lock", "requirements-dev.lock", "tools/uv.lock")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(lock: str) -> dict[str, str]:
    """Each requirement of a lock: its name, and all that it says."""
    requirements = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    return {re.split(r"[=<>!\[ ;]", requirement)[0].lower(): requirement for requirement in requirements}


def asked_for(*groups: str) -> set[str]:
    wanted = [*PYPROJECT["project"]["dependencies"]]
    for group in groups:
        wanted += PYPROJECT["dependency-groups"][group]
    return {re.split(r"[=<>!\[ ;]", requirement)[0].lower() for requirement in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_to_a_version_and_its_hashes(lock: str) -> None:
    loose = [name for name, text in pinned(lock).items() if not re.match(r"\S+==\S+.*\\\n +--hash=sha256:", text)]
    assert loose == []
    assert "://" not in (ROOT / lock).read_text()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    assert asked_for("build") - set(pinned("requirements.lock")) == set()
    assert asked_for("build", "dev") - set(pinned("requirements-dev.lock")) == set()


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    shipped, tested = pinned("requirements.lock"), pinned("requirements-dev.lock")
    version = re.compile(r"==(\S+)").search
    different = [
        name for name in shipped if not (a := version(shipped[name])) or a[1] not in tested.get(name, "").split()[0]
    ]
    assert different == []


@pytest.mark.parametrize("folder", ["web", "tests/provider"])
def test_packages_of_node_are_pinned_with_integrity_and_without_an_address(folder: str) -> None:
    wanted = json.loads((ROOT / folder / "package.json").read_text())
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "integrity" not in package or "resolved" in package] == []
    for name, version in {**wanted["dependencies"], **wanted.get("devDependencies", {})}.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_a_wheel_holds_the_product_and_nothing_else(tmp_path: Path) -> None:
    # Without the hook: that bundles anew, under the servers of other tests.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "HATCH_BUILD_NO_HOOKS": "true"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        entry_points = next(archive.read(name).decode() for name in archive.namelist() if "entry_points" in name)
    shipped = {named(path) for path in files() if named(path).startswith(tuple(f"{name}/" for name in PACKAGES))}
    assert shipped - held == set()
    extra = held - shipped - {"workflows/onboarding/onboarding.bpmn"}
    assert [name for name in extra if not name.startswith("api/static/dist/") and not name.endswith(".mo")] == []
    assert "api/static/dist/manifest.json" in held
    assert "onedoor = api.cli:main" in entry_points
