"""What one version of a flow has promised to a department, no other version, called process or decision gives away."""

from __future__ import annotations

import pytest

from bpmn import Severity
from engine import (
    SYSTEM,
    Actor,
    ExecutionFailed,
    InvalidInput,
    ModelRefused,
    NotAllowed,
    ProcessEngine,
    check_file,
    check_source,
    deploy_resources,
    generate_migration,
    get_variables,
    migrate_instances,
)
from tests.engine.play import END, IVAR, OWNER, START, bpmn, deploy, flow, start, user_task, waiting
from tests.engine.test_confidentiality import EVA, field, form, known, submit

PAYING_OWNER = Actor("petra", frozenset({"process-owner", "payroll"}))
MARKED = form(field("bank", "payroll"))
TELL = user_task("tell", 'camunda:candidateGroups="payroll"', MARKED)
WORK = user_task("work", 'camunda:candidateGroups="it"')
SHOW = '<scriptTask id="show" scriptFormat="python"><script>shown = bank</script></scriptTask>'
KEEPING = bpmn(START + TELL + WORK + END + flow("start", "tell", "work", "end"), "pay")
SHOWING = START + user_task("tell") + WORK + SHOW + END + flow("start", "tell", "work", "show", "end")
INNER = START + SHOW + WORK + END + flow("start", "show", "work", "end")


def told(engine: ProcessEngine) -> str:
    instance = start(engine, "pay")
    submit(engine, "tell", EVA, bank="8000-1")
    return instance.id


def test_a_later_version_without_the_mark_gives_nothing_away(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(SHOWING, "other"))
    deploy(engine, KEEPING)
    with pytest.raises(ModelRefused, match="bank"):
        deploy(engine, bpmn(SHOWING, "pay"), file="later.bpmn")
    with engine.query(OWNER) as context:
        assert [each.rule for each in check_source(context, bpmn(SHOWING, "pay"))].count("confidential-leak") == 1
        assert "confidential-leak" not in [each.rule for each in check_source(context, bpmn(SHOWING, "other"))]


@pytest.mark.parametrize("key", ["pay", "other"], ids=["an earlier version", "another process"])
def test_nothing_moves_to_where_it_would_be_given_away(key: str, engine: ProcessEngine) -> None:
    target = deploy(engine, bpmn(SHOWING, key))
    harmless = deploy(engine, bpmn(START + TELL + WORK + END + flow("start", "tell", "work", "end"), "harmless"))
    source = deploy(engine, KEEPING, file="keeping.bpmn")
    instance = told(engine)
    with engine.query(OWNER) as context:
        plans = [generate_migration(context, source, each) for each in (target, harmless)]
    with pytest.raises(InvalidInput, match="bank"), engine.command(OWNER) as context:
        migrate_instances(context, plans[0], [instance])
    with engine.command(OWNER) as context:
        migrate_instances(context, plans[1], [instance])
    assert waiting(engine) == ["work"]


CALLS = '<callActivity id="call" calledElement="{}"><extensionElements>{}</extensionElements></callActivity>'
ALL = '<camunda:in variables="all"/>'


def calling(called: str, mark: str = TELL) -> str:
    call = CALLS.format(called, ALL)
    return START + mark + call + END + flow("start", "tell", "call", "end")


def test_a_called_process_gives_nothing_of_its_callers_away(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(INNER, "inner"))
    deploy(engine, bpmn(calling("inner"), "pay"))
    start(engine, "pay")
    with pytest.raises(ExecutionFailed, match="bank"):
        submit(engine, "tell", EVA, bank="8000-1")


def test_nor_does_one_that_is_called_by_a_called_one(engine: ProcessEngine) -> None:
    between = START + CALLS.format("inner", ALL) + END + flow("start", "call", "end")
    deploy(engine, bpmn(INNER, "inner"))
    deploy(engine, bpmn(between, "between"))
    deploy(engine, bpmn(calling("between"), "pay"))
    start(engine, "pay")
    with pytest.raises(ExecutionFailed, match="bank"):
        submit(engine, "tell", EVA, bank="8000-1")


def test_nor_one_that_is_called_later(engine: ProcessEngine) -> None:
    between = START + WORK + CALLS.format("inner", ALL) + END + flow("start", "work", "call", "end")
    deploy(engine, bpmn(INNER, "inner"))
    deploy(engine, bpmn(between, "between"))
    deploy(engine, bpmn(calling("between"), "pay"))
    start(engine, "pay")
    submit(engine, "tell", EVA, bank="8000-1")
    with pytest.raises(ExecutionFailed, match="bank"):
        submit(engine, "work", EVA)


def test_where_nothing_is_promised_a_called_process_shows_what_it_likes(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(INNER, "inner"))
    deploy(engine, bpmn(calling("inner", user_task("tell")), "pay"))
    start(engine, "pay", {"bank": "8000-1"})
    submit(engine, "tell", SYSTEM)
    assert waiting(engine) == ["work"]


DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="first"><variable name="r"/><literalExpression><text>{}</text></literalExpression></decision>
<decision id="ask"><variable name="s"/>
<informationRequirement><requiredDecision href="#first"/></informationRequirement>
<literalExpression><text>r</text></literalExpression></decision></definitions>"""
ASK = (
    '<businessRuleTask id="rule" camunda:decisionRef="ask" camunda:mapDecisionResult="singleEntry" '
    'camunda:resultVariable="{}"/>'
)


@pytest.mark.parametrize(
    ("decides", "into", "kept"),
    [("bank", "shown", False), ("bank", "bank", True), ("if bank = null then 1 else 2", "shown", False),
     ("country", "shown", True)],
)  # fmt: skip
def test_a_decision_copies_nothing_confidential(decides: str, into: str, kept: bool, engine: ProcessEngine) -> None:
    """Deployed one after the other, so that nobody could know."""
    body = START + TELL + ASK.format(into) + WORK + END + flow("start", "tell", "rule", "work", "end")
    with engine.command(OWNER) as context:
        deploy_resources(context, "ask", [("ask.dmn", DECISION.format(decides).encode())])
        deploy_resources(context, "pay", [("pay.bpmn", bpmn(body, "pay"))])
    start(engine, "pay", {"country": "SE"})
    if kept:
        submit(engine, "tell", EVA, bank="8000-1")
        assert waiting(engine) == ["work"]
    else:
        with pytest.raises(ExecutionFailed, match="bank"):
            submit(engine, "tell", EVA, bank="8000-1")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("decides", "into", "kept"),
    [("bank", "shown", False), ("bank", "bank", True), ("if bank = null then 1 else 2", "shown", False),
     ("country", "shown", True)],
)  # fmt: skip
def test_a_decision_beside_the_model_that_copies_something_confidential_is_found_before_anything_runs(
    decides: str, into: str, kept: bool, engine: ProcessEngine
) -> None:
    model = bpmn(START + TELL + ASK.format(into) + WORK + END + flow("start", "tell", "rule", "work", "end"), "pay")
    decision = DECISION.format(decides).encode()
    leak = [] if kept else [("confidential-leak", "rule")]
    with engine.query(OWNER) as context:
        for found in (check_file(model, None, [decision]), check_source(context, model, None, [decision])):
            assert [(each.rule, each.element_id) for each in found if each.severity is Severity.ERROR] == leak
        for found in (check_file(model), check_source(context, model)):
            assert [each for each in found if each.severity is Severity.ERROR] == [], "the model alone shows nothing"
    files = [("pay.bpmn", model), ("ask.dmn", decision)]
    if kept:
        with engine.command(OWNER) as context:
            assert deploy_resources(context, "pay", files).definitions
    else:
        with pytest.raises(ModelRefused, match="bank"), engine.command(OWNER) as context:
            deploy_resources(context, "pay", files)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["later.dmn.txt", "later.dmnx", "x.dmn.bpmn.png", "later.dmn11.xml.old"])
def test_a_file_that_is_no_decision_where_it_is_deployed_is_none_where_one_is_asked_for(
    engine: ProcessEngine, name: str
) -> None:
    """Who owns one flow by name may deploy files beside it, but no decisions: those answer to every flow."""
    body = START + ASK.format("answer") + WORK + END + flow("start", "rule", "work", "end")
    owner = Actor("olga", flows=frozenset({"own"}))
    with engine.command(OWNER) as context:
        files = [("asks.bpmn", bpmn(body, "asks")), ("ask.DMN", DECISION.format('"honest"').encode())]
        deploy_resources(context, "asks", files)
    own = bpmn(START + END + flow("start", "end"), "own")
    for content in (DECISION.format('"forged"').encode(), b"broken"):
        with engine.command(owner) as context:
            deploy_resources(context, "own", [("own.bpmn", own), (name, content)])
    with engine.command(owner) as context, pytest.raises(NotAllowed):
        deploy_resources(context, "own", [("own.bpmn", own), ("later.dmn", DECISION.format("1").encode())])
    instance = start(engine, "asks")
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id)["answer"] == "honest"


WIDER = KEEPING.replace(b'value="payroll"', b'value="payroll,it"')


def test_only_who_may_know_it_opens_it_to_another_department(engine: ProcessEngine) -> None:
    deploy(engine, KEEPING)
    instance = told(engine)
    with pytest.raises(NotAllowed, match="bank"):
        deploy(engine, WIDER, file="wider.bpmn")
    assert "bank" not in known(engine, instance, IVAR)
    with engine.command(PAYING_OWNER) as context:
        deploy_resources(context, "wider", [("wider.bpmn", WIDER)])
    assert known(engine, instance, IVAR)["bank"] == "8000-1"


def test_nobody_else_moves_it_to_a_process_that_tells_more_departments(engine: ProcessEngine) -> None:
    source = deploy(engine, KEEPING)
    target = deploy(engine, WIDER.replace(b'id="pay"', b'id="other"'), file="other.bpmn")
    instance = told(engine)
    with engine.query(OWNER) as context:
        plan = generate_migration(context, source, target)
    with pytest.raises(NotAllowed, match="bank"), engine.command(OWNER) as context:
        migrate_instances(context, plan, [instance])
    assert "bank" not in known(engine, instance, IVAR)
    with engine.command(PAYING_OWNER) as context:
        migrate_instances(context, plan, [instance])


def test_no_called_process_tells_more_departments(engine: ProcessEngine) -> None:
    deploy(engine, WIDER.replace(b'id="pay"', b'id="inner"'), file="inner.bpmn")
    deploy(engine, bpmn(calling("inner"), "pay"))
    start(engine, "pay")
    with pytest.raises(ExecutionFailed, match="bank"):
        submit(engine, "tell", EVA, bank="8000-1")
