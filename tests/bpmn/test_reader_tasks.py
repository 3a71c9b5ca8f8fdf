"""What the reader makes of tasks and of what camunda: extensions hang on them."""

from __future__ import annotations

import pytest

from bpmn import (
    CallActivity,
    DecisionWork,
    Expression,
    ExpressionWork,
    ExternalWork,
    HandlerWork,
    ListValue,
    MapValue,
    ReceiveTask,
    Script,
    ScriptTask,
    ServiceTask,
    StartEvent,
    TimerForm,
    UnsupportedWork,
    UserTask,
)
from tests.bpmn.drawing import extended, one

# ---------------------------------------------------------------- what hangs on every element


def test_documentation_and_properties_are_read() -> None:
    node = one(
        UserTask,
        '<userTask id="t"><documentation> Ask  IT first. </documentation><extensionElements><camunda:properties>'
        '<camunda:property name="goal" value="P3D"/><camunda:property id="by-id" value="x"/><camunda:property/>'
        "</camunda:properties></extensionElements></userTask>",
    )
    assert node.documentation == "Ask  IT first."
    assert dict(node.properties) == {"goal": "P3D", "by-id": "x"}


@pytest.mark.parametrize("attribute", ["asyncBefore", "async"])
def test_asynchronous_continuation_is_read(attribute: str) -> None:
    node = one(
        UserTask,
        f'<userTask id="t" camunda:{attribute}="true" camunda:asyncAfter="true" camunda:exclusive="false" '
        'camunda:jobPriority="7"><extensionElements><camunda:failedJobRetryTimeCycle>R5/PT5M'
        "</camunda:failedJobRetryTimeCycle></extensionElements></userTask>",
    )
    assert (node.async_before, node.async_after, node.exclusive) == (True, True, False)
    assert (node.job_priority, node.retry_cycle) == (Expression("7"), Expression("R5/PT5M"))


def test_parameters_hold_texts_scripts_lists_and_maps_in_each_other() -> None:
    node = one(
        UserTask,
        extended("""
          <camunda:inputOutput>
            <camunda:inputParameter name="text">${a}</camunda:inputParameter>
            <camunda:inputParameter name="empty"/>
            <camunda:inputParameter name="script">
              <camunda:script scriptFormat="python">a + 1</camunda:script>
            </camunda:inputParameter>
            <camunda:inputParameter name="list">
              <camunda:list>
                <camunda:value>1</camunda:value>
                <camunda:list><camunda:value>2</camunda:value></camunda:list>
                <camunda:script scriptFormat="JUEL">${3}</camunda:script>
              </camunda:list>
            </camunda:inputParameter>
            <camunda:outputParameter name="map">
              <camunda:map>
                <camunda:entry key="${k}">v</camunda:entry>
                <camunda:entry key="l"><camunda:list/></camunda:entry>
              </camunda:map>
            </camunda:outputParameter>
          </camunda:inputOutput>"""),
    )
    assert {each.name: each.value for each in node.inputs} == {
        "text": Expression("${a}"),
        "empty": None,
        "script": Script("a + 1", "python"),
        "list": ListValue((Expression("1"), ListValue((Expression("2"),)), Script("${3}", "juel"))),
    }
    (output,) = node.outputs
    assert output.value == MapValue(((Expression("${k}"), Expression("v")), (Expression("l"), ListValue(()))))


def test_listeners_say_their_event_and_what_they_do() -> None:
    node = one(
        UserTask,
        extended("""
          <camunda:executionListener event="end" expression="${a}"/>
          <camunda:executionListener event="start" delegateExpression="${audit}">
            <camunda:field name="level" stringValue="3"/>
            <camunda:field name="who"><camunda:expression>${user}</camunda:expression></camunda:field>
          </camunda:executionListener>
          <camunda:executionListener event="start">
            <camunda:script scriptFormat="python">a = 1</camunda:script>
          </camunda:executionListener>
          <camunda:taskListener event="create" class="org.example.Notify"/>"""),
    )
    end, start, script = node.listeners
    assert (end.event, end.expression) == ("end", Expression("${a}"))
    assert (start.handler, dict(start.fields)) == ("audit", {"level": Expression("3"), "who": Expression("${user}")})
    assert script.script == Script("a = 1", "python")
    assert [(each.event, each.handler) for each in node.task_listeners] == [("create", "org.example.Notify")]


