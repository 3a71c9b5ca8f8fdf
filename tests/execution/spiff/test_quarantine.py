"""SpiffWorkflow stays inside `engine/execution/spiff/`: its modules, its exceptions, its objects, its script engine."""

from __future__ import annotations

import ast
import json
import threading
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException

from bpmn import read
from engine.errors import EngineError, ExecutionFailed
from engine.execution.native import command
from engine.execution.native.state import FORMAT, load
from engine.execution.spiff import specs
from engine.execution.spiff.compiling import compiled
from tests.execution.blocks import Writer
from tests.execution.play import MODELS, Play
from tests.execution.spiff.stock import END, START, Ours, flows, model
from tests.execution.world import MemoryEngine, Refused

HOME = Path(__file__).resolve().parents[3]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nothing_but_the_executor_imports_the_library() -> None:
    found = {
        file.relative_to(HOME).parent.as_posix()
        for package in ("bpmn", "engine", "workflows", "api")
        for file in (HOME / package).rglob("*.py")
        if any(each.partition(".")[0] == "SpiffWorkflow" for each in imported(file))
    }
    assert found == {"engine/execution/spiff"}


def objects(value: Any) -> Iterator[Any]:
    yield value
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from objects(getattr(value, each.name))
    elif isinstance(value, msgspec.Struct):
        yield from objects(msgspec.structs.asdict(value))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from objects(key)
            yield from objects(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from objects(each)


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.bpmn")), ids=lambda path: path.stem)
def test_nothing_of_the_library_is_in_what_an_execution_gives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ACTIVITY_BUDGET", 2_000)  # one of the models loops for ever
    engine = MemoryEngine("spiff")
    try:
        engine.deploy(path.read_bytes())
    except Refused:
        return
    for key in engine.latest:
        try:
            engine.start(key, {"x": 1})
        except EngineError:
            continue
        for change in engine.last_changes:
            classes = {type(each).__module__ for each in objects(change)}
            assert not {each for each in classes if each.startswith("SpiffWorkflow")}
            if change.state is not None:
                assert json.loads(change.state)["format"] == FORMAT


class Unexpected(WorkflowException):
    """Any other of the library's."""


@pytest.mark.parametrize("raised", [SpiffWorkflowException, WorkflowException, Unexpected])
def test_no_exception_of_the_library_leaves_a_command(raised: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(spec: Any, task: Any) -> None:
        raise raised("the library's own words")

    ours = Ours(model(START + '<userTask id="t"/><userTask id="u"/>' + END + flows("s t u e")))
    before = ours.engine.instances[ours.id].state
    monkeypatch.setattr(specs.Work, "_run_hook", fail)
    with pytest.raises(ExecutionFailed, match="u: the library's own words"):
        ours.complete("t")
    assert ours.engine.instances[ours.id].state == before


# ---------------------------------------------------------------- scripts

PAYLOAD = "__import__('pathlib').Path('{}').touch()"
PLACES = {
    "script": '<scriptTask id="t"><script>{0}</script></scriptTask>' + flows("s t e"),
    "condition": '<exclusiveGateway id="t" default="t_e"/><userTask id="u"/>'
    + flows("s t e", "t u", t_u="{0}") + flows("u e"),
    "timer": '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>{0}</timeDuration>'
    "</timerEventDefinition></intermediateCatchEvent>" + flows("s t e"),
    "cardinality": '<userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>{0}</loopCardinality>'
    "</multiInstanceLoopCharacteristics></userTask>" + flows("s t e"),
    "completion": '<userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    "<completionCondition>{0}</completionCondition></multiInstanceLoopCharacteristics></userTask>" + flows("s t e"),
    "loop": '<userTask id="t"><standardLoopCharacteristics testBefore="true"><loopCondition>{0}</loopCondition>'
    "</standardLoopCharacteristics></userTask>" + flows("s t e"),
    "script before": '<userTask id="t"><extensionElements><spiff:preScript>{0}</spiff:preScript></extensionElements>'
    "</userTask>" + flows("s t e"),
    "service": '<serviceTask id="t"><extensionElements><spiff:serviceTaskOperator id="h"><spiff:parameters>'
    '<spiff:parameter id="p" type="str" value="{0}"/></spiff:parameters></spiff:serviceTaskOperator>'
    "</extensionElements></serviceTask>" + flows("s t e"),
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["spiff", "camunda"])
@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_text_executes_nothing(place: str, dialect: str, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    text = PAYLOAD.format(touched)
    if dialect == "camunda" and place != "script":
        text = "${" + text + "}"
    source = model(START + PLACES[place].replace("{0}", text) + END).decode()
    if dialect == "spiff" or "spiff:" in source:
        source = source.replace("<definitions ", f'<definitions xmlns:spiff="{SPIFF}" ', 1)
        source = source.replace('<startEvent id="s"/>', f'<startEvent id="s">{MARK}</startEvent>')
    engine = MemoryEngine("spiff")
    with pytest.raises(Refused):
        engine.deploy(source.encode())
    for each in read(source.encode()).processes:
        engine._deploy(each)  # past the rules
    with pytest.raises(EngineError):
        run_to_its_end(engine)
    assert not touched.exists()


def run_to_its_end(engine: MemoryEngine) -> None:
    instance_id = engine.start("process")
    while instance_id in engine.instances:
        engine.complete(instance_id, next(iter(engine.instances[instance_id].tasks)))


SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
MARK = "<extensionElements><spiff:instructionsForEndUser>x</spiff:instructionsForEndUser></extensionElements>"


def test_the_librarys_own_script_engine_would_have_executed_it(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    PythonScriptEngine().environment.execute(PAYLOAD.format(touched), {}, {})
    assert touched.exists()


def test_the_librarys_own_script_engine_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the library's own script engine was made")

    monkeypatch.setattr(PythonScriptEngine, "__init__", never)
    play = Play("the_first_true_condition_of_an_exclusive_gateway_wins", "spiff")
    play.start(n=1)


# ---------------------------------------------------------------- state and threads


def test_either_executor_goes_on_where_the_other_stopped() -> None:
    source = Writer().model(("fork", (("sequential", ()), ("loop", (("task", ()),)), ("reminder", ()))))
    ours = Ours(source, x=2)
    for turn in range(50):
        if ours.ended:
            break
        ours.engine.executors[ours.engine.latest["process"]] = ("native", "spiff")[turn % 2]
        ours.complete(ours.ready[0], x=2)
    assert ours.ended


def test_the_document_holds_nothing_but_what_lives() -> None:
    ours = Ours(Writer().model(("loop", (("task", ()),))), x=1)
    first = ours.engine.instances[ours.id].state
    ours.complete(ours.ready[0], x=1)
    second = ours.engine.instances[ours.id].state
    assert len(second) <= len(first) + 2
    assert len(load(second).activities) == 2
    with pytest.raises(msgspec.DecodeError):
        load(b'{"format":"SpiffWorkflow.task.Task"}')


def shape(source: bytes) -> tuple[MemoryEngine, str]:
    """Everything the compiled specs consist of, in words."""
    engine = MemoryEngine("spiff")
    engine.deploy(source)
    (each,) = engine.models.values()
    found = compiled(each)
    words = [
        f"{name} {task._inputs} {task._outputs} {task.completed_event.n_subscribers()}"
        for spec in (found.process, *found.inner.values())
        for name, task in spec.task_specs.items()
    ]
    return engine, "\n".join(words)


def test_many_threads_share_the_specs_and_leave_them_as_they_are() -> None:
    source = Writer().model(("fork", (("parallel", ()), ("each", (("task", ()),)), ("guarded", (("sequential", ()),)))))
    engine, before = shape(source)
    definition_id = engine.latest["process"]
    specs_before = compiled(engine.models[definition_id])
    failed: list[BaseException] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            own = MemoryEngine("spiff")
            own.models, own.latest, own.executors = engine.models, engine.latest, engine.executors
            barrier.wait()
            for _ in range(10):
                instance_id = own.start("process", {"x": 2})
                while instance_id in own.instances:
                    stored = own.instances[instance_id]
                    own.complete(instance_id, next(iter(stored.tasks)), {"x": 2})
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    assert compiled(engine.models[definition_id]) is specs_before
    assert shape(source)[1] == before
