"""How values look on the wire: camel case, Camunda's dates, every documented key present."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


class Dto(BaseModel):
    """Reads and writes camel case; what it does not know it passes over, as Camunda does."""

    model_config = ConfigDict(
        alias_generator=cache(to_camel),
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        # A model's validator is made when it is first used. A process uses a few of some 150, and each takes 2 ms.
        defer_build=True,
    )


def read_moment(value: Any) -> Any:
    """Camunda's `2026-01-01T10:00:00.000+0000`, and what clients send instead: `Z`, `+00:00`, no millis, no offset
    (UTC), a blank where the plus was. ValueError, with the form to use, for anything else."""
    if not isinstance(value, str) or not value.strip():
        return value or None
    text = value.strip()
    if len(text) > 6 and text[-5] == " ":
        text = f"{text[:-5]}+{text[-4:]}"
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"'{value}' is no date: write it as 2026-01-01T10:00:00.000+0000") from None


def write_moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def split_list(value: Any) -> Any:
    """Several values in one query parameter, with commas between them."""
    if isinstance(value, str):
        return [part for part in value.split(",") if part]
    return value


Moment = Annotated[datetime, BeforeValidator(read_moment), PlainSerializer(write_moment)]
Names = Annotated[list[str], BeforeValidator(split_list)]


class CountDto(Dto):
    count: int


class LinkDto(Dto):
    method: str
    href: str
    rel: str


def links(path: str, rel: str = "self") -> list[LinkDto]:
    return [LinkDto(method="GET", href=path, rel=rel)]
