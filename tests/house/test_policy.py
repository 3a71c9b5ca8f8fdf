"""Who may what is asked of the policy and decided nowhere else."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import named, product

#: The names of the roles.
ROLES = {"ADMINISTRATORS", "PROCESS_OWNERS", "HEADS_OF_SERVICE", "GUESTS"}
#: Where a role is a word of the language, not a question: they are given, listed, imported, and whoever acts is made.
GIVERS = (
    "api/cli/", "api/demo.py", "api/pages/admin/", "api/scim/", "engine/__init__.py", "engine/context.py",
    "engine/erasing.py", "engine/guests/", "engine/notifications.py", "engine/people/", "engine/policy/",
    "engine/privacy/", "engine/signing_in/",
)  # fmt: skip


def questions(source: str) -> list[int]:
    """The lines that ask an actor for a role, or for their groups."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="administrator"):
                lines.append(node.lineno)
            case ast.Attribute(value=ast.Attribute(attr="actor") | ast.Name(id="actor") | ast.Call(), attr="groups"):
                lines.append(node.lineno)
            case ast.Name(id=name) if name in ROLES:
                lines.append(node.lineno)
    return sorted(set(lines))


def test_nothing_but_the_policy_asks_for_a_role() -> None:
    elsewhere = [path for path in product() if not named(path).startswith(GIVERS)]
    found = {named(path): questions(path.read_text("utf-8")) for path in elsewhere}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_rooms_of_people_name_roles_and_ask_no_actor_for_them() -> None:
    rooms = [
        path
        for path in product()
        if named(path).startswith(("api/", "engine/guests/", "engine/people/", "engine/privacy/"))
    ]
    assert [named(path) for path in rooms if ".administrator" in path.read_text("utf-8")] == []


@pytest.mark.parametrize(
    "source",
    [
        "if context.actor.administrator: pass",
        "group in actor.groups",
        "PROCESS_OWNERS in those",
        "actor().groups",
    ],
)
def test_the_search_finds_a_question(source: str) -> None:
    assert questions(source)
