"""A model as a drawing: shapes, flows and words, without what it asks for, decides or runs."""

from __future__ import annotations

from lxml import etree

from bpmn.xml import parse

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
#: What says how an element works, and may name variables.
_WORKINGS = tuple(
    _BPMN + name
    for name in (
        "extensionElements", "conditionExpression", "script", "condition", "completionCondition", "loopCondition",
        "loopCardinality", "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property",
    )
)  # fmt: skip


def drawing(source: bytes) -> bytes:
    """The file with the workings taken out: for people who may see how a journey goes and no more."""
    root = parse(source)
    for element in list(root.iter(*_WORKINGS)):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.startswith(_BPMN):
            for name in [each for each in element.attrib if str(each).startswith("{")]:
                del element.attrib[name]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
