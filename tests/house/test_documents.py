"""What the documents say is so: commands exist, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, named

DOCUMENTS = files(".md")
TARGETS = ("build", "run", "test", "check", "bench", "faults", "lock", "format", "clean", "help")


def targets_with_help() -> set[str]:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^ +make (\w+) +\S", shown.stdout, re.MULTILINE))


def test_make_help_explains_every_target() -> None:
    assert targets_with_help() == set(TARGETS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_make_targets_that_a_document_shows_exist(path: Path) -> None:
    code = re.findall(r"```.*?```|^ {4}[^\n]*|`[^`\n]+`", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    shown = re.findall(r"(?:^ *|`)make ([a-z]+)", "\n".join(code), re.MULTILINE)
    assert set(shown) <= set(TARGETS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_readme_opens_with_the_two_commands() -> None:
    opening = "\n".join((ROOT / "README.md").read_text().splitlines()[:40])
    assert re.search("^ *make run", opening, re.MULTILINE)
    assert re.search("^ *make test", opening, re.MULTILINE)


def test_the_port_and_the_home_are_read_from_the_environment() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "export ONEDOOR_PORT ?= 8080" in makefile
    assert "export ONEDOOR_HOME ?=" in makefile