def test_a_timeout_listener_brings_its_timer() -> None:
    node = one(
        UserTask,
        extended(
            '<camunda:taskListener event="timeout" id="late" expression="${a}"><timerEventDefinition id="d">'
            "<timeDuration>PT1H</timeDuration></timerEventDefinition></camunda:taskListener>"
        ),
    )
    (timer,) = node.task_timeouts
    assert (timer.form, timer.expression) == (TimerForm.DURATION, Expression("PT1H"))


# ---------------------------------------------------------------- tasks


def test_a_user_task_says_whose_it_is_and_when() -> None:
    node = one(
        UserTask,
        '<userTask id="t" name="Order" camunda:assignee="${manager}" camunda:candidateUsers="a,b"'
        ' camunda:candidateGroups="it" camunda:dueDate="${due}" camunda:followUpDate="2026-12-01"'
        ' camunda:priority="70"/>',
    )
    assert (node.assignee, node.candidate_users) == (Expression("${manager}"), Expression("a,b"))
    assert (node.candidate_groups, node.due_date) == (Expression("it"), Expression("${due}"))
    assert (node.follow_up_date, node.priority) == (Expression("2026-12-01"), Expression("70"))


def test_potential_owners_are_users_groups_and_bare_names_which_are_groups() -> None:
    def owner(text: str) -> str:
        expression = f"<formalExpression>{text}</formalExpression>"
        assignment = f"<resourceAssignmentExpression>{expression}</resourceAssignmentExpression>"
        return f"<potentialOwner>{assignment}</potentialOwner>"

    node = one(
        UserTask,
        f'<userTask id="t" camunda:candidateUsers="piggy">{owner("user(kermit), group(management), sales")}</userTask>',
    )
    assert node.candidate_users == Expression("piggy,kermit")
    assert node.candidate_groups == Expression("management,sales")


def test_a_human_performer_is_the_assignee() -> None:
    node = one(
        UserTask,
        '<userTask id="t"><humanPerformer><resourceAssignmentExpression><formalExpression>kermit</formalExpression>'
        "</resourceAssignmentExpression></humanPerformer></userTask>",
    )
    assert node.assignee == Expression("kermit")


def test_a_form_has_fields_with_options_constraints_and_properties() -> None:
    node = one(
        UserTask,
        extended(
            '<camunda:formData><camunda:formField id="size" label="Size" type="enum"'
            ' defaultValue="m"><camunda:properties><camunda:property id="label:sv"'
            ' value="Storlek"/></camunda:properties><camunda:validation><camunda:constraint'
            ' name="required"/><camunda:constraint name="max" config="9"/></camunda:validation><camunda:value id="s"'
            ' name="Small"/><camunda:value id="m"/></camunda:formField></camunda:formData>'
        ),
    )
    assert node.form is not None
    (field,) = node.form.fields
    assert (field.id, field.type, field.label, field.default) == ("size", "enum", "Size", Expression("m"))
    assert field.values == (("s", "Small"), ("m", "m"))
    assert dict(field.constraints) == {"required": "", "max": "9"}
    assert dict(field.properties) == {"label:sv": "Storlek"}


def test_older_form_properties_are_fields_too() -> None:
    node = one(
        StartEvent,
        extended(
            '<camunda:formProperty id="n" name="Number" type="long" required="true" writeable="false" default="4"/>',
            "startEvent",
        ),
    )
    assert node.form is not None
    (field,) = node.form.fields
    assert (field.id, field.label, field.type, field.default) == ("n", "Number", "long", Expression("4"))
    assert dict(field.constraints) == {"required": "true", "readonly": "true"}


def test_a_form_may_be_a_key_or_a_deployed_form() -> None:
    by_key = one(UserTask, '<userTask id="t" camunda:formKey="embedded:app:a.html"/>').form
    by_ref = one(
        UserTask,
        '<userTask id="t" camunda:formRef="laptop" camunda:formRefBinding="version" camunda:formRefVersion="3"/>',
    ).form
    assert by_key is not None
    assert by_ref is not None
    assert by_key.key == Expression("embedded:app:a.html")
    assert (by_ref.ref, by_ref.binding, by_ref.version) == (Expression("laptop"), "version", Expression("3"))


