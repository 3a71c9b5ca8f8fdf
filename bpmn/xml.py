"""XML from strangers, made harmless: limits are checked by a parser that builds nothing before a tree is built.

The limits were measured: a bare parser takes a million elements and 194 MB without complaint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lxml import etree

from bpmn.problems import Problem, Severity, UnreadableModel

MAX_BYTES = 2_000_000
MAX_DEPTH = 60
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 64
_CHUNK = 65_536
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"


def parse(source: bytes) -> etree._Element:
    """The root element. Raises UnreadableModel with line and remedy for anything that is no harmless XML document."""
    if not source.strip():
        raise refused("empty-file", 1, "The file is empty.", "Choose a file that a BPMN modeler has saved.")
    if len(source) > MAX_BYTES:
        raise refused(
            "file-too-large",
            1,
            f"The file has {len(source):,} bytes; {MAX_BYTES:,} are allowed.",
            "Split the process into several that call each other.",
        )
    try:
        _check_limits(source)
        root = etree.fromstring(source, _safe_parser())
    except etree.XMLSyntaxError as error:
        raise refused(
            "not-xml",
            error.lineno or 1,
            f"This is not well-formed XML: {error.msg}.",
            "Open the diagram in a BPMN modeler and save it again; upload that file.",
        ) from None
    except (LookupError, ValueError) as error:
        raise refused("not-xml", 1, f"This cannot be read as XML: {error}.", "Save the file as UTF-8.") from None
    for element in root.iter():
        if not isinstance(element.tag, str):
            raise refused("entity", line_of(element), "The file uses an entity.", "Write the text out in full.")
    return root


def _safe_parser() -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )


def refused(rule: str, line: int, message: str, remedy: str) -> UnreadableModel:
    """One problem with the file as a whole."""
    return UnreadableModel([Problem(rule, Severity.ERROR, "document", line, message, remedy)])


def line_of(element: etree._Element) -> int:
    """The source line of an element, from 1; 0 where there is none."""
    line: Any = element.sourceline
    return int(line or 0)


class _Limits:
    """A parser target that counts and keeps nothing."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise refused("too-deep", 0, f"Elements are nested more than {MAX_DEPTH} deep.", "Flatten the process.")
        if self.elements > MAX_ELEMENTS:
            raise refused(
                "too-many-elements",
                0,
                f"The file has more than {MAX_ELEMENTS:,} elements.",
                "Split the process into several that call each other.",
            )
        if len(attributes) > MAX_ATTRIBUTES:
            raise refused(
                "too-many-attributes", 0, f"An element has more than {MAX_ATTRIBUTES} attributes.", "Remove some."
            )
        if str(tag).startswith(_XINCLUDE):
            raise refused("xinclude", 0, "The file includes another file.", "Write everything into one file.")

    def end(self, tag: str) -> None:
        self.depth -= 1

    def data(self, data: str) -> None:
        pass

    def comment(self, text: str) -> None:
        pass

    def start_ns(self, prefix: str, uri: str) -> None:
        pass

    def end_ns(self, prefix: str) -> None:
        pass

    def doctype(self, name: str | None, public_id: str | None, system_url: str | None) -> None:
        raise refused("doctype", 0, "The file has a DOCTYPE.", "Remove the DOCTYPE line: BPMN needs none.")

    def pi(self, target: str, data: str | None = None) -> None:
        raise refused(
            "processing-instruction",
            0,
            f"The file has a processing instruction, {target!r}.",
            "Remove the line that begins with <? and is not the XML declaration.",
        )

    def close(self) -> None:
        pass


def _check_limits(source: bytes) -> None:
    found = _first_refusal(source[at : at + _CHUNK] for at in range(0, len(source), _CHUNK))
    if found is None:
        return
    refusal, before = found
    # The target is not told where it is, so the chunk that was refused is fed again line by line.
    with suppress(etree.XMLSyntaxError):
        lines = source[before : before + _CHUNK].splitlines(keepends=True)
        _, before = _first_refusal([source[:before], *lines]) or found
    raise UnreadableModel([replace(refusal.problems[0], line=source.count(b"\n", 0, before) + 1)])


def _first_refusal(pieces: Iterable[bytes]) -> tuple[UnreadableModel, int] | None:
    """What the limits refuse, and how many bytes were fed before that; None if they pass."""
    parser = etree.XMLParser(target=_Limits(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    fed = 0
    try:
        for piece in pieces:
            parser.feed(piece)
            fed += len(piece)
        parser.close()
    except UnreadableModel as refusal:
        return refusal, fed
    return None
