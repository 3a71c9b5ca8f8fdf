"""`/api/v1`: what the Camunda 7 REST API lacks."""

from __future__ import annotations

from functools import lru_cache

from api.errors import ProblemDto
from api.openapi import Api
from api.v1 import (
    api_tokens,
    checks,
    failures,
    invitations,
    journeys,
    notifications,
    operations,
    privacy,
    services,
    test_clock,
)
from api.version import VERSION

__all__ = ["V1"]


@lru_cache(maxsize=2)
def V1(*, test_clock: bool) -> Api:  # noqa: N802  (it stands for the one API object, of which there are two shapes)
    """The operations; those of the test clock exist only where the clock is one."""
    api = Api(
        title="Onedoor API",
        version=VERSION,
        description="Services, journeys, checks and what people see of them.",
        error=ProblemDto,
    )
    for room in (services, journeys, invitations, checks, notifications, failures, api_tokens, privacy, operations):
        room.register(api)
    if test_clock:
        register_clock(api)
    return api


register_clock = test_clock.register
