"""One file, and each process in it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bpmn.model.events import TimerDefinition
from bpmn.model.nodes import Activity, FlowNode, Lane, Process, Scope, SequenceFlow, StartEvent


class ProcessModel(Struct, frozen=True, eq=False):
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

    def first_start(self, scope: Scope) -> StartEvent | None:
        """Where a token begins that no event brings: at the start event that is plain or waits for a time, or at the
        only one there is. None if there are several and each needs its event."""
        starts = [node for each in scope.start_events if isinstance(node := self.nodes[each], StartEvent)]
        fit = [each for each in starts if each.definition is None or isinstance(each.definition, TimerDefinition)]
        if len(starts) == 1:
            fit = starts
        return next(iter(fit), None)

    def activity(self, activity_id: str) -> Activity:
        found = self.nodes[activity_id]
        if not isinstance(found, Activity):
            raise LookupError(f"{activity_id} is a {found.type}, not an activity")
        return found


class Unresolved(Struct, frozen=True):
    """A reference to a message, signal, error or escalation that the file does not declare."""

    element_id: str
    line: int
    attribute: str
    reference: str


class Unread(Struct, frozen=True):
    """An extension that says what an element does and that we do not run: `camunda:variableMappingClass`."""

    element_id: str
    element_name: str | None
    line: int
    extension: str


class Definitions(Struct, frozen=True, eq=False):
    """One BPMN file. `dialect` is camunda, spiff, zeebe or plain; `source` the bytes it was read from; `repeated_ids`,
    `signals`, `without_id` (kinds of what is declared) and `foreign` (names of elements of no known namespace, outside
    of extensions) come with a line each."""

    source: bytes
    processes: tuple[ProcessModel, ...]
    dialect: str = "plain"
    unresolved: tuple[Unresolved, ...] = ()
    repeated_ids: tuple[tuple[str, int], ...] = ()
    signals: tuple[tuple[str, int], ...] = ()
    unread: tuple[Unread, ...] = ()
    without_id: tuple[tuple[str, int], ...] = ()
    foreign: tuple[tuple[str, int], ...] = ()
