"""Two executors in one engine: who runs what, and commands that touch instances of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import (
    SYSTEM,
    Correlation,
    DefinitionQuery,
    InstanceQuery,
    InvalidInput,
    ModelRefused,
    ProcessEngine,
    Settings,
    activity_tree,
    complete_task,
    correlate,
    delete_instance,
    deploy_resources,
    find_definitions,
    find_instances,
    get_variables,
    task_form,
)
from tests.engine.play import END, OWNER, START, bpmn, complete, deploy, flow, start, tasks, user_task

MODELS = Path(__file__).resolve().parents[1] / "bpmn_models" / "spiff"
FLOWS = flow("start", "first", "end")
ERROR = '<error id="failure" errorCode="E1"/>'
SIGNAL = '<signal id="go" name="go"/>'
MESSAGE = '<message id="hint" name="hint"/>'


def deployed(engine: ProcessEngine, source: bytes, executor: str | None, key: str = "p") -> str:
    """Deploys, and says which executor the newest definition of this key has."""
    with engine.command(OWNER) as context:
        deploy_resources(context, "test", [("test.bpmn", source)], executor=executor)
        (found,) = find_definitions(context, DefinitionQuery(key=key, latest_version=True))
    return found.executor


def waiting(engine: ProcessEngine) -> list[str]:
    return sorted(each.activity_id for each in tasks(engine))


def test_a_deployment_says_who_runs_it(engine: ProcessEngine) -> None:
    source = bpmn(START + user_task("first") + END + FLOWS)
    assert deployed(engine, source, None) == "native"
    assert deployed(engine, source, "spiff") == "spiff"
    with pytest.raises(InvalidInput, match="native and spiff"):
        deployed(engine, source, "camunda")


def test_what_is_drawn_for_spiffworkflow_runs_on_it_unless_somebody_says_otherwise(engine: ProcessEngine) -> None:
    source = (MODELS / "quotes.bpmn").read_bytes()
    assert deployed(engine, source, None, "quotes") == "spiff"
    with pytest.raises(ModelRefused) as refused:
        deployed(engine, source, "native", "quotes")
    assert [each.rule for each in refused.value.problems if each.severity == "error"] == ["dialect"]


def test_an_engine_may_run_everything_on_spiffworkflow(engine: ProcessEngine) -> None:
    other = ProcessEngine(Settings(engine.settings.database_url, engine.settings.home, executor="spiff"), engine.clock)
    try:
        assert deployed(other, bpmn(START + user_task("first") + END + FLOWS), None) == "spiff"
    finally:
        other.close()
    start(engine)  # an engine with another choice goes on with what that one has deployed
    complete(engine, "first")
    assert waiting(engine) == []
    with pytest.raises(InvalidInput, match="camunda"):
        ProcessEngine(Settings(engine.settings.database_url, engine.settings.home, executor="camunda"), engine.clock)


def test_the_same_files_for_another_executor_are_no_duplicates(engine: ProcessEngine) -> None:
    source = bpmn(START + user_task("first") + END + FLOWS)

    def again(executor: str | None) -> bool:
        with engine.command(OWNER) as context:
            found = deploy_resources(
                context, "test", [("test.bpmn", source)], filter_duplicates=True, executor=executor
            )
        return not found.unchanged

    assert [again(each) for each in (None, None, "spiff", "spiff", None, "native")] == [
        True, False, True, False, False, True,
    ]  # fmt: skip


def test_what_runs_is_read_through_its_own_executor(engine: ProcessEngine) -> None:
    deployed(engine, bpmn(START + user_task("first") + END + FLOWS), "spiff")
    instance = start(engine, variables={"order": {"typename": "x"}})
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"order": {"typename": "x"}}
        tree = activity_tree(context, instance.id)
    assert [each.element_id for each in tree.children] == ["first"]


# ---------------------------------------------------------------- commands across both

PAIRS = [("native", "spiff"), ("spiff", "native"), ("spiff", "spiff")]
CALL = '<callActivity id="call" calledElement="inner"><extensionElements><camunda:in variables="all"/>'
CALLING = CALL + '<camunda:out source="answer" target="answer"/></extensionElements></callActivity>'


@pytest.mark.parametrize(("outside", "inside"), PAIRS)
def test_a_call_goes_from_one_executor_to_the_other_and_back(engine: ProcessEngine, outside: str, inside: str) -> None:
    deployed(engine, bpmn(START + user_task("first") + END + FLOWS, "inner"), inside, "inner")
    body = START + CALLING + user_task("after") + END + flow("start", "call", "after", "end")
    deployed(engine, bpmn(body, "outer"), outside, "outer")
    outer = start(engine, "outer", {"question": 1})
    complete(engine, "first", variables={"answer": 42})
    assert waiting(engine) == ["after"]
    with engine.query(SYSTEM) as context:
        assert get_variables(context, outer.id)["answer"] == 42


@pytest.mark.parametrize(("outside", "inside"), PAIRS)
def test_an_error_goes_out_through_a_call(engine: ProcessEngine, outside: str, inside: str) -> None:
    ends = '<endEvent id="end"><errorEventDefinition errorRef="failure"/></endEvent>'
    deployed(engine, bpmn(START + user_task("first") + ends + FLOWS, "inner", beside=ERROR), inside, "inner")
    caught = (
        '<boundaryEvent id="caught" attachedToRef="call"><errorEventDefinition errorRef="failure"/></boundaryEvent>'
    )
    body = (
        START
        + CALLING
        + caught
        + user_task("mend")
        + END
        + flow("start", "call", "end")
        + flow("caught", "mend", "end")
    )
    deployed(engine, bpmn(body, "outer", beside=ERROR), outside, "outer")
    start(engine, "outer")
    complete(engine, "first")
    assert waiting(engine) == ["mend"]


@pytest.mark.parametrize(("outside", "inside"), PAIRS)
def test_deleting_the_caller_ends_what_it_called(engine: ProcessEngine, outside: str, inside: str) -> None:
    deployed(engine, bpmn(START + user_task("first") + END + FLOWS, "inner"), inside, "inner")
    deployed(engine, bpmn(START + CALLING + END + flow("start", "call", "end"), "outer"), outside, "outer")
    outer = start(engine, "outer")
    with engine.command(SYSTEM) as context:
        delete_instance(context, outer.id, "not needed")
        assert find_instances(context, InstanceQuery()) == []


@pytest.mark.parametrize(("thrower", "catcher"), PAIRS)
def test_a_signal_reaches_instances_and_starts_of_the_other_executor(
    engine: ProcessEngine, thrower: str, catcher: str
) -> None:
    go = '<signalEventDefinition signalRef="go"/>'
    catch = f'<intermediateCatchEvent id="catch">{go}</intermediateCatchEvent>'
    body = START + catch + user_task("heard") + END + flow("start", "catch", "heard", "end")
    deployed(engine, bpmn(body, "catching", beside=SIGNAL), catcher, "catching")
    begun = f'<startEvent id="start">{go}</startEvent>' + user_task("started") + END + flow("start", "started", "end")
    deployed(engine, bpmn(begun, "begun", beside=SIGNAL), catcher, "begun")
    throw = f'<intermediateThrowEvent id="throw">{go}</intermediateThrowEvent>'
    body = START + throw + user_task("on") + END + flow("start", "throw", "on", "end")
    deployed(engine, bpmn(body, "throwing", beside=SIGNAL), thrower, "throwing")
    start(engine, "catching")
    start(engine, "throwing")
    assert waiting(engine) == ["heard", "on", "started"]


def test_one_message_reaches_instances_of_both(engine: ProcessEngine) -> None:
    hint = '<intermediateCatchEvent id="catch"><messageEventDefinition messageRef="hint"/></intermediateCatchEvent>'
    body = START + hint + user_task("heard") + END + flow("start", "catch", "heard", "end")
    for executor in ("native", "spiff"):
        deployed(engine, bpmn(body, f"on_{executor}", beside=MESSAGE), executor, f"on_{executor}")
        start(engine, f"on_{executor}")
    with engine.command(SYSTEM) as context:
        correlate(context, Correlation("hint", to_all=True))
    assert waiting(engine) == ["heard", "heard"]


def test_a_message_of_the_dialect_finds_its_instance_in_the_database(engine: ProcessEngine) -> None:
    deploy(engine, (MODELS / "order_and_supplier.bpmn").read_bytes(), file="order_and_supplier.bpmn")
    buyers = {number: start(engine, "buyer", {"number": number, "what": "desk"}).id for number in (17, 18)}
    (pack,) = [each for each in tasks(engine, activity_id="pack") if order_of(engine, each.process_instance_id) == 18]
    with engine.command(SYSTEM) as context:
        complete_task(context, pack.id, {"packer": "eva"})
    (unpack,) = tasks(engine, activity_id="unpack")
    assert unpack.process_instance_id == buyers[18]


def order_of(engine: ProcessEngine, instance_id: str) -> int:
    with engine.query(SYSTEM) as context:
        return int(get_variables(context, instance_id)["order"]["number"])


def test_a_form_beside_its_model_is_shown_and_one_that_is_missing_is_warned_of(engine: ProcessEngine) -> None:
    names = ("travel_request.bpmn", "approver.dmn", "journey-schema.json")
    files = [(name, (MODELS / name).read_bytes()) for name in names]
    with engine.command(OWNER) as context:
        told = deploy_resources(context, "travel", files[:2]).warnings["travel_request.bpmn"]
        assert ("form-schema", "describe") in [(each.rule, each.element_id) for each in told]
        assert "form-schema" not in [
            each.rule for each in deploy_resources(context, "travel", files).warnings["travel_request.bpmn"]
        ]
    start(engine, "travel_request")
    (task,) = tasks(engine, activity_id="describe")
    with engine.query(SYSTEM) as context:
        shown = task_form(context, task.id, "en")
    assert shown is not None
    assert [each.id for each in shown.fields] == ["country", "nights", "leaves", "remarks"]


def test_a_decision_with_cells_in_python_is_deployed_beside_its_process(engine: ProcessEngine) -> None:
    files = [(name, (MODELS / name).read_bytes()) for name in ("travel_request.bpmn", "approver.dmn")]
    engine.register_handler("travel/Book", lambda context, execution: {"to": execution.fields["country"]})
    with engine.command(OWNER) as context:
        deploy_resources(context, "travel", files)
    instance = start(engine, "travel_request")
    complete(engine, "describe", variables={"country": "Norway", "nights": 4})
    assert waiting(engine) == ["approve"]
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id)["approver"] == "manager"
