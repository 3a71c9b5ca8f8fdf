"""What a file drawn for Camunda 8 says beside BPMN: read only to tell, element by element, what to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpmn.reader.names import ZEEBE, described, identifier
from bpmn.xml import line_of, parse

#: What is told by what it stands in or by what stands in it, and what modelers note for themselves.
_UNTOLD = frozenset(
    "zeebe:" + name
    for name in ("header", "property", "ioMapping", "modelerTemplate", "modelerTemplateIcon", "modelerTemplateVersion")
)


@dataclass(frozen=True, slots=True)
class ZeebeExtension:
    """`name` is `zeebe:taskDefinition` and the like; the element is the BPMN element it describes."""

    name: str
    line: int
    element_id: str
    element_name: str | None


def zeebe_extensions(source: bytes) -> Iterator[ZeebeExtension]:
    """Each kind of extension once an element, in document order. Raises UnreadableModel as `read` does."""
    seen: set[tuple[str, str]] = set()
    for element in parse(source).iter():
        names = [str(name) for name in element.attrib if str(name).startswith(ZEEBE)]
        if str(element.tag).startswith(ZEEBE):
            names = [str(element.tag)]
        for name in names:
            holder = described(element)
            told = "zeebe:" + name.removeprefix(ZEEBE)
            if told not in _UNTOLD and (identifier(holder), told) not in seen:
                seen.add((identifier(holder), told))
                yield ZeebeExtension(told, line_of(element), identifier(holder), holder.get("name"))
