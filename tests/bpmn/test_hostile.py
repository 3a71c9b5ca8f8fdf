"""Files from strangers: each is refused with a problem that says what to do, quickly, and before a tree of it is built.

A bare lxml parser is the control: it takes several of the same documents.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import pytest
from lxml import etree

from bpmn import Problem, UnreadableModel, read
from bpmn.xml import MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, parse

BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE d [<!ENTITY a0 "lol">{entities}]><d>&a9;</d>'.encode()


def blown_up(size: int, times: int) -> bytes:
    return f'<!DOCTYPE d [<!ENTITY a "{"A" * size}">]><d>{"&a;" * times}</d>'.encode()


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "billion laughs": ("doctype", laughs),
    "quadratic blow-up": ("doctype", lambda: blown_up(50_000, 50_000)),
    "small quadratic blow-up": ("doctype", lambda: blown_up(5_000, 1_900)),
    "entity from a file": ("doctype", lambda: b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
    "entity from the net": ("doctype", lambda: b'<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><d>&x;</d>'),
    "external DTD": ("doctype", lambda: b'<!DOCTYPE d SYSTEM "file:///evil.dtd"><d a="1">&fromdtd;</d>'),
    "parameter entity": (
        "doctype",
        lambda: b'<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///evil.dtd"> %p;]><d>&fromdtd;</d>',
    ),
    "XInclude": (
        "xinclude",
        lambda: (
            b'<d xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></d>'
        ),
    ),
    "text of 11 MB": ("file-too-large", lambda: b"<d>" + b"A" * 11_000_000 + b"</d>"),
    "text of 60 MB": ("file-too-large", lambda: b"<d>" + b"A" * 60_000_000 + b"</d>"),
    "255 levels": ("too-deep", lambda: b"<d>" * 255 + b"</d>" * 255),
    "300 levels": ("too-deep", lambda: b"<d>" * 300 + b"</d>" * 300),
    "200,000 levels": ("too-deep", lambda: b"<d>" * 200_000 + b"</d>" * 200_000),
    "1,000,000 elements": ("file-too-large", lambda: b"<d>" + b"<a/>" * 1_000_000 + b"</d>"),
    "400,000 elements": ("too-many-elements", lambda: b"<d>" + b"<a/>" * 400_000 + b"</d>"),
    "100,000 attributes": (
        "too-many-attributes",
        lambda: b"<d " + b" ".join(b'a%d=""' % i for i in range(100_000)) + b"/>",
    ),
    "DOCTYPE in UTF-16": (
        "doctype",
        lambda: (
            '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
        ).encode("utf-16"),
    ),
    "DOCTYPE in UTF-7": ("doctype", lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4APA-d/+AD4-'),
    "style sheet": (
        "processing-instruction",
        lambda: b'<?xml-stylesheet href="http://127.0.0.1:9/s.xsl" type="text/xsl"?><d/>',
    ),
}

NO_MODELS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty-file", lambda: b""),
    "blanks": ("empty-file", lambda: b" \n\t "),
    "a picture": ("not-xml", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40),
    "50 MB of zeros": ("empty-file or file-too-large", lambda: b"\0" * 50_000_000),
    "UTF-16 garbage": ("not-xml", lambda: b"\xff\xfe" + bytes(range(256)) * 100),
    "an unknown encoding": ("not-xml", lambda: b'<?xml version="1.0" encoding="klingon"?><d/>'),
    "text": ("not-xml", lambda: b"Dear sir or madam"),
    "half a file": ("not-xml", lambda: f"<definitions {BPMN}><process id='p'>".encode()),
    "XML of another kind": ("not-bpmn", lambda: b"<html><body/></html>"),
    "BPMN without its namespace": ("not-bpmn", lambda: b"<definitions><process id='p'/></definitions>"),
    "an entity that nothing declares": ("not-xml", lambda: f"<definitions {BPMN}>&x;</definitions>".encode()),
    "BPMN and then something": ("not-xml", lambda: f"<definitions {BPMN}/><definitions {BPMN}/>".encode()),
}


def refusal(source: bytes) -> Problem:
    with pytest.raises(UnreadableModel) as raised:
        read(source)
    (problem,) = raised.value.problems
    return problem


@pytest.mark.parametrize(("rule", "document"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_at_once(rule: str, document: Callable[[], bytes]) -> None:
    source = document()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert refusal(source).rule == rule
    assert time.process_time() - began < 20  # no figure: what does not come to an end
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.parametrize(("rule", "document"), NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_model_is_refused_in_plain_words(rule: str, document: Callable[[], bytes]) -> None:
    problem = refusal(document())
    assert problem.rule in rule.split(" or ")
    assert problem.line >= 1
    assert problem.message
    assert problem.remedy


def test_a_bare_parser_takes_what_is_refused_here() -> None:
    taken = []
    for name, (_, document) in HOSTILE.items():
        try:
            etree.fromstring(document())
        except (etree.XMLSyntaxError, ValueError):
            continue
        taken.append(name)
    assert {"1,000,000 elements", "100,000 attributes", "255 levels", "style sheet", "XInclude"} <= set(taken)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"<d>\n\n<?x y?></d>", 3),
        (b'<?xml version="1.0"?>\n<!DOCTYPE d>\n<d/>', 2),
        (b"<d>" + b"\n" * 100_000 + b"<x/>" * MAX_ELEMENTS + b"</d>", 100_001),
        (b"<d>\n" * 100, MAX_DEPTH + 1),
        (b"<d>\n<e>\n</d>", 3),
    ],
)
def test_a_refusal_says_its_line(source: bytes, line: int) -> None:
    assert refusal(source).line == line


@pytest.mark.parametrize(
    "source",
    [
        b"<d>" * MAX_DEPTH + b"</d>" * MAX_DEPTH,
        b"<d>" + b"<a/>" * (MAX_ELEMENTS - 1) + b"</d>",
        b"<d " + b" ".join(b'a%d=""' % i for i in range(MAX_ATTRIBUTES)) + b"/>",
        b"<d>" + b" " * (MAX_BYTES - 7) + b"</d>",
        b"<d><!-- a comment --></d>",
        "<d>ä</d>".encode("utf-16"),
    ],
    ids=["depth", "elements", "attributes", "bytes", "comment", "UTF-16"],
)
def test_what_is_just_within_the_limits_passes(source: bytes) -> None:
    assert parse(source).tag == "d"
