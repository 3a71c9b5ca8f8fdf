"""What a file declares once and its events refer to: messages, signals, errors, escalations."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.model import Unresolved
from bpmn.reader.names import BPMN, Element, extension, local, text_of
from bpmn.xml import line_of

_DECLARED = {"message", "signal", "error", "escalation"}


class References:
    """Looks declarations up by id and remembers the references that lead nowhere."""

    def __init__(self, definitions: Element) -> None:
        self._declared: Mapping[str, Element] = {
            each.get("id") or "": each
            for each in definitions
            if str(each.tag).startswith(BPMN) and local(each) in _DECLARED
        }
        self._event_definitions: Mapping[str, Element] = {
            each.get("id") or "": each
            for each in definitions
            if str(each.tag).startswith(BPMN) and local(each).endswith("EventDefinition")
        }
        #: what is declared without an id, by kind; a message may be
        self.without_id = tuple(
            (local(each), line_of(each))
            for each in definitions
            if str(each.tag).startswith(BPMN) and local(each) in _DECLARED - {"message"} and not each.get("id")
        )
        self.unresolved: list[Unresolved] = []

    def find(self, holder_id: str, element: Element, attribute: str, *, required: bool = True) -> Element | None:
        """The declaration that `attribute` of `element` names; None if it names none, or none that exists. What is
        `required` and does not exist is remembered."""
        reference = element.get(attribute)
        if reference is None:
            return None
        found = self._declared.get(reference)
        if found is None:
            found = self._declared.get(reference.rpartition(":")[2])
        if found is None and required:
            self.unresolved.append(Unresolved(holder_id, line_of(element), attribute, reference))
        return found

    def event_definition(self, holder_id: str, element: Element) -> Element | None:
        """The event definition at the top of the file that an `eventDefinitionRef` names."""
        reference = text_of(element)
        for name in (reference, reference.rpartition(":")[2]):
            if name in self._event_definitions:
                return self._event_definitions[name]
        self.unresolved.append(Unresolved(holder_id, line_of(element), "eventDefinitionRef", reference))
        return None

    def declared(self, kind: str) -> list[Element]:
        return [each for each in self._declared.values() if local(each) == kind]


def error_message(error: Element) -> str | None:
    """`camunda:errorMessage` of an error."""
    return extension(error, "errorMessage")
