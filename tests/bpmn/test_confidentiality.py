"""A confidential variable comes to nobody else: every way in which a model could pass it on is found."""

from __future__ import annotations

import pytest

from bpmn import check, confidential_variables, read
from tests.bpmn.drawing import drawn

HEAD = """<startEvent id="start"/>
<userTask id="agree" name="Agree"><extensionElements><camunda:formData>
  <camunda:formField id="salary" type="long"><camunda:properties>
    <camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField>
  <camunda:formField id="bonus" type="long"><camunda:properties>
    <camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField>
  <camunda:formField id="bank" type="string"><camunda:properties>
    <camunda:property id="confidential" value="payroll"/></camunda:properties></camunda:formField>
</camunda:formData></extensionElements></userTask>
<endEvent id="end"/>
<sequenceFlow id="a" sourceRef="start" targetRef="agree"/>
<sequenceFlow id="b" sourceRef="agree" targetRef="x"/>
<sequenceFlow id="c" sourceRef="x" targetRef="end"/>
"""
TASK = '<userTask id="x" name="Work" camunda:candidateGroups="it">{}</userTask>'
EXTENDED = "<extensionElements>{}</extensionElements>"
MAPPED = EXTENDED.format("<camunda:inputOutput>{}</camunda:inputOutput>")
FORM = EXTENDED.format("<camunda:formData>{}</camunda:formData>")
CALL = '<callActivity id="x" calledElement="other"><extensionElements>{}</extensionElements></callActivity>'

LEAKS = {
    "a name": '<userTask id="x" name="Pay ${salary}"/>',
    "a description": '<userTask id="x" name="Work"><documentation>It pays ${salary}</documentation></userTask>',
    "an assignee": '<userTask id="x" name="Work" camunda:assignee="${salary}"/>',
    "a candidate": '<userTask id="x" name="Work" camunda:candidateUsers="${salary}"/>',
    "a due date": '<userTask id="x" name="Work" camunda:dueDate="${salary}"/>',
    "an input of another name": TASK.format(
        MAPPED.format("<camunda:inputParameter name='pay'>${salary}</camunda:inputParameter>")
    ),
    "an input for another department": TASK.format(
        MAPPED.format("<camunda:inputParameter name='bank'>${salary}</camunda:inputParameter>")
    ),
    "a list in an output": TASK.format(
        MAPPED.format(
            "<camunda:outputParameter name='pay'><camunda:list><camunda:value>${salary}</camunda:value></camunda:list>"
            "</camunda:outputParameter>"
        )
    ),
    "a default of another field": TASK.format(
        FORM.format("<camunda:formField id='p' type='long' defaultValue='${salary}'/>")
    ),
    "a script": '<scriptTask id="x" scriptFormat="python"><script>pay = salary + 1</script></scriptTask>',
    "a script that names what it writes": (
        '<scriptTask id="x" scriptFormat="python" camunda:resultVariable="bonus">'
        "<script>execution.setVariable('pay', salary)</script></scriptTask>"
    ),
    "a result": '<serviceTask id="x" camunda:expression="${salary}" camunda:resultVariable="pay"/>',
    "a field of a handler": (
        '<serviceTask id="x" camunda:class="notify"><extensionElements><camunda:field name="message">'
        "<camunda:expression>${salary}</camunda:expression></camunda:field></extensionElements></serviceTask>"
    ),
    "a listener": TASK.format(
        EXTENDED.format("<camunda:taskListener event='create' expression='${task.setName(salary)}'/>")
    ),
    "a mapping to another name": CALL.format("<camunda:in source='salary' target='pay'/>"),
    "a mapping by an expression": CALL.format("<camunda:in sourceExpression='${salary}' target='pay'/>"),
    "a business key": CALL.format("<camunda:in businessKey='${salary}'/>"),
    "how many turns": (
        '<userTask id="x" name="Work"><multiInstanceLoopCharacteristics><loopCardinality>${salary}</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>"
    ),
    "a list to go through": (
        '<userTask id="x" name="Work"><multiInstanceLoopCharacteristics camunda:collection="${salary}"'
        ' camunda:elementVariable="one"/></userTask>'
    ),
}  # fmt: skip

KEPT = {
    "an input of a name as confidential": LEAKS["an input for another department"].replace("'bank'", "'bonus'"),
    "a script into one as confidential": LEAKS["a script"].replace("pay", "bonus"),
    "a mapping under the same name": CALL.format("<camunda:in source='salary' target='salary'/>"),
    "another variable": LEAKS["a name"].replace("salary", "floor"),
    "a condition to go on": (
        '<userTask id="x" name="Work"><standardLoopCharacteristics><loopCondition>${salary &gt; 1}</loopCondition>'
        "</standardLoopCharacteristics></userTask>"
    ),
}


def leaks(inside: str) -> list[str]:
    return [each.message for each in check(read(drawn(HEAD + inside))) if each.rule == "confidential-leak"]


@pytest.mark.parametrize("inside", LEAKS.values(), ids=LEAKS)
def test_a_way_out_is_found_by_element_and_variable(inside: str) -> None:
    (message,) = leaks(inside)
    assert "salary" in message
    assert "hr" in message


@pytest.mark.parametrize("inside", KEPT.values(), ids=KEPT)
def test_what_keeps_it_is_allowed(inside: str) -> None:
    assert leaks(inside) == []


def test_a_signal_carries_it_to_nobody_whatever_the_name() -> None:
    thrown = (
        '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="s"><extensionElements>'
        '<camunda:in source="salary" target="salary"/></extensionElements></signalEventDefinition>'
        "</intermediateThrowEvent>"
    )
    problems = check(read(drawn(HEAD + thrown, declared='<signal id="s" name="s"/>')))
    assert [each.element_id for each in problems if each.rule == "confidential-leak"] == ["x"]


@pytest.mark.parametrize("source", ["execution.getVariable(which)", "execution.getVariables()"])
def test_whatever_computes_the_names_it_reads_may_read_every_one(source: str) -> None:
    found = leaks(f'<serviceTask id="x" camunda:expression="${{{source}}}" camunda:resultVariable="pay"/>')
    assert [message.split("“")[2].split("”")[0] for message in found] == ["bank", "bonus", "salary"]


def test_a_subject_that_shows_it_is_found_on_the_process() -> None:
    properties = (
        '<extensionElements><camunda:properties><camunda:property name="subject" value="${salary}"/>'
        "</camunda:properties></extensionElements>"
    )
    problems = check(read(drawn(properties + HEAD + TASK.format(""))))
    assert [each.element_id for each in problems if each.rule == "confidential-leak"] == ["process"]


def test_a_variable_that_two_forms_mark_is_for_all_departments_named() -> None:
    twice = HEAD + TASK.format(
        FORM.format(
            "<camunda:formField id='salary' type='long'><camunda:properties>"
            "<camunda:property id='confidential' value='payroll, audit'/></camunda:properties></camunda:formField>"
            "<camunda:formField id='bank' type='string'/>"
        )
    )
    (model,) = read(drawn(twice)).processes
    assert confidential_variables(model) == {
        "salary": frozenset({"hr", "payroll", "audit"}),
        "bonus": frozenset({"hr"}),
        "bank": frozenset({"payroll"}),
    }
