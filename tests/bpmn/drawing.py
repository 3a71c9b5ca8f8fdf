"""BPMN written by hand, for tests of the reader and the rules."""

from __future__ import annotations

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
