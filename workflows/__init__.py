"""The ready-made flows, and the catalogue that presents flows as services."""

from workflows.catalogue import CatalogueError, Service, Words, bpmn_source, find_services, load_services
from workflows.demo import DEMO_DEPARTMENTS, DEMO_PEOPLE, DemoDepartment, DemoPerson

__all__ = [
    "DEMO_DEPARTMENTS",
    "DEMO_PEOPLE",
    "CatalogueError",
    "DemoDepartment",
    "DemoPerson",
    "Service",
    "Words",
    "bpmn_source",
    "find_services",
    "load_services",
]
