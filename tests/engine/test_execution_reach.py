"""What an executor asks of the engine beyond its own instances: starts put off, facts of rows for expressions."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import (
    SYSTEM,
    ExecutionFailed,
    ExternalTaskQuery,
    JobQuery,
    ModelRefused,
    ProcessEngine,
    TaskQuery,
    Topic,
    assign_task,
    deploy_resources,
    fail_external_task,
    fetch_and_lock,
    find_external_tasks,
    find_jobs,
    find_tasks,
    get_variables,
    run_due,
    start_instance,
)
from tests.engine.play import END, START, bpmn, flow

MODELS = Path(__file__).parents[1] / "bpmn_models" / "execution"


def deployed(engine: ProcessEngine, model: str, **variables: object) -> None:
    with engine.command(SYSTEM) as context:
        deploy_resources(context, model, [("model.bpmn", (MODELS / f"{model}.bpmn").read_bytes())])
        start_instance(context, key="process", variables=variables)


def open_tasks(engine: ProcessEngine) -> list[str]:
    with engine.query(SYSTEM) as context:
        return sorted(each.activity_id for each in find_tasks(context, TaskQuery()))


def test_a_start_put_off_by_a_signal_is_a_job_of_no_instance(engine: ProcessEngine) -> None:
    deployed(engine, "a_signal_thrown_asynchronously_leaves_a_job_for_each_receiver", x=1)
    assert open_tasks(engine) == ["thrown"]
    with engine.query(SYSTEM) as context:
        jobs = find_jobs(context, JobQuery())
    assert sorted(each.process_instance_id is None for each in jobs) == [False, True]
    run_due(engine)
    assert open_tasks(engine) == ["got", "thrown", "work"]


def test_an_assignment_listener_hears_who_is_given_the_task(engine: ProcessEngine) -> None:
    deployed(engine, "an_assignment_listener_hears_who_is_given_the_task")
    with engine.command(SYSTEM) as context:
        [task] = find_tasks(context, TaskQuery())
        assign_task(context, task.id, "eva")
        assert get_variables(context, task.process_instance_id) == {"given": "eva"}


def test_a_decision_is_deployed_beside_the_process_that_asks_it(engine: ProcessEngine) -> None:
    name = "a_business_rule_task_asks_its_decision"
    with engine.command(SYSTEM) as context:
        files = [(f"{name}.{kind}", (MODELS / f"{name}.{kind}").read_bytes()) for kind in ("bpmn", "dmn")]
        deploy_resources(context, name, files)
        started = start_instance(context, key="process", variables={"cost": 30_000})
        assert get_variables(context, started.id)["who"] == "director"


def _table(rules: int) -> bytes:
    """As many rules as wanted, none of which fits, each with a cell that takes some 6,000 steps."""
    cell = "count(for a in 1..3000 return a) &lt; 1"
    each = "".join(
        f'<rule id="r{number}"><inputEntry id="i{number}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>1</text></outputEntry></rule>'
        for number in range(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="n">'
        '<decision id="heavy" name="heavy"><decisionTable id="t" hitPolicy="COLLECT"><input id="i">'
        '<inputExpression id="e"><text>1</text></inputExpression></input><output id="o" name="o"/>'
        f"{each}</decisionTable></decision></definitions>"
    ).encode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_command_works_out_no_more_than_so_much_however_many_expressions_it_has(engine: ProcessEngine) -> None:
    rule = '<businessRuleTask id="rule" camunda:decisionRef="heavy" camunda:resultVariable="found"/>'
    asks = bpmn(START + rule + END + flow("start", "rule", "end"), "asks")
    for rules, runs in ((20, True), (1_000, False)):
        with engine.command(SYSTEM) as context:
            deploy_resources(context, "asks", [("asks.bpmn", asks), ("heavy.dmn", _table(rules))])
        with engine.command(SYSTEM) as context:
            if runs:
                start_instance(context, key="asks")
            else:
                with pytest.raises(ExecutionFailed, match="Together this takes more than 1000000 steps"):
                    start_instance(context, key="asks")


def test_a_decision_file_with_an_error_is_refused(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context, pytest.raises(ModelRefused, match=r"broken\.dmn"):
        deploy_resources(context, "broken", [("broken.dmn", b"<definitions/>")])


def test_a_failure_becomes_a_bpmn_error_where_the_model_says_so(engine: ProcessEngine) -> None:
    deployed(engine, "an_error_definition_of_an_external_task_becomes_a_bpmn_error", answer=None)
    for message, left in (("ink", 1), ("paper", 0)):
        with engine.command(SYSTEM) as context:
            [task] = fetch_and_lock(context, "w", [Topic("print", 1)], 1)
            fail_external_task(
                context, task.id, "w", message=message, details=None, retries=1, retry_timeout_ms=0,
                variables={}, local={},
            )  # fmt: skip
        with engine.query(SYSTEM) as context:
            assert len(find_external_tasks(context, ExternalTaskQuery())) == left
    assert open_tasks(engine) == ["refill"]
