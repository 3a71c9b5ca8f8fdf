"""The server's log: one line a record whatever is in it, and nothing that not everybody may know."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from api import logs
from api.cli.home import settings
from engine import SYSTEM, InvalidInput, ProcessEngine, Webhook, deploy_resources, read_secret, run_due, start_instance
from tests.engine.play import END, START, bpmn, flow
from tests.pages.person import Person

#: What would forge a line, colour a terminal, turn text round, or end a string.
HOSTILE = (
    "a\nERROR root: forged",
    "a\r\nb",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\x00nul",
    "\u2028line",
    "\x7f\x9b2J",
)
FORMATTERS = {"text": logs.TextLines(), "json": logs.JsonLines()}
SECRET = "Zebra4711"
FAILS = bpmn(
    START + '<serviceTask id="work" camunda:asyncBefore="true" camunda:expression="${salary - 1}"/>' + END
    + flow("start", "work", "end"),
    "fails",
)  # fmt: skip


class Written(io.StringIO):
    def lines(self) -> list[str]:
        return self.getvalue().removesuffix("\n").split("\n")


@pytest.fixture(params=[*FORMATTERS, "bare"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[str, Written]]:
    """What is logged meanwhile; `bare` is Python's own formatter, the control."""
    into = Written()
    handler = logging.StreamHandler(into)
    handler.setFormatter(FORMATTERS.get(request.param, logging.Formatter("%(levelname)s %(name)s: %(message)s")))
    root = logging.getLogger()
    root.addHandler(handler)
    yield request.param, into
    root.removeHandler(handler)


def test_no_text_makes_a_second_line_or_steers_a_terminal(written: tuple[str, Written]) -> None:
    form, into = written
    for each in HOSTILE:
        logging.getLogger("test").error("said: %s", each)
    obeyed = [line for line in into.lines() if not line.isprintable()]
    if form == "bare":
        assert len(into.lines()) > len(HOSTILE)
        assert obeyed
        return
    assert len(into.lines()) == len(HOSTILE)
    assert obeyed == []
    if form == "json":
        assert [json.loads(line)["message"] for line in into.lines()] == [f"said: {each}" for each in HOSTILE]
        assert all(line.isascii() and "\x7f" not in line for line in into.lines())


def test_requests_of_strangers_write_one_line_each(
    app: Flask, somebody: Callable[..., Person], written: tuple[str, Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's name, a path and headers, on a server whose every view fails."""
    form, into = written
    hanna = somebody("hanna")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(f"{SECRET}\nERROR root: forged")

    for name in app.view_functions:
        if name.startswith("journeys."):
            monkeypatch.setitem(app.view_functions, name, fails)
    for path in ("/journeys/%0aERROR%20root:%20forged", "/journeys/%1b%5b31m", "/journeys/%e2%80%aex"):
        assert hanna.client.get(path, headers={"User-Agent": "\x1b[31m", "X-Request-Id": "forged"}).status_code == 500
    lines = into.lines()
    if form == "bare":
        assert len(lines) > 3
        assert SECRET in into.getvalue()
        return
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert SECRET not in into.getvalue()
    assert all("RuntimeError" in line and "test_logs.py" in line and "hanna" in line for line in lines)
    if form == "json":
        record = json.loads(lines[0])
        assert record["user_id"] == "hanna"
        assert len(record["request_id"]) == 16
        assert (record["level"], record["logger"], record["error"]) == (
            "ERROR", "api.pages.problems", "builtins.RuntimeError",
        )  # fmt: skip


def test_what_fails_leaves_no_value_in_the_log(engine: ProcessEngine, app: Flask, written: tuple[str, Written]) -> None:
    form, into = written
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "fails", [("fails.bpmn", FAILS)])
        start_instance(context, key="fails", variables={"salary": SECRET})
    run_due(engine)
    assert "failed" in into.getvalue()
    assert (SECRET in into.getvalue()) == (form == "bare")


def test_a_thread_that_ends_in_an_error_says_no_more(
    written: tuple[str, Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    form, into = written
    monkeypatch.setattr(threading, "excepthook", logs._left_a_thread)

    def fails() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join(5)
    assert "a thread ended in an error" in into.getvalue()
    assert (SECRET in into.getvalue()) == (form == "bare")


def test_what_looks_like_a_secret_of_ours_is_cut_out() -> None:
    token = "onedoor_" + "aB3-_" * 9
    record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": f"/guest/{token} for p:1:{'0' * 36}"})
    for made in FORMATTERS.values():
        assert token not in made.format(record)
        assert "0" * 36 in made.format(record)


def test_there_are_two_forms_of_log() -> None:
    assert isinstance(logs.formatter("json"), logs.JsonLines)
    assert isinstance(logs.formatter(None), logs.TextLines)
    with pytest.raises(InvalidInput, match="ONEDOOR_LOG is 'xml': it is text or json"):
        logs.formatter("xml")


# ---------------------------------------------------------------- secrets by reference

SETTINGS = {
    "ONEDOOR_DATABASE_URL": f"postgresql://onedoor:{SECRET}@db.example/onedoor",
    "ONEDOOR_MAIL_URL": f"smtp://onedoor:{SECRET}@mail.example",
    "ONEDOOR_SCIM_TOKEN": SECRET * 4,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_secret_stands_in_the_environment_or_in_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    file.write_text(SETTINGS[name] + "\n")
    assert read_secret({name: SETTINGS[name]}, name) == SETTINGS[name]
    assert read_secret({f"{name}_FILE": str(file)}, name) == SETTINGS[name]
    assert read_secret({}, name) is None
    for given in ({name: "x", f"{name}_FILE": str(file)}, {f"{name}_FILE": str(tmp_path / "none")}):
        with pytest.raises(InvalidInput, match=name) as refused:
            read_secret(given, name)
        assert SECRET not in str(refused.value)
    file.write_text("\n")
    with pytest.raises(InvalidInput, match="is empty"):
        read_secret({f"{name}_FILE": str(file)}, name)


def test_no_setting_shows_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However settings are printed. The control: what is no secret is there."""
    hooks = tmp_path / "hooks.toml"
    (tmp_path / "hook").write_text(SECRET)
    hooks.write_text(f'[[webhook]]\nname = "chat"\nurl = "https://chat.example/{SECRET}"\nsecret_file = "hook"\n')
    monkeypatch.setenv("ONEDOOR_HOME", str(tmp_path))
    monkeypatch.setenv("ONEDOOR_WEBHOOKS", str(hooks))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    found = settings()
    assert found.outgoing.mail is not None
    assert found.outgoing.mail.password == SECRET
    assert found.outgoing.webhooks[0].secret == SECRET
    assert SECRET in found.database_url
    for shown in (repr(found), f"{found}", repr(found.outgoing.mail), repr(replace(found.outgoing.webhooks[0]))):
        assert SECRET not in shown
    assert "mail.example" in repr(found)
    assert "chat" in repr(found)
    assert SECRET in repr(Webhook(SECRET, "", frozenset()))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEDOOR_MAIL_URL", f"smtp://onedoor:{SECRET}/x@mail.example"),
        ("ONEDOOR_MAIL_URL", f"http://onedoor:{SECRET}@mail.example"),
    ],
)
def test_a_setting_that_is_wrong_is_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("ONEDOOR_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=name) as refused:
        settings()
    assert SECRET not in str(refused.value)
