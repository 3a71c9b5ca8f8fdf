"""What a journey knows: its own variables, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from engine.context import CommandContext
from engine.database.tables import historic_variable_instance
from engine.policy.confidentiality import revealed

_variable = historic_variable_instance.c


def root_values(
    context: CommandContext, journey_id: str, names: Sequence[str], *, revealed_only: bool = False
) -> dict[str, Any]:
    """The values of these variables, those that there are; `revealed_only`: and that the actor may know."""
    statement = select(_variable.name, _variable.value).where(
        _variable.process_instance_id == journey_id, _variable.scope == 0, _variable.name.in_(list(names))
    )
    if revealed_only:
        statement = statement.where(revealed(context, _variable.process_instance_id, _variable.name))
    return {row.name: msgspec.json.decode(row.value) for row in context.connection.execute(statement)}
