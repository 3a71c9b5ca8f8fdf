"""Every route for everybody, against a table; and no answer tells anybody what they may not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import true

from engine.policy import Kind
from tests.policy.walking import Route, ask, outcome, routes, told
from tests.policy.world import MARKS, ROLES, Role, World, build, guest_session, nothing_stays

LIMITED = ("POST /engine-rest/identity/verify", "POST /sign-in")
TABLE = Path(__file__).with_name("routes.txt")
#: Like the outsider; nobody has asked for anything as this one before, so that no statement is kept for them.
STRANGER = Role("stranger", ("payroll",), knows=frozenset({"people"}))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build(tmp_path_factory.mktemp("house"))
    with pytest.MonkeyPatch.context() as patch, nothing_stays(made.engine, patch):
        patch.setattr("api.authentication.read_session", guest_session(made))
        yield made
    made.engine.close()


def table() -> dict[str, str]:
    """Route -> one letter a role, in the order of ROLES."""
    found = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            *letters, method, rule = line.split()
            found[f"{method} {rule}"] = "".join(letters)
    return found


def leaks(role: Role, route: Route, text: str) -> list[str]:
    return [f"{route} tells {role.name} of {thing}" for thing in MARKS.keys() - role.knows if MARKS[thing] in text]


def test_every_route_answers_everybody_as_the_table_says_and_tells_nobody_more(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, found, leaking, pairs = table(), dict[str, str](), list[str](), 0
    for route in routes(world.app):
        letters = ""
        for role in ROLES:
            answer = ask(world, role.name, route)
            letters += outcome(answer)
            leaking += leaks(role, route, told(answer))
            pairs += 1
        # How often these may be asked for is limited: who comes first is let in.
        found[str(route)] = "b" * len(ROLES) if str(route) in LIMITED else letters
    with capsys.disabled():
        print(f"\npairs {pairs} leaks {len(leaking)}")  # noqa: T201  (the figure that is asked for)
    differs = {name: letters for name, letters in found.items() if expected.get(name) != letters}
    assert differs == {}, "these answer otherwise than the table says, or are not in it"
    assert expected.keys() - found.keys() == set(), "these are in the table and are no routes any more"
    assert leaking == []


def test_every_mark_is_told_to_somebody_who_may_know_it(world: World) -> None:
    """What nobody is ever told would leak to nobody either."""
    asked = {
        "journey": ("facilities", "/journeys/<id>"), "guest": ("guest", "/tasks"),
        "flow": ("waiting", "/engine-rest/process-definition"),
        "draft": ("other-owner", "/flows"), "people": ("outsider", "/engine-rest/user"), "desk": ("facilities", "/"),
        "other": ("other-owner", "/engine-rest/process-definition"), "token": ("hr", "/account/tokens"),
        "model": ("owner", "/engine-rest/process-definition/<id>/xml"),
        "field": ("hr", "/engine-rest/process-instance/<id>/variables"),
        "pay": ("hr", "/engine-rest/process-instance/<id>/variables"),
    }  # fmt: skip
    assert asked.keys() == MARKS.keys()
    for thing, (who, rule) in asked.items():
        assert MARKS[thing] in told(ask(world, who, Route("GET", rule))), thing


def test_without_the_policy_the_same_walk_finds_leaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    open_door = dict.fromkeys(Kind, lambda _: true())
    monkeypatch.setattr("engine.policy.visibility.CONDITIONS", open_door)
    found = [
        leak
        for route in routes(world.app)
        if route.method == "GET"
        for leak in leaks(STRANGER, route, told(ask(world, STRANGER.name, route)))
    ]
    assert {leak.rpartition(" ")[2] for leak in found} >= {"journey", "guest", "flow", "other"}, found
    assert len(found) > 20


def test_the_table_says_something_for_everybody() -> None:
    for name, letters in table().items():
        assert len(letters) == len(ROLES), name
        assert set(letters) <= set("sonfb"), name
