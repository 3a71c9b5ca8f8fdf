"""BPMN 2.0 XML to `Definitions`: one reader for every dialect."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.model import Definitions, Unread
from bpmn.reader.names import BPMN, DIAGRAM, EXTENSIONS, SPIFF, ZEEBE, Element, children, described, identifier, local
from bpmn.reader.process import read_process
from bpmn.reader.references import References
from bpmn.reader.spiff import SpiffDialect
from bpmn.reader.spiff import unread as unread_of_spiff
from bpmn.xml import line_of, parse, refused

__all__ = ["read"]

#: `camunda:` attributes that say what is done and that we do not run: files of scripts, mappings in Java, cases.
_UNREAD = frozenset({"resource", "variableMappingClass", "variableMappingDelegateExpression", "caseRef"})

#: The namespaces of what may stand right inside a BPMN element.
_KNOWN = (BPMN, DIAGRAM, *EXTENSIONS)


def read(source: bytes) -> Definitions:
    """What a BPMN file means. Raises UnreadableModel where it is no BPMN at all; `check` says what is merely wrong."""
    root = parse(source)
    if root.tag != BPMN + "definitions":
        raise refused(
            "not-bpmn",
            line_of(root),
            f"This is XML but no BPMN 2.0: its root is {str(root.tag).rpartition('}')[2]!r}.",
            "Save the diagram as BPMN 2.0 XML in your modeler; the root of such a file is <definitions>.",
        )
    references = References(root)
    drawn = frozenset(each.get("bpmnElement") or "" for each in root.iter(DIAGRAM + "BPMNShape"))
    pools = {
        participant.get("processRef") or "": participant.get("name")
        for collaboration in children(root, "collaboration")
        for participant in children(collaboration, "participant")
    }
    dialect = dialect_of(root)
    spiff = SpiffDialect(root) if dialect == "spiff" else None
    processes = tuple(
        read_process(element, references, drawn, pools.get(element.get("id") or ""), dialect, spiff)
        for element in children(root, "process")
    )
    return Definitions(
        source=source,
        processes=processes,
        dialect=dialect,
        unresolved=tuple(references.unresolved),
        repeated_ids=_repeated(root),
        signals=tuple((each.get("name") or "", line_of(each)) for each in references.declared("signal")),
        without_id=references.without_id,
        foreign=tuple(_foreign(root)),
        unread=(*_unread(root), *(unread_of_spiff(root) if spiff is not None else ())),
    )


def dialect_of(root: Element) -> str:
    """Whose extensions the file uses: camunda, spiff, zeebe, or plain BPMN."""
    used: set[str] = set()
    for element in root.iter():
        used.add(str(element.tag).partition("}")[0] + "}")
        used.update(str(name).partition("}")[0] + "}" for name in element.attrib if str(name).startswith("{"))
    for namespace, dialect in ((ZEEBE, "zeebe"), (SPIFF, "spiff"), *((each, "camunda") for each in EXTENSIONS)):
        if namespace in used:
            return dialect
    return "plain"


def _foreign(root: Element) -> Iterator[tuple[str, int]]:
    """What stands among BPMN elements and is neither of BPMN, nor a diagram, nor an extension that we read."""
    for holder in root.iter(BPMN + "*"):
        if local(holder) != "extensionElements":
            for element in holder:
                if not str(element.tag).startswith(_KNOWN):
                    yield str(element.tag), line_of(element)


def _unread(root: Element) -> Iterator[Unread]:
    for element in root.iter():
        for name in element.attrib:
            namespace, _, plain = str(name).rpartition("}")
            ours = namespace + "}" in EXTENSIONS or (not namespace and str(element.tag).startswith(EXTENSIONS))
            if ours and plain in _UNREAD:
                holder = described(element)
                yield Unread(identifier(holder), holder.get("name"), line_of(element), f"camunda:{plain}")


def _repeated(root: Element) -> tuple[tuple[str, int], ...]:
    """Ids that stand on more than one element, with the line of the second."""
    seen: set[str] = set()
    found: list[tuple[str, int]] = []
    for element in root.iter():
        name = element.get("id") if str(element.tag).startswith(BPMN) else None
        if name is not None and name in seen:
            found.append((name, line_of(element)))
        elif name is not None:
            seen.add(name)
    return tuple(found)
