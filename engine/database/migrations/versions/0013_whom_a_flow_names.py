"""Whom a flow names, read out of the files of what is deployed; the user a journey is about; whom a comment is for"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from lxml import etree

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
#: Until now the catalogue said who starts the onboarding; from now on each flow does so itself.
_CATALOGUE = {"onboarding": "hiring-manager,hr"}

Party = tuple[str, str | None, str | None]


def upgrade() -> None:
    table = op.create_table(
        "definition_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.String(length=255), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_definition_party_definition_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_party")),
    )
    op.create_index(op.f("ix_definition_party_definition_id"), "definition_party", ["definition_id"])
    op.add_column("historic_process_instance", sa.Column("subject_user", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_historic_process_instance_subject_user"), "historic_process_instance", ["subject_user"])
    op.add_column("comment", sa.Column("departments", sa.Text(), nullable=True))
    deployed = op.get_bind().execute(
        sa.text(
            "SELECT process_definition.id, process_definition.key, resource.content FROM process_definition "
            "JOIN resource ON resource.deployment_id = process_definition.deployment_id "
            "AND resource.name = process_definition.resource_name"
        )
    )
    rows = [
        {"definition_id": definition_id, "part": part, "user_id": user_id, "group_id": group_id}
        for definition_id, key, content in deployed
        for part, user_id, group_id in sorted(set(_parties(key, bytes(content))), key=str)
    ]
    if rows:
        op.bulk_insert(table, rows)


def _parties(key: str, content: bytes) -> Iterator[Party]:
    # It was read and checked when it was deployed; entities were refused then.
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    camunda = f"{{{_NAMES['camunda']}}}"
    process = root.find(f".//bpmn:process[@id='{key}']", _NAMES)
    if process is None:
        return
    for user_id in _several(process.get(f"{camunda}candidateStarterUsers")):
        yield "starter", user_id[:64], None
    for group_id in _several(process.get(f"{camunda}candidateStarterGroups", _CATALOGUE.get(key))):
        yield "starter", None, group_id[:255]
    for task in process.iterfind(".//bpmn:userTask", _NAMES):
        for group_id in _several(task.get(f"{camunda}candidateGroups")):
            if "{" not in group_id:
                yield "works", None, group_id[:255]
    for lane in process.iterfind(".//bpmn:lane", _NAMES):
        named = lane.find("bpmn:extensionElements/camunda:properties/camunda:property[@name='department']", _NAMES)
        if named is not None:
            yield "works", None, named.get("value", "")[:255]


def _several(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