@pytest.mark.parametrize(
    ("attributes", "work"),
    [
        (
            'camunda:type="external" camunda:topic="t" camunda:taskPriority="3"',
            ExternalWork(Expression("t"), Expression("3")),
        ),
        ('camunda:expression="${a}" camunda:resultVariable="r"', ExpressionWork(Expression("${a}"), "r")),
        ('camunda:delegateExpression="${notify}"', HandlerWork("notify")),
        ('camunda:class="org.example.Notify"', HandlerWork("org.example.Notify")),
        (
            'camunda:decisionRef="d" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="r"',
            DecisionWork(Expression("d"), result_variable="r", map_result="singleEntry"),
        ),
        ('camunda:type="mail"', UnsupportedWork("camunda:type='mail'")),
        ("", None),
    ],
)
@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "businessRuleTask"])
def test_a_service_says_what_does_it(tag: str, attributes: str, work: object) -> None:
    assert one(ServiceTask, f'<{tag} id="t" {attributes}/>').work == work


def test_an_external_task_may_turn_failures_into_errors() -> None:
    node = one(
        ServiceTask,
        '<serviceTask id="t" camunda:type="external" camunda:topic="x"><extensionElements>'
        '<camunda:errorEventDefinition errorRef="e" expression="${fault}"/></extensionElements></serviceTask>',
        declared='<error id="e" errorCode="42" camunda:errorMessage="Out of paper"/>',
    )
    assert isinstance(node.work, ExternalWork)
    (error,) = node.work.errors
    assert (error.code, error.expression, error.message) == ("42", Expression("${fault}"), Expression("Out of paper"))


def test_a_script_task_without_a_language_is_python() -> None:
    node = one(ScriptTask, '<scriptTask id="t" camunda:resultVariable="r"><script>a = 1</script></scriptTask>')
    assert (node.script, node.result_variable) == (Script("a = 1", "python"), "r")


def test_a_receive_task_waits_for_its_message_or_for_anyone() -> None:
    named = one(ReceiveTask, '<receiveTask id="t" messageRef="m"/>', declared='<message id="m" name="paid ${order}"/>')
    assert named.message is not None
    assert named.message.name == Expression("paid ${order}")
    assert one(ReceiveTask, '<receiveTask id="t"/>').message is None


def test_a_call_says_what_it_calls_and_what_goes_in_and_out() -> None:
    node = one(
        CallActivity,
        '<callActivity id="t" calledElement="other" camunda:calledElementBinding="version"'
        ' camunda:calledElementVersion="2"><extensionElements><camunda:in source="a" target="b"/><camunda:in'
        ' variables="all" local="true"/><camunda:in businessKey="${key}"/><camunda:out sourceExpression="${c}"'
        ' target="d"/></extensionElements></callActivity>',
    )
    assert (node.called_element, node.binding, node.version) == (Expression("other"), "version", Expression("2"))
    first, everything, key = node.ins
    assert (first.source, first.target) == ("a", "b")
    assert (everything.all_variables, everything.local) == (True, True)
    assert key.business_key == Expression("${key}")
    assert node.outs[0].source_expression == Expression("${c}")


def test_an_activity_may_repeat() -> None:
    node = one(
        UserTask,
        '<userTask id="t"><multiInstanceLoopCharacteristics isSequential="true" camunda:collection="${people}" '
        'camunda:elementVariable="person" camunda:asyncBefore="true"><loopCardinality>3</loopCardinality>'
        "<completionCondition>${done}</completionCondition></multiInstanceLoopCharacteristics></userTask>",
    )
    loop = node.multi_instance
    assert loop is not None
    assert (loop.sequential, loop.async_before) == (True, True)
    assert (loop.cardinality, loop.collection, loop.element_variable) == (
        Expression("3"),
        Expression("${people}"),
        "person",
    )
    assert loop.completion_condition == Expression("${done}")


@pytest.mark.parametrize(("maximum", "expected"), [("3", 3), ("x", None), ("9" * 5000, None), ("", None)])
def test_a_standard_loop_has_a_condition_and_a_maximum(maximum: str, expected: int | None) -> None:
    node = one(
        UserTask,
        f'<userTask id="t"><standardLoopCharacteristics testBefore="true" loopMaximum="{maximum}">'
        "<loopCondition>${again}</loopCondition></standardLoopCharacteristics></userTask>",
    )
    assert node.standard_loop is not None
    assert (node.standard_loop.condition, node.standard_loop.maximum) == (Expression("${again}"), expected)
