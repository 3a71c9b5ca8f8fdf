"""What the person is told in the app."""

from __future__ import annotations

from api.authentication import actor, the_engine
from api.dto import Dto, Moment
from api.openapi import Api
from api.origin import origin
from engine import find_notifications, mark_read


class NotificationDto(Dto):
    """`message` by language."""

    id: str
    message: dict[str, str]
    process_instance_id: str | None
    created_at: Moment
    read_at: Moment | None


class NotificationListQuery(Dto):
    unread: bool = True


def register(api: Api) -> None:
    @api.operation("GET", "/notifications")
    def list_notifications(query: NotificationListQuery) -> list[NotificationDto]:
        """Those to the person or to one of their departments, newest first."""
        with the_engine().query(actor()) as context:
            return [
                NotificationDto(
                    id=each.id,
                    message=dict(each.message),
                    process_instance_id=each.process_instance_id,
                    created_at=each.created_at,
                    read_at=each.read_at,
                )
                for each in find_notifications(context, unread=query.unread)
            ]

    @api.operation("POST", "/notifications/<id>/read")
    def read_notification(id: str) -> None:
        """It has been read; one to a department is read for all of it."""
        with the_engine().command(actor(), origin=origin()) as context:
            mark_read(context, id)
