"""The processes that are measured, and their files."""

from __future__ import annotations

import itertools

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'
)


def _file(key: str, body: str) -> bytes:
    return f'{_HEAD}<process id="{key}" isExecutable="true">{body}</process></definitions>'.encode()


def _flow(*ids: str) -> str:
    return "".join(
        f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in itertools.pairwise(ids)
    )


def _task(id: str) -> str:
    return f'<userTask id="{id}" name="{id}" camunda:candidateGroups="hr"/>'


def eight_tasks() -> bytes:
    """`eight`: eight tasks of one department, one after the other."""
    ids = [f"task{each}" for each in range(1, 9)]
    tasks = "".join(map(_task, ids))
    return _file("eight", f'<startEvent id="start"/>{tasks}<endEvent id="end"/>' + _flow("start", *ids, "end"))


def loop() -> bytes:
    """`loop`: a task that comes again for ever."""
    body = '<startEvent id="start"/><exclusiveGateway id="merge"/>' + _task("again")
    return _file("loop", body + _flow("start", "merge", "again", "merge"))


def three_at_once() -> bytes:
    """`three`: three parallel tasks and their join."""
    ids = ["first", "second", "third"]
    body = '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="end"/>'
    tasks = "".join(_task(each) + _flow("fork", each, "join") for each in ids)
    return _file("three", body + tasks + _flow("start", "fork") + _flow("join", "end"))


def timer() -> bytes:
    """`timer`: waits for a day, then for somebody."""
    body = (
        '<startEvent id="start"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P1D'
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>" + _task("after") + '<endEvent id="end"/>'
    )
    return _file("timer", body + _flow("start", "wait", "after", "end"))
