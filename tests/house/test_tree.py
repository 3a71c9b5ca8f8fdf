"""What every file of the project keeps to."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, named

LONGEST = 400
#: Written in halves, so that this file does not name them.
HOSTS = [
    first + "." + second
    for first, second in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb.debian", "org"),
        ("proxy.golang", "org"),
    )
]
MACHINE = re.compile(r"(^|[^\w.])/(work|farm|root|home/\w+)/")


def texts() -> list[tuple[str, str]]:
    found = []
    for path in files():
        try:
            found.append((named(path), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return found


def naming_a_host(text: str) -> list[str]:
    return [host for host in HOSTS if host in text.lower()]


def too_long(path: Path) -> bool:
    return len(path.read_bytes().splitlines()) > LONGEST


def test_no_file_names_a_package_registry() -> None:
    assert {name: naming_a_host(text) for name, text in texts() if naming_a_host(text)} == {}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {name: [line for line in text.splitlines() if MACHINE.search(line)] for name, text in texts()}
    assert {name: lines[:3] for name, lines in found.items() if lines} == {}


def test_no_source_file_is_over_400_lines() -> None:
    assert [named(path) for path in files(".py", ".js", ".mjs", ".css", ".html") if too_long(path)] == []


def test_continuous_integration_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# ---------------------------------------------------------------- the searches can find


@pytest.mark.parametrize("host", HOSTS)
def test_the_search_finds_a_registry(host: str) -> None:
    assert naming_a_host(f"registry = https://{host.upper()}/simple") == [host]


@pytest.mark.parametrize("path", ["|work|main|x.py", 'open("|root|.netrc")', "at |home|eva|onedoor"])
def test_the_search_finds_a_path_of_a_machine(path: str) -> None:
    assert MACHINE.search(path.replace("|", "/"))


@pytest.mark.parametrize("address", ["/api/v1/work/items", "see ../work/shared", "/homepage/root", "docs/work/x"])
def test_the_search_leaves_addresses_and_relative_paths(address: str) -> None:
    assert not MACHINE.search(address)


def test_the_search_finds_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("\n" * (LONGEST + 1))
    (tmp_path / "fits.py").write_text("\n" * LONGEST)
    assert too_long(tmp_path / "long.py")
    assert not too_long(tmp_path / "fits.py")


def test_the_walk_sees_what_is_committed_and_not_what_tools_make() -> None:
    names = {named(path) for path in files()}
    assert {"Makefile", "pyproject.toml", ".ci/run", ".gitignore", "web/build.mjs", "bpmn/__init__.py"} <= names
    assert not [
        name for name in names if "node_modules" in name or name.startswith((".venv", ".git/", "api/static/dist"))
    ]
