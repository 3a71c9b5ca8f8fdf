"""Which version of a process a call activity calls."""

from __future__ import annotations

import pytest

from engine import ExecutionFailed, ProcessEngine, deploy_resources
from tests.engine.play import END, OWNER, START, bpmn, deploy, flow, start, task, user_task, waiting


def called(task_id: str, tag: str = "") -> bytes:
    """A version of the called process, to be known by its task."""
    body = START + user_task(task_id) + END + flow("start", task_id, "end")
    return bpmn(body, "called", attributes=f'camunda:versionTag="{tag}"' if tag else "")


def calling(attributes: str) -> bytes:
    call = f'<callActivity id="call" calledElement="${{which}}" {attributes}/>'
    return bpmn(START + call + END + flow("start", "call", "end"), "calling")


@pytest.mark.parametrize(
    ("attributes", "chosen"),
    [
        ("", "third"),
        ('camunda:calledElementBinding="latest"', "third"),
        ('camunda:calledElementBinding="deployment"', "second"),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="1"', "first"),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="${1 + 1}"', "second"),
        ('camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="old"', "first"),
        ('camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="${tag}"', "third"),
    ],
)
def test_a_call_is_bound_to_a_version(engine: ProcessEngine, attributes: str, chosen: str) -> None:
    deploy(engine, called("first", "old"))
    with engine.command(OWNER) as context:
        deploy_resources(
            context, "together", [("called.bpmn", called("second")), ("calling.bpmn", calling(attributes))]
        )
    deploy(engine, called("third", "new"))
    start(engine, "calling", {"which": "called", "tag": "new"})
    assert waiting(engine) == [chosen]
    assert task(engine, chosen).definition_id.startswith("called:")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="7"', "with version 7"),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="${which}"', "called"),
        ('camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="none"', "with versionTag none"),
        ('camunda:calledElementBinding="deployment"', "in the deployment of its caller"),
    ],
)
def test_a_version_that_is_not_there_is_told(engine: ProcessEngine, attributes: str, message: str) -> None:
    deploy(engine, called("first"))
    deploy(engine, calling(attributes))
    with pytest.raises(ExecutionFailed, match=message):
        start(engine, "calling", {"which": "called"})
