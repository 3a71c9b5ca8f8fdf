"""Random block-structured models: whatever is opened is closed, so every way through them comes to the end."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import strategies as st

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://onedoor.example/tests">'
    '<message id="hint" name="hint"/><error id="failure" errorCode="E1"/><process id="process" isExecutable="true">'
)
TAIL = "</process></definitions>"

#: A block is its kind and the blocks inside it.
Block = tuple[str, tuple["Block", ...]]

LEAVES = ("task", "script", "async", "timer", "sequential", "parallel", "alarm", "reminder", "undone")
KINDS = ("row", "choice", "fork", "some", "loop", "subprocess", "each", "guarded", "errand")


def blocks() -> st.SearchStrategy[Block]:
    leaf = st.sampled_from(LEAVES).map(lambda kind: (kind, ()))

    def around(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        return st.tuples(st.sampled_from(KINDS), st.lists(inner, min_size=1, max_size=3).map(tuple))

    return st.recursive(leaf, around, max_leaves=8)


@dataclass
class Writer:
    """Writes blocks as BPMN. Each gets one node where it begins and one where it ends."""

    parts: list[str] = field(default_factory=list)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def model(self, block: Block) -> bytes:
        self.scope(block)
        return (HEAD + "".join(self.parts) + TAIL).encode()

    def scope(self, block: Block) -> None:
        start, end = self.node("startEvent"), self.node("endEvent")
        first, last = self.block(block)
        self.flow(start, first)
        self.flow(last, end)

    def node(self, kind: str, attributes: str = "", inside: str = "") -> str:
        name = f"{kind}{next(self.ids)}"
        self.parts.append(f'<{kind} id="{name}" {attributes}>{inside}</{kind}>')
        return name

    def flow(self, source: str, target: str, condition: str = "") -> str:
        name = f"flow{next(self.ids)}"
        inside = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>'
        self.parts.append(
            f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">'
            f"{inside if condition else ''}</sequenceFlow>"
        )
        return name

    def block(self, block: Block) -> tuple[str, str]:
        kind, inside = block
        ends: tuple[str, str] = getattr(self, kind)(*inside)
        return ends

    # ------------------------------------------------------------ leaves

    def one(self, kind: str, attributes: str = "", inside: str = "") -> tuple[str, str]:
        name = self.node(kind, attributes, inside)
        return name, name

    def task(self) -> tuple[str, str]:
        return self.one("userTask")

    def script(self) -> tuple[str, str]:
        name = self.set("x = x + 1")
        return name, name

    def set(self, script: str) -> str:
        return self.node("scriptTask", 'scriptFormat="python"', f"<script>{script}</script>")

    def async_(self) -> tuple[str, str]:
        return self.one("task", 'camunda:asyncBefore="true" camunda:asyncAfter="true"')

    def timer(self) -> tuple[str, str]:
        inside = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
        return self.one("intermediateCatchEvent", "", inside)

    def repeated(self, sequential: str) -> tuple[str, str]:
        inside = "<loopCardinality>${x % 3}</loopCardinality>"
        name = "multiInstanceLoopCharacteristics"
        loop = f'<{name} isSequential="{sequential}">{inside}</{name}>'
        return self.one("userTask", "", loop)

    def sequential(self) -> tuple[str, str]:
        return self.repeated("true")

    def parallel(self) -> tuple[str, str]:
        return self.repeated("false")

    def boundary(self, interrupting: str, definition: str) -> tuple[str, str]:
        task = self.node("userTask")
        event = self.node("boundaryEvent", f'attachedToRef="{task}" cancelActivity="{interrupting}"', definition)
        if interrupting == "true":
            meet = self.node("exclusiveGateway")
            self.flow(task, meet)
            self.flow(event, meet)
            return task, meet
        self.flow(event, self.node("endEvent"))
        return task, task

    def alarm(self) -> tuple[str, str]:
        return self.boundary("true", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>")

    def reminder(self) -> tuple[str, str]:
        return self.boundary("false", '<messageEventDefinition messageRef="hint"/>')

    def undone(self) -> tuple[str, str]:
        task, handler = self.node("userTask"), self.node("userTask", 'isForCompensation="true"')
        event = self.node("boundaryEvent", f'attachedToRef="{task}"', "<compensateEventDefinition/>")
        self.parts.append(f'<association id="a{next(self.ids)}" sourceRef="{event}" targetRef="{handler}"/>')
        throw = self.node("intermediateThrowEvent", "", "<compensateEventDefinition/>")
        self.flow(task, throw)
        return task, throw

    # ------------------------------------------------------------ blocks around others

    def row(self, *inside: Block) -> tuple[str, str]:
        ends = [self.block(each) for each in inside]
        for (_, last), (first, _) in itertools.pairwise(ends):
            self.flow(last, first)
        return ends[0][0], ends[-1][1]

    def between(self, kind: str, conditions: tuple[str, ...], *inside: Block) -> tuple[str, str]:
        fork = f"{kind}{next(self.ids)}"
        meet = self.node(kind)
        for number, each in enumerate(inside):
            first, last = self.block(each)
            taken = self.flow(fork, first, conditions[number] if number else "")
            self.flow(last, meet)
            if number == 0:
                default = f'default="{taken}"' if conditions[0] else ""
                self.parts.append(f'<{kind} id="{fork}" {default}/>')
        return fork, meet

    def choice(self, *inside: Block) -> tuple[str, str]:
        return self.between("exclusiveGateway", ("default", "${x % 2 == 0}", "${x % 3 == 0}"), *inside)

    def fork(self, *inside: Block) -> tuple[str, str]:
        return self.between("parallelGateway", ("", "", ""), *inside)

    def some(self, *inside: Block) -> tuple[str, str]:
        return self.between("inclusiveGateway", ("default", "${x % 2 == 0}", "${x % 3 == 0}"), *inside)

    def loop(self, *inside: Block) -> tuple[str, str]:
        turns = f"turns{next(self.ids)}"
        begin, again = self.set(f"{turns} = 0"), self.node("exclusiveGateway")
        count = self.set(f"{turns} = {turns} + 1")
        first, last = self.row(*inside)
        more = f"exclusiveGateway{next(self.ids)}"
        self.flow(begin, again)
        self.flow(again, first)
        self.flow(last, count)
        self.flow(count, more)
        self.flow(more, again, f"${{{turns} &lt; 2}}")
        after = self.node("task")
        leaving = self.flow(more, after)
        self.parts.append(f'<exclusiveGateway id="{more}" default="{leaving}"/>')
        return begin, after

    def around(self, head: str, *inside: Block) -> tuple[str, str]:
        name = f"subProcess{next(self.ids)}"
        self.parts.append(f'<subProcess id="{name}">{head}')
        self.scope(("row", inside))
        self.parts.append("</subProcess>")
        return name, name

    def subprocess(self, *inside: Block) -> tuple[str, str]:
        return self.around("", *inside)

    def each(self, *inside: Block) -> tuple[str, str]:
        name = "multiInstanceLoopCharacteristics"
        return self.around(f"<{name}><loopCardinality>${{x % 3}}</loopCardinality></{name}>", *inside)

    def guarded(self, *inside: Block) -> tuple[str, str]:
        """A subprocess that a timer interrupts."""
        name, _ = self.around("", *inside)
        definition = "<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition>"
        event, meet = self.node("boundaryEvent", f'attachedToRef="{name}"', definition), self.node("exclusiveGateway")
        self.flow(name, meet)
        self.flow(event, meet)
        return name, meet

    def errand(self, *inside: Block) -> tuple[str, str]:
        """A subprocess whose end is an error that its boundary catches."""
        name = f"subProcess{next(self.ids)}"
        self.parts.append(f'<subProcess id="{name}">')
        start, end = self.node("startEvent"), self.node("endEvent", "", '<errorEventDefinition errorRef="failure"/>')
        first, last = self.row(*inside)
        self.flow(start, first)
        self.flow(last, end)
        self.parts.append("</subProcess>")
        event = self.node("boundaryEvent", f'attachedToRef="{name}"', '<errorEventDefinition errorRef="failure"/>')
        return name, event


setattr(Writer, "async", Writer.async_)
