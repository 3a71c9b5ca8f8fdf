"""Random block-structured models: whatever is opened is closed, so every way through them comes to the end."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import strategies as st

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://onedoor.example/tests">'
    '<message id="hint" name="hint"/><signal id="alert" name="alert"/><error id="failure" errorCode="E1"/>'
    '<escalation id="late" escalationCode="LATE"/><process id="process" isExecutable="true">'
)
TAIL = "</process></definitions>"

#: A block is its kind and the blocks inside it.
Block = tuple[str, tuple["Block", ...]]

LEAVES = (
    "task", "script", "async", "timer", "sequential", "parallel", "alarm", "reminder", "undone", "booked", "undo",
    "changed", "noticed", "told", "escalate", "tell", "race",
)  # fmt: skip
KINDS = (
    "row", "choice", "fork", "some", "loop", "subprocess", "each", "guarded", "errand", "raised", "watched",
    "overtaken", "accompanied", "rescued", "transaction", "reversible",
)  # fmt: skip

HOURS = "<timerEventDefinition><timeDuration>PT{}H</timeDuration></timerEventDefinition>"
CHANGE = "<conditionalEventDefinition><condition>${{x % {} == 0}}</condition></conditionalEventDefinition>"
HINT = '<messageEventDefinition messageRef="hint"/>'
ALERT = '<signalEventDefinition signalRef="alert"/>'
LATE = '<escalationEventDefinition escalationRef="late"/>'
FAILURE = '<errorEventDefinition errorRef="failure"/>'
UNDO = "<compensateEventDefinition/>"


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

    def scope(self, block: Block, *, end: str = "", start: str = "", interrupting: str = "true") -> None:
        """`start` and `end` are what its start event waits for and its end event throws."""
        begin = self.node("startEvent", f'isInterrupting="{interrupting}"' if start else "", start)
        over = self.node("endEvent", "", end)
        first, last = self.block(block)
        self.flow(begin, first)
        self.flow(last, over)

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
        return self.one("intermediateCatchEvent", "", HOURS.format(1))

    def repeated(self, sequential: str) -> tuple[str, str]:
        inside = "<loopCardinality>${x % 3}</loopCardinality>"
        name = "multiInstanceLoopCharacteristics"
        loop = f'<{name} isSequential="{sequential}">{inside}</{name}>'
        return self.one("userTask", "", loop)

    def sequential(self) -> tuple[str, str]:
        return self.repeated("true")

    def parallel(self) -> tuple[str, str]:
        return self.repeated("false")

    def boundary(self, host: str, interrupting: str, definition: str) -> tuple[str, str]:
        event = self.node("boundaryEvent", f'attachedToRef="{host}" cancelActivity="{interrupting}"', definition)
        if interrupting == "true":
            meet = self.node("exclusiveGateway")
            self.flow(host, meet)
            self.flow(event, meet)
            return host, meet
        self.flow(event, self.node("endEvent"))
        return host, host

    def alarm(self) -> tuple[str, str]:
        return self.boundary(self.node("userTask"), "true", HOURS.format(1))

    def reminder(self) -> tuple[str, str]:
        return self.boundary(self.node("userTask"), "false", HINT)

    def changed(self) -> tuple[str, str]:
        return self.boundary(self.node("userTask"), "true", CHANGE.format(3))

    def noticed(self) -> tuple[str, str]:
        return self.boundary(self.set("x = x + 1"), "false", CHANGE.format(2))

    def told(self) -> tuple[str, str]:
        return self.boundary(self.node("userTask"), "true", ALERT)

    def tell(self) -> tuple[str, str]:
        return self.one("intermediateThrowEvent", "", ALERT)

    def escalate(self) -> tuple[str, str]:
        return self.one("intermediateThrowEvent", "", LATE)

    def booked(self) -> tuple[str, str]:
        task, handler = self.node("userTask"), self.node("userTask", 'isForCompensation="true"')
        self.handled(task, handler)
        return task, task

    def handled(self, host: str, handler: str) -> None:
        event = self.node("boundaryEvent", f'attachedToRef="{host}"', UNDO)
        self.parts.append(f'<association id="a{next(self.ids)}" sourceRef="{event}" targetRef="{handler}"/>')

    def undo(self) -> tuple[str, str]:
        return self.one("intermediateThrowEvent", "", UNDO)

    def undone(self) -> tuple[str, str]:
        task, _ = self.booked()
        throw, _ = self.undo()
        self.flow(task, throw)
        return task, throw

    def race(self) -> tuple[str, str]:
        """Waits for a time, a message or a condition, whichever comes first."""
        gateway, meet = self.node("eventBasedGateway"), self.node("exclusiveGateway")
        for definition in (HOURS.format(1), HINT, CHANGE.format(5)):
            event = self.node("intermediateCatchEvent", "", definition)
            self.flow(gateway, event)
            self.flow(event, meet)
        return gateway, meet

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

    def around(self, head: str, *inside: Block, kind: str = "subProcess", attributes: str = "", last: str = "") -> str:
        """`head` stands at the top of it; `last` is what its end event throws."""
        name = f"{kind}{next(self.ids)}"
        self.parts.append(f'<{kind} id="{name}" {attributes}>{head}')
        self.scope(("row", inside), end=last)
        self.parts.append(f"</{kind}>")
        return name

    def subprocess(self, *inside: Block) -> tuple[str, str]:
        name = self.around("", *inside)
        return name, name

    def each(self, *inside: Block) -> tuple[str, str]:
        name = "multiInstanceLoopCharacteristics"
        whole = self.around(f"<{name}><loopCardinality>${{x % 3}}</loopCardinality></{name}>", *inside)
        return whole, whole

    def guarded(self, *inside: Block) -> tuple[str, str]:
        """A subprocess that a timer interrupts."""
        return self.boundary(self.around("", *inside), "true", HOURS.format(2))

    def errand(self, *inside: Block) -> tuple[str, str]:
        """A subprocess whose end is an error that its boundary catches."""
        name = self.around("", *inside, last=FAILURE)
        return name, self.node("boundaryEvent", f'attachedToRef="{name}"', FAILURE)

    def raised(self, *inside: Block) -> tuple[str, str]:
        """A subprocess that the first escalation from within interrupts."""
        return self.boundary(self.around("", *inside, last=LATE), "true", LATE)

    def watched(self, *inside: Block) -> tuple[str, str]:
        """A subprocess whose escalations are noted beside it."""
        return self.boundary(self.around("", *inside, last=LATE), "false", LATE)

    def with_event(self, definition: str, interrupting: str, *inside: Block, last: str = "") -> tuple[str, str]:
        """A subprocess with an event subprocess that does the first of what is inside; the others are its own work."""
        name = f"subProcess{next(self.ids)}"
        self.parts.append(f'<subProcess id="{name}">')
        self.scope(("row", inside[1:] or (("task", ()),)), end=last)
        self.parts.append(f'<subProcess id="subProcess{next(self.ids)}" triggeredByEvent="true">')
        self.scope(inside[0], start=definition, interrupting=interrupting)
        self.parts.append("</subProcess></subProcess>")
        return name, name

    def overtaken(self, *inside: Block) -> tuple[str, str]:
        return self.with_event(HINT, "true", *inside)

    def accompanied(self, *inside: Block) -> tuple[str, str]:
        return self.with_event(LATE, "false", *inside)

    def rescued(self, *inside: Block) -> tuple[str, str]:
        return self.with_event(FAILURE, "true", *inside, last=FAILURE)

    def reversible(self, *inside: Block) -> tuple[str, str]:
        """A subprocess that undoes itself by its first block, and is undone after it."""
        name, _ = self.with_event(UNDO, "true", *inside)
        throw, _ = self.undo()
        self.flow(name, throw)
        return name, throw

    def transaction(self, *inside: Block) -> tuple[str, str]:
        """A transaction that always cancels."""
        name = self.around("", *inside, kind="transaction", last="<cancelEventDefinition/>")
        return name, self.node("boundaryEvent", f'attachedToRef="{name}"', "<cancelEventDefinition/>")


setattr(Writer, "async", Writer.async_)
