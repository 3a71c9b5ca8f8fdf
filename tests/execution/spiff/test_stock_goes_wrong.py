"""Why SpiffWorkflow does not run as it comes: each test shows the library going wrong, and the executor going right."""

from __future__ import annotations

import json

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.exceptions import WorkflowException

from engine.execution.spiff.compiling import compiled
from tests.execution.spiff.stock import END, START, Ours, Stock, flows, model

MESSAGE = '<message id="m" name="hint"/>'
GO = '<signalEventDefinition signalRef="g"/>'
HEARD = '<messageEventDefinition messageRef="m"/>'


def test_a_signal_end_event_is_thrown() -> None:
    source = model(
        START + f'<parallelGateway id="fork"/><intermediateCatchEvent id="catch">{GO}</intermediateCatchEvent>'
        f'<userTask id="t"/><endEvent id="thrown">{GO}</endEvent>'
        + END + flows("s fork catch e", "fork t thrown"),
        '<signal id="g" name="go"/>',
    )  # fmt: skip
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.complete("t")
    assert not stock.ended
    assert ours.ended


def test_a_link_leads_somewhere() -> None:
    link = '<linkEventDefinition name="L"/>'
    source = model(
        START + f'<intermediateThrowEvent id="throw">{link}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="catch">{link}</intermediateCatchEvent><userTask id="t"/>' + END
        + flows("s throw", "catch t e")
    )  # fmt: skip
    assert Stock(source).ready == []
    assert not Stock(source).ended
    assert Ours(source).ready == ["t"]


def test_an_interrupting_event_subprocess_interrupts() -> None:
    source = model(
        START + '<userTask id="main"/>' + END + '<subProcess id="sub" triggeredByEvent="true">'
        f'<startEvent id="ss">{HEARD}</startEvent><userTask id="handle"/><endEvent id="se"/>' + flows("ss handle se")
        + "</subProcess>" + flows("s main e"),
        MESSAGE,
    )  # fmt: skip
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.message("hint")
    assert stock.ready == ["handle", "main"]
    assert ours.ready == ["handle"]


def test_a_waiting_event_subprocess_does_not_keep_the_instance_open() -> None:
    timer = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
    body = (
        START + '<userTask id="main"/>' + END + '<subProcess id="sub" triggeredByEvent="true">'
        f'<startEvent id="ss" isInterrupting="false">{timer}</startEvent><userTask id="handle"/><endEvent id="se"/>'
        + flows("ss handle se") + "</subProcess>" + flows("s main e")
    )  # fmt: skip
    stock, ours = Stock(model(body.format('"PT1H"'))), Ours(model(body.format("PT1H")))
    for each in (stock, ours):
        each.complete("main")
    assert not stock.ended
    assert ours.ended


def test_a_non_interrupting_boundary_message_may_come_twice() -> None:
    source = model(
        START + '<userTask id="main"/><boundaryEvent id="b" attachedToRef="main" cancelActivity="false">' + HEARD
        + '</boundaryEvent><userTask id="handle"/><endEvent id="e2"/>' + END + flows("s main e", "b handle e2"),
        MESSAGE,
    )  # fmt: skip
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.message("hint")
    with pytest.raises(WorkflowException):
        stock.message("hint")
    ours.message("hint")
    assert ours.ready == ["handle", "handle", "main"]


def test_a_receive_task_without_a_message_waits() -> None:
    source = model(START + '<receiveTask id="r"/>' + END + flows("s r e"))
    assert Stock(source).ended
    assert not Ours(source).ended


def test_several_flows_out_of_a_task_are_taken_and_their_conditions_asked() -> None:
    body = START + '<userTask id="t"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>' + END
    several = flows("s t", "t a e", "t b e", "t c e", t_c="${x > 5}".replace(">", "&gt;"))
    with pytest.raises(ValidationException):
        Stock(model(body + several))
    ours = Ours(model(body + several), x=1)
    ours.complete("t")
    assert ours.ready == ["a", "b"]


def test_a_complex_gateway_forks() -> None:
    source = model(START + '<complexGateway id="g"/><userTask id="a"/><userTask id="b"/>' + END
                   + flows("s g", "g a e", "g b e", g_a="${x == 1}", g_b="${x == 1}"))  # fmt: skip
    with pytest.raises(ValidationException):
        Stock(source)
    assert Ours(source, x=1).ready == ["a", "b"]


def test_a_path_without_an_end_event_ends() -> None:
    source = model(START + '<userTask id="t"/>' + flows("s t"))
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.complete("t")
    assert not stock.ended
    assert ours.ended


def test_an_item_that_is_null_has_its_turn() -> None:
    repeated = (
        '<userTask id="t"><multiInstanceLoopCharacteristics isSequential="true" {}</multiInstanceLoopCharacteristics>'
        "</userTask>"
    )
    stock = Stock(
        model(START + repeated.format("><loopDataInputRef>items</loopDataInputRef>") + END + flows("s t e")),
        items=[None, 1],
    )
    ours = Ours(model(START + repeated.format('camunda:collection="items">') + END + flows("s t e")), items=[None, 1])
    assert stock.ready == []
    assert not stock.ended
    ours.complete("t")
    ours.complete("t")
    assert ours.ended


def looping(kind: str, **conditions: str) -> bytes:
    body = f'<{kind} id="fork"/><userTask id="a"/><userTask id="b"/><{kind} id="join"/><userTask id="r"/>'
    return model(
        START + '<exclusiveGateway id="again"/>' + body + '<exclusiveGateway id="x" default="x_e"/>' + END
        + flows("s again fork", "fork a join", "fork b join", "join r x again", "x e", x_again="{more}", **conditions)
    )  # fmt: skip


