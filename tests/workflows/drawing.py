"""A BPMN file as the pure XML it is: its graph, its texts, and where everything stands in the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
#: The width of one letter of a label, about.
LETTER = 6.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def contains(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def has_on_its_edge(self, point: Point) -> bool:
        x, y = point
        across = self.x <= x <= self.right and y in (self.y, self.bottom)
        return across or (self.y <= y <= self.bottom and x in (self.x, self.right))

    def is_crossed_by(self, start: Point, end: Point) -> bool:
        """Whether a level or upright line goes through its inside."""
        (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        return left < self.right and right > self.x and top < self.bottom and bottom > self.y


class Drawing:
    def __init__(self, path: Path) -> None:
        self.root = ElementTree.parse(path).getroot()
        (self.process,) = self.root.findall("bpmn:process", SPACES)
        (self.pool,) = self.root.findall("bpmn:collaboration/bpmn:participant", SPACES)
        self.flows = self.process.findall("bpmn:sequenceFlow", SPACES)
        self.lanes = self.process.findall("bpmn:laneSet/bpmn:lane", SPACES)
        self.nodes: dict[str, Element] = {
            each.attrib["id"]: each
            for each in self.process
            if "id" in each.attrib and kind(each) not in ("laneSet", "sequenceFlow")
        }
        shapes = self.root.findall(".//bpmndi:BPMNShape", SPACES)
        self.boxes = {each.attrib["bpmnElement"]: _box(each) for each in shapes}
        self.labels = {
            each.attrib["bpmnElement"]: _box(label)
            for each in self.root.findall(".//bpmndi:BPMNPlane/*", SPACES)
            for label in each.findall("bpmndi:BPMNLabel", SPACES)
        }
        self.lines: dict[str, list[Point]] = {
            edge.attrib["bpmnElement"]: [
                (float(point.attrib["x"]), float(point.attrib["y"])) for point in edge.findall("di:waypoint", SPACES)
            ]
            for edge in self.root.findall(".//bpmndi:BPMNEdge", SPACES)
        }

    @property
    def user_tasks(self) -> list[Element]:
        return self.of_kind("userTask")

    def of_kind(self, wanted: str) -> list[Element]:
        return [each for each in self.nodes.values() if kind(each) == wanted]

    def elements_for_people(self) -> Iterator[Element]:
        """All that a reader of the drawing sees a name of."""
        yield self.process
        yield from self.lanes
        yield from (each for each in (*self.nodes.values(), *self.flows) if each.get("name"))

    def lane_of(self, node_id: str) -> Element:
        (found,) = [
            lane for lane in self.lanes if node_id in {ref.text for ref in lane.findall("bpmn:flowNodeRef", SPACES)}
        ]
        return found

    def next_user_tasks(self, node_id: str) -> set[str]:
        """The ids of the user tasks that come next, by any path."""
        found: set[str] = set()
        seen: set[str] = set()
        going = [node_id]
        while going:
            here = going.pop()
            for flow in self.flows:
                target = flow.attrib["targetRef"]
                if flow.attrib["sourceRef"] != here or target in seen:
                    continue
                seen.add(target)
                if kind(self.nodes[target]) == "userTask":
                    found.add(target)
                else:
                    going.append(target)
        return found

    def segments(self, flow_id: str) -> list[tuple[Point, Point]]:
        return list(pairwise(self.lines[flow_id]))


def kind(element: Element) -> str:
    return element.tag.partition("}")[2]


def properties(element: Element) -> dict[str, str]:
    found = element.findall("bpmn:extensionElements/camunda:properties/camunda:property", SPACES)
    return {each.attrib["name"]: each.attrib["value"] for each in found}


def fields(element: Element) -> list[Element]:
    return element.findall("bpmn:extensionElements/camunda:formData/camunda:formField", SPACES)


def field_properties(field: Element) -> dict[str, str]:
    found = field.findall("camunda:properties/camunda:property", SPACES)
    return {each.attrib["id"]: each.attrib["value"] for each in found}


def inputs(element: Element) -> dict[str, str]:
    found = element.findall("bpmn:extensionElements/camunda:inputOutput/camunda:inputParameter", SPACES)
    return {each.attrib["name"]: each.text or "" for each in found}


def due_offsets(element: Element) -> set[int]:
    """The working days around the first day that its due date may name."""
    return {int(each) for each in re.findall(r"workday\(firstDay, (-?\d+)", element.attrib[CAMUNDA + "dueDate"])}


def _box(element: Element) -> Box:
    bounds = element.find("dc:Bounds", SPACES)
    assert bounds is not None
    return Box(*(float(bounds.attrib[each]) for each in ("x", "y", "width", "height")))
