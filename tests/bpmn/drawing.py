"""BPMN written by hand, for tests of the reader and the rules."""

from __future__ import annotations

from typing import TypeVar

from bpmn import Definitions, Element, read

Kind = TypeVar("Kind", bound=Element)

_NAMESPACES = " ".join(
    f'xmlns{prefix}="{uri}"'
    for prefix, uri in (
        ("", "http://www.omg.org/spec/BPMN/20100524/MODEL"),
        (":camunda", "http://camunda.org/schema/1.0/bpmn"),
        (":activiti", "http://activiti.org/bpmn"),
        (":zeebe", "http://camunda.org/schema/zeebe/1.0"),
        (":xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    )
)


def drawn(process: str, *, declared: str = "", attributes: str = 'isExecutable="true"') -> bytes:
    """A file with one process of this content; it begins on line 3. `declared` stands before the process."""
    inside = f"{declared}<process id='process' {attributes}>\n{process}\n</process>"
    return f"<definitions {_NAMESPACES}>\n{inside}</definitions>".encode()


def definitions(process: str, **given: str) -> Definitions:
    return read(drawn(process, **given))


def one(kind: type[Kind], process: str, **given: str) -> Kind:
    """The only node of this kind."""
    (model,) = definitions(process, **given).processes
    (found,) = [node for node in model.nodes.values() if type(node) is kind]
    return found


def extended(inside: str, tag: str = "userTask") -> str:
    return f"<{tag} id='x'><extensionElements>{inside}</extensionElements></{tag}>"
