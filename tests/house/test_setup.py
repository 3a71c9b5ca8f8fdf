"""`make build` is called before every command: it makes what is missing or out of date, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from tools import setup


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout, in a folder with a space in its name."""
    root = tmp_path / "a checkout"
    root.mkdir()
    monkeypatch.setattr(setup, "ROOT", root)
    monkeypatch.setattr(setup, "VENV", root / ".venv")
    monkeypatch.setattr(setup, "STAMPS", root / ".venv" / ".stamps")
    return root


class Part:
    """Something to make: writes `product` and counts its calls."""

    def __init__(self, checkout: Path) -> None:
        self.source = checkout / "source.txt"
        self.source.write_text("first")
        self.product = checkout / "product.txt"
        self.calls = 0
        self.interrupted = False

    def make(self) -> None:
        self.calls += 1
        self.product.write_text("half")
        if self.interrupted:
            raise KeyboardInterrupt
        self.product.write_text("whole")

    def see_to_it(self, *, extra: str = "") -> None:
        setup.made("part", [self.source], self.make, extra=extra, proof=self.product)


@pytest.fixture
def part(checkout: Path) -> Part:
    return Part(checkout)


def test_a_part_is_made_once(part: Part) -> None:
    part.see_to_it()
    part.see_to_it()
    assert part.calls == 1


def test_a_part_is_made_anew_when_its_source_changes(part: Part) -> None:
    part.see_to_it()
    part.source.write_text("second")
    part.see_to_it()
    assert part.calls == 2


def test_a_part_is_made_anew_in_another_place_or_with_another_python(part: Part) -> None:
    part.see_to_it(extra="here")
    part.see_to_it(extra="there")
    assert part.calls == 2


def test_a_part_that_was_deleted_is_made_anew(part: Part) -> None:
    part.see_to_it()
    part.product.unlink()
    part.see_to_it()
    assert part.product.read_text() == "whole"


def test_an_interrupted_part_is_not_taken_for_made(part: Part) -> None:
    part.see_to_it()
    part.source.write_text("second")
    part.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        part.see_to_it()
    part.source.write_text("first")  # back to what the old stamp spoke of
    part.interrupted = False
    part.see_to_it()
    assert part.product.read_text() == "whole"
    assert part.calls == 3


def test_two_set_ups_wait_for_each_other(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = threading.Event()
    monkeypatch.setattr(setup, "say", lambda message: said.set() if "waiting" in message else None)
    order: list[str] = []

    def second() -> None:
        with setup.one_at_a_time():
            order.append("second")

    with setup.one_at_a_time():
        other = threading.Thread(target=second)
        other.start()
        assert said.wait(10)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]


def test_an_old_python_is_told_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later.*is 3\.9\.2.*make run PYTHON=python3\.12"):
        setup.check_python((3, 9, 2))


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (4, 0, 0)])
def test_a_python_that_fits_is_taken(version: tuple[int, int, int]) -> None:
    setup.check_python(version)


def test_a_python_without_venv_says_which_package_to_install(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = checkout / "python3"
    poor.write_text("#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n")
    poor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(poor))
    with pytest.raises(SystemExit, match=r"apt install python3-venv\nNo module named venv"):
        setup.make_venv()
    assert not (checkout / ".venv").exists()


def test_a_command_that_fails_is_named(checkout: Path) -> None:
    with pytest.raises(SystemExit, match="ended with status 3"):
        setup.run(sys.executable, "-c", "raise SystemExit(3)")


def test_every_module_is_compiled_even_where_python_may_not_write_its_caches(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (setup.VENV / "bin").mkdir(parents=True)
    (setup.VENV / "bin" / "python").symlink_to(sys.executable)
    rooms = [checkout / package / "room" for package in setup.PACKAGES]
    for room in rooms:
        room.mkdir(parents=True)
        (room / "module.py").write_text("answer = 42")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    setup.compile_project()
    assert all((room / "__pycache__").exists() for room in rooms)


def test_a_cache_that_cannot_be_written_stops_no_set_up(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Given a package whose cache is not to be written, and one that is in order
    (setup.VENV / "bin").mkdir(parents=True)
    (setup.VENV / "bin" / "python").symlink_to(sys.executable)
    for package in setup.PACKAGES:
        (checkout / package).mkdir()
        (checkout / package / "module.py").write_text("answer = 42")
    first, *_, last = setup.PACKAGES
    (checkout / first / "__pycache__").write_text("what even root cannot make a folder of")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    # When all is compiled
    setup.compile_project()
    # Then the rest is, and it is told
    assert (checkout / last / "__pycache__").is_dir()
    assert "not every module could be compiled" in capfd.readouterr().err


def test_what_is_compiled_is_what_is_shipped() -> None:
    shipped = tomllib.loads((setup.ROOT / "pyproject.toml").read_text())
    assert list(setup.PACKAGES) == shipped["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize(
    ("listed", "index"),
    [
        ("global.timeout='60'", {}),
        ("global.index-url='https://a.example/simple'", {"UV_DEFAULT_INDEX": "https://a.example/simple"}),
        (
            "global.index-url='https://a.example/simple'\n:env:.index-url='https://b.example/x=y'",
            {"UV_DEFAULT_INDEX": "https://b.example/x=y"},
        ),
    ],
)
def test_the_mirror_that_pip_uses_is_used_by_uv(
    monkeypatch: pytest.MonkeyPatch, listed: str, index: dict[str, str]
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.delenv("UV_CONFIG_FILE", raising=False)
    answer = subprocess.CompletedProcess([], 0, stdout=listed)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    assert setup.pip_index() == index


def test_a_mirror_that_uv_was_told_of_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert setup.pip_index() == {}


def test_set_up_needs_nothing_but_the_standard_library() -> None:
    source = f"import sys; sys.path.insert(0, {str(setup.ROOT)!r}); import tools.setup; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", source], capture_output=True, text=True, check=True, timeout=30
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded <= sys.stdlib_module_names | {"tools", "__main__"}
