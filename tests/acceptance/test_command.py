"""The command `onedoor`, as a person at a terminal uses it."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.commands import COMMANDS, commands
from tests.acceptance.server import onedoor, serving

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT.parent / "shared" / "conformance"
EXAMPLE = str(ROOT / "examples" / "onboarding.bpmn")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    said = CliRunner().invoke(commands, [command, "--help"], prog_name="onedoor")
    assert said.exit_code == 0
    assert f"Usage: onedoor {command}" in said.stdout
    assert len(said.stdout.splitlines()) > 4


def test_the_program_explains_itself_and_prints_its_version(tmp_path: Path) -> None:
    said = onedoor(tmp_path, "--help")
    assert said.returncode == 0
    assert "Usage: onedoor" in said.stdout
    assert [command for command in COMMANDS if command not in said.stdout] == []
    assert onedoor(tmp_path, "--version").stdout.startswith("onedoor, version ")


def test_check_is_silent_about_a_good_model_and_exits_0(tmp_path: Path) -> None:
    said = onedoor(tmp_path, "check", EXAMPLE)
    assert said.returncode == 0
    assert "no problems" in said.stdout


def test_check_prints_element_line_and_remedy_and_exits_1(tmp_path: Path) -> None:
    broken = tmp_path / "broken.bpmn"
    broken.write_text(Path(EXAMPLE).read_text().replace('attachedToRef="role_profile"', 'attachedToRef="nobody"', 1))
    said = onedoor(tmp_path, "check", str(broken))
    assert said.returncode == 1
    assert "role_profile_reminder_timer" in said.stdout
    assert "line " in said.stdout
    assert "Drag it onto the border" in said.stdout


def test_an_executor_is_chosen_for_a_deployment_or_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert onedoor(tmp_path, "check", "--executor", "spiff", EXAMPLE).returncode == 0
    assert "on the executor spiff" not in onedoor(tmp_path, "deploy", EXAMPLE).stdout
    assert "on the executor spiff" in onedoor(tmp_path, "deploy", "--executor", "spiff", EXAMPLE).stdout
    monkeypatch.setenv("ONEDOOR_EXECUTOR", "spiff")
    assert "on the executor spiff" in onedoor(tmp_path, "deploy", EXAMPLE).stdout
    monkeypatch.setenv("ONEDOOR_EXECUTOR", "camunda")
    said = onedoor(tmp_path, "deploy", EXAMPLE)
    assert said.returncode == 1
    assert "There is no executor 'camunda': there are native and spiff." in said.stderr


def test_check_and_deploy_tell_of_departments_with_nobody_in_them_where_people_are_known(tmp_path: Path) -> None:
    assert not (tmp_path / "onedoor.db").exists()
    assert "unstaffed-department" not in onedoor(tmp_path, "check", EXAMPLE).stdout
    assert not (tmp_path / "onedoor.db").exists()
    onedoor(tmp_path, "user", "add", "eva", "--password", "Tango-4711", "--group", "hr")
    said = onedoor(tmp_path, "check", EXAMPLE)
    assert (said.returncode, "lane_payroll" in said.stdout, "lane_hr" in said.stdout) == (0, True, False)
    assert said.stdout.count("unstaffed-department") == 9
    assert onedoor(tmp_path, "deploy", EXAMPLE).stdout.count("unstaffed-department") == 9


def test_a_secret_of_the_directory_that_can_be_guessed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEDOOR_SCIM_TOKEN", "short")
    said = onedoor(tmp_path, "serve")
    assert said.returncode == 1
    assert "at least 32 random ones" in said.stderr


def test_a_directory_that_knows_the_secret_reads_the_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("ONEDOOR_SCIM_TOKEN", secret)
    with serving(tmp_path, "--demo") as server:
        request = urllib.request.Request(
            f"{server.url}/scim/v2/Users?count=3", headers={"Authorization": f"Bearer {secret}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
    assert (found["totalResults"], len(found["Resources"])) == (12, 3)


@pytest.mark.skipif(not CONFORMANCE.is_dir(), reason="../shared/conformance is not beside this checkout")
def test_check_reads_every_model_that_others_drew_and_crashes_on_none(tmp_path: Path) -> None:
    models = sorted(str(file) for file in CONFORMANCE.glob("*/*.bpmn*"))
    assert len(models) == 149
    said = onedoor(tmp_path, "check", *models)
    assert said.returncode == 1
    assert "Traceback" not in said.stdout + said.stderr
    assert [model for model in models if model not in said.stdout] == []


def test_the_demo_refuses_to_listen_anywhere_but_loopback(tmp_path: Path) -> None:
    said = onedoor(tmp_path, "serve", "--demo", "--host", "0.0.0.0")
    assert said.returncode == 2
    assert "loopback" in said.stderr


def test_a_second_server_on_the_same_home_is_refused_in_plain_words(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        said = onedoor(tmp_path, "serve", "--port", str(server.port + 1))
    assert said.returncode == 1
    assert "Another Onedoor server" in said.stderr


def test_a_person_who_was_added_can_sign_in(tmp_path: Path) -> None:
    said = onedoor(tmp_path, "user", "add", "eva", "--password", "Tango-4711", "--admin", "--group", "hr")
    assert said.returncode == 0, said.stderr
    with serving(tmp_path) as server:
        credentials = base64.b64encode(b"eva:Tango-4711").decode()
        request = urllib.request.Request(
            f"{server.url}/engine-rest/user", headers={"Authorization": f"Basic {credentials}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert [user["id"] for user in json.load(answer)] == ["eva"]


def test_the_demo_plays_an_onboarding_to_its_end(tmp_path: Path) -> None:
    said = onedoor(tmp_path, "demo")
    assert said.returncode == 0, said.stderr
    assert "Astrid Lund: completed" in said.stdout
    assert "26 tasks by 10 people" in said.stdout
    _, _, summary = said.stdout.partition("Astrid Lund: completed")
    for who in ("Hanna Berg", "HR", "Isak Nyström", "Facilities"):
        assert who in summary
    (last,) = [line for line in summary.splitlines() if "30-day check-in" in line]
    assert re.search(r"[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} \d\d:\d\d", last)
    assert max(map(len, said.stdout.splitlines())) <= 80
