"""What clients ask before anything else, and what this engine has none of."""

from __future__ import annotations

from typing import Any

from api.dto import CountDto, Dto, LinkDto, links
from api.rest.api import REST

#: The version of Camunda 7 whose REST API this is compatible with.
CONTRACT_VERSION = "7.24.0"


class VersionDto(Dto):
    version: str


class EngineDto(Dto):
    name: str


class LinksDto(Dto):
    links: list[LinkDto]


class TelemetryDto(Dto):
    enable_telemetry: bool


@REST.operation("GET", "/version")
def read_version() -> VersionDto:
    """The version of the contract."""
    return VersionDto(version=CONTRACT_VERSION)


@REST.operation("GET", "/engine")
def list_engines() -> list[EngineDto]:
    """The engines there are: one."""
    return [EngineDto(name="default")]


@REST.operation("GET", "/tenant")
def list_tenants() -> list[dict[str, Any]]:
    """There are no tenants."""
    return []


@REST.operation("GET", "/tenant/count")
def count_tenants() -> CountDto:
    """There are no tenants."""
    return CountDto(count=0)


@REST.operation("OPTIONS", "/tenant")
def tenant_options() -> LinksDto:
    """What can be done with tenants: look that there are none."""
    return LinksDto(links=links("/tenant", "list"))


@REST.operation("GET", "/filter")
def list_filters() -> list[dict[str, Any]]:
    """There are no stored filters."""
    return []


@REST.operation("GET", "/filter/count")
def count_filters() -> CountDto:
    """There are no stored filters."""
    return CountDto(count=0)


@REST.operation("OPTIONS", "/filter")
def filter_options() -> LinksDto:
    """What can be done with filters: look that there are none."""
    return LinksDto(links=links("/filter", "list"))


@REST.operation("GET", "/authorization")
def list_authorizations() -> list[dict[str, Any]]:
    """Who may do what follows from groups; there are no single authorizations."""
    return []


@REST.operation("OPTIONS", "/authorization")
def authorization_options() -> LinksDto:
    """What can be done with authorizations: look that there are none."""
    return LinksDto(links=links("/authorization", "list"))


@REST.operation("GET", "/job-definition")
def list_job_definitions() -> list[dict[str, Any]]:
    """Jobs are made from the model; there are no definitions of their own."""
    return []


@REST.operation("GET", "/batch")
def list_batches() -> list[dict[str, Any]]:
    """There are no batches."""
    return []


@REST.operation("GET", "/telemetry/configuration")
def read_telemetry() -> TelemetryDto:
    """Nothing is ever reported anywhere."""
    return TelemetryDto(enable_telemetry=False)
