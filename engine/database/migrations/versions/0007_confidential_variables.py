"""Confidential variables: what deployed models have marked so far is read out of their files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from lxml import etree

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CAMUNDA = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}


def upgrade() -> None:
    table = op.create_table(
        "confidential_variable",
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("department", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("definition_key", "name", "department", name=op.f("pk_confidential_variable")),
    )
    deployed = op.get_bind().execute(
        sa.text(
            "SELECT DISTINCT process_definition.key, resource.content FROM process_definition JOIN resource "
            "ON resource.deployment_id = process_definition.deployment_id "
            "AND resource.name = process_definition.resource_name"
        )
    )
    marks = sorted({mark for key, content in deployed for mark in _marks(key, bytes(content))})
    if marks:
        op.bulk_insert(
            table, [dict(zip(("definition_key", "name", "department"), mark, strict=True)) for mark in marks]
        )


def _marks(key: str, content: bytes) -> list[tuple[str, str, str]]:
    # It was read and checked when it was deployed; entities were refused then.
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    found = []
    for field in root.iterfind(f".//bpmn:process[@id='{key}']//camunda:formField", _CAMUNDA):
        for mark in field.iterfind("camunda:properties/camunda:property[@id='confidential']", _CAMUNDA):
            departments = (part.strip() for part in mark.get("value", "").split(","))
            found += [(key, field.get("id", ""), department) for department in departments if department]
    return found
