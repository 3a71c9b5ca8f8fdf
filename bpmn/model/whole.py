"""One file, and each process in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn.model.nodes import Activity, FlowNode, Lane, Process, Scope, SequenceFlow


@dataclass(frozen=True, eq=False)
class ProcessModel:
    """One process, equal only to itself, so that what is worked out from it can be kept beside it. `nodes` holds the
    process itself and everything inside, subprocesses included, in document order; `dialect` is that of its file."""

    process: Process
    nodes: Mapping[str, FlowNode]
    flows: Mapping[str, SequenceFlow]
    lanes: tuple[Lane, ...] = ()
    has_diagram: bool = False
    dialect: str = "plain"

    @property
    def key(self) -> str:
        return self.process.id

    def scope(self, scope_id: str) -> Scope:
        """The process or subprocess of this id; LookupError if the id is that of something else."""
        found = self.nodes[scope_id]
        if not isinstance(found, Scope):
            raise LookupError(f"{scope_id} is a {found.type}, not a scope")
        return found

    def activity(self, activity_id: str) -> Activity:
        found = self.nodes[activity_id]
        if not isinstance(found, Activity):
            raise LookupError(f"{activity_id} is a {found.type}, not an activity")
        return found


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference to a message, signal, error or escalation that the file does not declare."""

    element_id: str
    line: int
    attribute: str
    reference: str


@dataclass(frozen=True, slots=True)
class Unread:
    """An extension that says what an element does and that we do not run: `camunda:variableMappingClass`."""

    element_id: str
    element_name: str | None
    line: int
    extension: str


@dataclass(frozen=True, eq=False)
class Definitions:
    """One BPMN file. `dialect` is camunda, spiff, zeebe or plain; `source` the bytes it was read from; `repeated_ids`,
    `signals` and `foreign` (names of elements of no known namespace, outside of extensions) come with a line each."""

    source: bytes
    processes: tuple[ProcessModel, ...]
    dialect: str = "plain"
    unresolved: tuple[Unresolved, ...] = ()
    repeated_ids: tuple[tuple[str, int], ...] = ()
    signals: tuple[tuple[str, int], ...] = ()
    unread: tuple[Unread, ...] = ()
    foreign: tuple[tuple[str, int], ...] = ()
