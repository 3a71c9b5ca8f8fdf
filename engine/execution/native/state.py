"""The whole state of one instance: one compact JSON document. Nothing here is history: what has ended is gone.

One kind of thing carries the tokens: the activity. A token that waits in a task, at a join, at an event is an
activity without children; a subprocess, a multi-instance body, a compensating throw event are activities with
children. Their tree is what `GET /process-instance/{id}/activity-instances` shows. Field names are short in the
document, because every completion reads and writes all of it.

`FORMAT` counts the versions of this document. A change that old documents do not decode into by their defaults alone
gets a new number and a function in `load` that brings the old one up to date."""

from __future__ import annotations

from typing import Any

import msgspec

FORMAT = 1
ROOT = 0
NO_PARENT = -1

# Roles of an activity; most have none.
BODY = "body"
ITERATION = "turn"
REOPENED = "undo"  # a completed scope that came back to be compensated
REOPENED_BODY = "undobody"  # a completed multi-instance body that came back so

#: Roles around the turns of a multi-instance or a loop: their element is that of their children.
SHELLS = (BODY, REOPENED_BODY)
#: Roles in which an activity says nothing at its end, maps nothing out and is not remembered for its handler.
SILENT = (*SHELLS, REOPENED)

# Phases of an activity; most are simply under way.
ARRIVED = "new"  # stands on its node, has not begun
BEFORE = "before"  # waits for its asynchronous continuation before it begins
AFTER = "after"  # has ended, waits for its asynchronous continuation
JOINING = "join"


class Loop(msgspec.Struct, omit_defaults=True, gc=False, rename={"total": "t", "done": "d"}):
    """How far a multi-instance body or a standard loop is."""

    total: int
    done: int = 0


class Activity(
    msgspec.Struct,
    omit_defaults=True,
    eq=False,
    gc=False,
    rename={
        "number": "n", "element": "e", "parent": "p", "role": "r", "phase": "f", "variables": "v", "entry": "s",
        "called": "c", "loop": "l", "counter": "i", "undoes": "u", "turn": "t",
    },
):  # fmt: skip
    """`entry` is the start event that opened a scope, or (phase AFTER) the flow to take; `called` the instance that a
    call activity waits for; `counter` the turn of an iteration; `undoes` the activity (a throwing event, a reopened
    scope) on whose behalf it compensates, and which waits for it; `turn` how many of an ad-hoc subprocess's
    activities have begun."""

    number: int
    element: str
    parent: int = NO_PARENT
    role: str = ""
    phase: str = ""
    variables: dict[str, Any] = {}
    entry: str | None = None
    called: str | None = None
    loop: Loop | None = None
    counter: int | None = None
    undoes: int | None = None
    turn: int | None = None


class Subscription(
    msgspec.Struct,
    omit_defaults=True,
    eq=False,
    gc=False,
    rename={"number": "n", "owner": "o", "kind": "k", "element": "e", "name": "m"},
):
    """`owner` is the activity whose end ends the subscription; `element` the node that catches."""

    number: int
    owner: int
    kind: str
    element: str
    name: str | None = None


class Job(
    msgspec.Struct,
    omit_defaults=True,
    eq=False,
    gc=False,
    rename={
        "number": "n", "owner": "o", "element": "e", "cycle": "c", "repeats": "r", "event": "s", "variables": "v",
        "listener": "l",
    },
):  # fmt: skip
    """A timer or a continuation. When it is due and how often it failed stands in the engine's row, not here. `cycle`
    is what comes after it fired, `repeats` how often it still fires (None: for ever). `event` is the subscription to
    which a signal thrown asynchronously brings `variables`; `listener` tells which timeout listener of a user task is
    meant."""

    number: int
    owner: int
    element: str
    cycle: str | None = None
    repeats: int | None = None
    event: int | None = None
    variables: dict[str, Any] = {}
    listener: int | None = None


class Compensation(
    msgspec.Struct,
    omit_defaults=True,
    eq=False,
    gc=False,
    rename={
        "number": "n", "owner": "o", "element": "e", "handler": "h", "variables": "v", "subscription": "s", "body": "b",
    },
):  # fmt: skip
    """A completed activity that can be undone: by its `handler`, or, without one, by reopening it. One to be reopened
    keeps the number of its activity: what completed inside is owned by that number, and so found again. `body`: it was
    the body of a multi-instance."""

    number: int
    owner: int
    element: str
    handler: str | None = None
    variables: dict[str, Any] = {}
    subscription: int = 0
    body: bool = False


class Incident(
    msgspec.Struct, omit_defaults=True, eq=False, gc=False, rename={"number": "n", "owner": "o", "about": "a"}
):
    """`about` is the number of the job or external task that failed."""

    number: int
    owner: int
    about: int | None = None


class InstanceState(
    msgspec.Struct,
    omit_defaults=True,
    eq=False,
    gc=False,
    rename={
        "format": "format", "last": "n", "activities": "a", "subscriptions": "s", "jobs": "j", "compensations": "c",
        "incidents": "x", "correlations": "k",
    },
):  # fmt: skip
    """`format` is written always and first; `last` is the highest number given so far; `correlations` is what messages
    have shown the instance to be about, key -> property -> value (SpiffWorkflow's dialect)."""

    format: int
    last: int = 0
    activities: list[Activity] = []
    subscriptions: list[Subscription] = []
    jobs: list[Job] = []
    compensations: list[Compensation] = []
    incidents: list[Incident] = []
    correlations: dict[str, dict[str, Any]] = {}


class UnknownFormat(Exception):
    """The state was written by a later release than this one."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(InstanceState)


def dump(state: InstanceState) -> bytes:
    return _encoder.encode(state)


def load(document: bytes) -> InstanceState:
    """UnknownFormat for one that a later release wrote."""
    state = _decoder.decode(document)
    if state.format > FORMAT:
        raise UnknownFormat(f"This instance was saved in format {state.format}; this release knows up to {FORMAT}.")
    return state
