"""How long the finished instances of a process definition are kept."""

from __future__ import annotations

from api.dto import Dto
from api.rest.api import REST, command
from engine import CommandContext, latest_definition, set_retention


class HistoryTimeToLiveDto(Dto):
    """In days; null: as long as the server is set to."""

    history_time_to_live: int | None = None


@REST.operation("PUT", "/process-definition/<id>/history-time-to-live")
def set_history_time_to_live(id: str, body: HistoryTimeToLiveDto) -> None:
    """Sets for how many days the instances of one version are kept after their end."""
    with command() as context:
        set_retention(context, body.history_time_to_live, definition_id=id)


@REST.operation("PUT", "/process-definition/key/<key>/history-time-to-live")
def set_history_time_to_live_by_key(key: str, body: HistoryTimeToLiveDto) -> None:
    """Sets for how many days the instances of the newest version are kept after their end."""
    with command() as context:
        set_retention(context, body.history_time_to_live, definition_id=_newest(context, key))


def _newest(context: CommandContext, key: str) -> str:
    return latest_definition(context, key).id