def test_an_inclusive_join_in_a_loop_waits_in_every_turn() -> None:
    source = looping("inclusiveGateway", fork_a="{true}", fork_b="{true}").decode()
    stock = Stock(source.format(more="again_", true="True").encode(), again_=True)
    ours = Ours(source.format(more="${again_}", true="${true}").encode(), again_=True)
    for each in (stock, ours):
        for element in ("a", "b", "r"):
            each.complete(element)
        each.complete("a")
    assert "r" in stock.ready
    assert ours.ready == ["b"]


def test_a_branch_does_not_undo_what_another_has_set() -> None:
    source = model(
        START + '<userTask id="t"/><parallelGateway id="fork"/><userTask id="a"/><userTask id="b"/>'
        '<parallelGateway id="join"/><userTask id="last"/>' + END
        + flows("s t fork", "fork a join", "fork b join", "join last e")
    )  # fmt: skip
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.complete("t", approved=False)
        each.complete("a", approved=True)
        each.complete("b")
        each.complete("last")
    assert stock.workflow.data["approved"] is False
    assert ours.variables["approved"] is True


def test_an_error_is_caught_by_the_subprocess_it_comes_from() -> None:
    error = '<errorEventDefinition errorRef="err"/>'

    def sub(name: str, end: str) -> str:
        inside = f'<startEvent id="{name}s"/><userTask id="{name}t"/><endEvent id="{name}e">{end}</endEvent>'
        return (
            f'<subProcess id="{name}">{inside}' + flows(f"{name}s {name}t {name}e") + "</subProcess>"
            f'<boundaryEvent id="{name}b" attachedToRef="{name}">{error}</boundaryEvent><userTask id="{name}h"/>'
        )

    source = model(
        START + '<parallelGateway id="fork"/>' + sub("one", error) + sub("two", "") + END
        + flows("s fork one e", "fork two e", "oneb oneh e", "twob twoh e"),
        '<error id="err" name="err" errorCode="E1"/>',
    )  # fmt: skip
    stock, ours = Stock(source), Ours(source)
    for each in (stock, ours):
        each.complete("onet")
    assert stock.ready == ["oneh", "twoh"]
    assert ours.ready == ["oneh", "twot"]


def test_a_thrown_compensation_undoes() -> None:
    source = model(
        START + '<userTask id="book"/><intermediateThrowEvent id="throw"><compensateEventDefinition/>'
        "</intermediateThrowEvent>" + END + flows("s book throw e")
    )  # fmt: skip
    stock = Stock(source)
    stock.complete("book")
    assert stock.ended
    undone = source.decode().replace(
        "<intermediateThrowEvent",
        '<boundaryEvent id="b" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
        '<userTask id="undo" isForCompensation="true"/><association id="as" sourceRef="b" targetRef="undo"/>'
        "<intermediateThrowEvent",
    )
    with pytest.raises(ValidationException):
        Stock(undone.encode())
    ours = Ours(undone.encode())
    ours.complete("book")
    assert ours.ready == ["undo"]


def test_an_ad_hoc_subprocess_needs_no_data_object() -> None:
    source = model(
        START
        + '<adHocSubProcess id="sub"><userTask id="a"/><userTask id="b"/></adHocSubProcess>'
        + END
        + flows("s sub e")
    )
    with pytest.raises(TypeError):
        Stock(source)
    assert Ours(source).ready == ["a", "b"]


def test_an_element_may_be_called_start() -> None:
    source = model('<startEvent id="Start"/><userTask id="End"/><endEvent id="e"/>' + flows("Start End e"))
    with pytest.raises(WorkflowException):
        Stock(source)
    ours = Ours(source)
    ours.complete("End")
    assert ours.ended


def test_a_long_process_is_not_too_deep() -> None:
    names = [f"t{number}" for number in range(800)]
    tasks = "".join(f'<scriptTask id="{name}"><script>x = 1</script></scriptTask>' for name in names)
    source = model(START + tasks + END + flows(" ".join(["s", *names, "e"])))
    with pytest.raises((RecursionError, ValidationException)):
        Stock(source)
    assert Ours(source).ended


def test_a_loop_of_more_turns_than_the_library_looks_deep_goes_on() -> None:
    source = model(
        START + '<exclusiveGateway id="again"/><userTask id="t"/><exclusiveGateway id="x" default="x_again"/>' + END
        + flows("s again t x again", "x e", x_e="${n == 1200}")
    )  # fmt: skip
    ours = Ours(source)
    for turn in range(1200):
        ours.complete("t", n=turn + 1)
    assert ours.ended


def test_no_name_of_a_variable_becomes_a_class() -> None:
    source = model(START + '<userTask id="t"/>' + END + flows("s t e"))
    serializer = BpmnWorkflowSerializer()
    stock = Stock(source, order={"typename": "Workflow"})
    with pytest.raises(TypeError):
        serializer.deserialize_json(serializer.serialize_json(stock.workflow))
    ours = Ours(source, order={"typename": "Workflow"})
    ours.complete("t")
    assert ours.variables["order"] == {"typename": "Workflow"}
    assert json.dumps(ours.variables)


def test_a_repetition_goes_on_after_a_restart() -> None:
    repeated = '<userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
    source = model(START + repeated + "</multiInstanceLoopCharacteristics></userTask>" + END + flows("s t e"))
    ours = Ours(source)
    for _ in range(3):
        compiled.cache_clear()
        ours.complete("t")
    assert ours.ended
