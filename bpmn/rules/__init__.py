"""What is wrong with a model. Each rule is one function that finds; its id and severity stand here only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bpmn.model import Definitions, ProcessModel
from bpmn.problems import Problem, Severity
from bpmn.rules import (
    activities,
    compensation,
    confidentiality,
    data,
    duties,
    events,
    expressions,
    gateways,
    structure,
    support,
)
from bpmn.rules.finding import FileRule, Finding, ModelRule

__all__ = ["RULES", "Rule", "check", "check_promises"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Rule:
    """`find_in_model` looks at one process, `find_in_file` at the whole file."""

    id: str
    severity: Severity
    find_in_model: ModelRule | None = None
    find_in_file: FileRule | None = None

    def findings(self, definitions: Definitions) -> Iterator[Finding]:
        if self.find_in_file is not None:
            yield from self.find_in_file(definitions)
        if self.find_in_model is not None:
            for model in definitions.processes:
                yield from self.find_in_model(model)


RULES: tuple[Rule, ...] = (
    Rule("duplicate-id", ERROR, find_in_file=structure.duplicate_ids),
    Rule("process-id", ERROR, find_in_file=structure.process_id),
    Rule("reference", ERROR, find_in_file=structure.unresolved_references),
    Rule("not-executable", WARNING, find_in_file=structure.nothing_executable),
    Rule("flow-end", ERROR, structure.flow_ends),
    Rule("flow-crosses-scope", ERROR, structure.flow_crosses_scope),
    Rule("start-event", ERROR, structure.start_events),
    Rule("event-subprocess-flows", ERROR, structure.event_subprocess_alone),
    Rule("incoming", ERROR, structure.incoming_where_none_may_be),
    Rule("outgoing-of-end", ERROR, structure.outgoing_of_end),
    Rule("attached", ERROR, structure.attached),
    Rule("default-flow", ERROR, structure.default_flow),
    Rule("link", ERROR, structure.links),
    Rule("unreachable", WARNING, structure.unreachable),
    Rule("exclusive-condition", ERROR, gateways.exclusive_conditions),
    Rule("exclusive-ways-out", ERROR, gateways.exclusive_ways_out),
    Rule("default-condition", ERROR, gateways.exclusive_default_with_condition),
    Rule("inclusive-default-condition", WARNING, gateways.inclusive_default_with_condition),
    Rule("no-default", WARNING, gateways.no_default),
    Rule("event-based-target", ERROR, gateways.event_based_targets),
    Rule("one-event-definition", ERROR, events.one_definition),
    Rule("event-definition", ERROR, events.definition_needed),
    Rule("timer", ERROR, events.timer_says_when),
    Rule("message-name", ERROR, events.message_named),
    Rule("message-start", ERROR, events.message_start_name_fixed),
    Rule("signal-name", ERROR, events.signal_named, events.declared_signals_named),
    Rule("signal-once", ERROR, find_in_file=events.signals_once),
    Rule("declaration", ERROR, find_in_file=events.declarations_have_ids),
    Rule("condition", ERROR, events.condition_given),
    Rule("error-code", ERROR, events.error_code),
    Rule("escalation-code", ERROR, events.escalation_code),
    Rule("escalation-host", ERROR, events.escalation_host),
    Rule("escalation-once", ERROR, events.escalations_once),
    Rule("error-start", ERROR, events.error_start_interrupts),
    Rule("error-once", WARNING, events.errors_once),
    Rule("cancel-transaction", ERROR, events.cancel_in_transaction),
    Rule("cancel-once", ERROR, events.one_cancel_boundary),
    Rule("message-once", ERROR, events.one_message_per_activity),
    Rule("start-condition-once", ERROR, events.one_start_condition),
    Rule("event-kind", ERROR, events.kind_fits),
    Rule("compensated-activity", ERROR, compensation.activity_in_scope),
    Rule("compensation-event-subprocess", ERROR, compensation.event_subprocess_inside),
    Rule("compensation-handler-flow", ERROR, compensation.handler_leads_nowhere),
    Rule("compensation-handler", WARNING, compensation.handler_given),
    Rule("compensation-target", ERROR, compensation.handler_is_one),
    Rule("compensation-once", ERROR, compensation.one_way_to_undo),
    Rule("owner", WARNING, activities.owner),
    Rule("task-name", WARNING, activities.named),
    Rule("called-element", ERROR, activities.calls_a_process),
    Rule("mapping", ERROR, activities.mappings_complete),
    Rule("one-assignee", ERROR, activities.one_assignee),
    Rule("calls-itself", WARNING, activities.calls_itself),
    Rule("work", ERROR, activities.work_given),
    Rule("topic", ERROR, activities.topic_given),
    Rule("listener", ERROR, activities.listeners_do_something),
    Rule("listener-event", ERROR, activities.listeners_hear_something),
    Rule("history-time-to-live", ERROR, activities.history_kept_in_days),
    Rule("script", WARNING, activities.script_given),
    Rule("repetition", ERROR, activities.repeats_how_often),
    Rule("repetition-output", ERROR, activities.outputs_of_repetition),
    Rule("parameters", ERROR, activities.parameters_where_they_work),
    Rule("async-after", ERROR, activities.continues_after_no_event_based_gateway),
    Rule("flow-id", ERROR, activities.flows_have_ids),
    Rule("priority", ERROR, activities.priorities_are_numbers),
    Rule("parameter-name", ERROR, data.parameters_have_names),
    Rule("form", ERROR, data.forms_are_one),
    Rule("expression", ERROR, expressions.readable),
    Rule("unknown-function", ERROR, expressions.functions_known),
    Rule("timer-text", ERROR, expressions.timers_readable),
    Rule("task-date", ERROR, expressions.dates_readable),
    Rule("confidential-leak", ERROR, confidentiality.leaks),
    Rule("separate-duties", ERROR, duties.separated),
    Rule("unsupported-element", ERROR, support.elements),
    Rule("unsupported-work", ERROR, support.work),
    Rule("unsupported-extension", ERROR, find_in_file=support.extensions),
    Rule("dialect", ERROR, find_in_file=support.dialect),
    Rule("foreign-element", ERROR, find_in_file=support.foreign_elements),
)


#: What is missing only because a reference leads nowhere is said once, as that.
_FOLLOW_FROM_REFERENCE = frozenset({"message-name", "signal-name", "escalation-code"})


def check(definitions: Definitions) -> tuple[Problem, ...]:
    """Every problem of a file, by line. A process that is drawn beside an executable one and is not executable itself
    keeps nothing from being deployed."""
    unresolved = {each.element_id for each in definitions.unresolved}
    beside = _beside(definitions)
    found = [
        Problem(
            rule.id,
            WARNING if finding.element_id in beside else rule.severity,
            finding.element_id,
            finding.line,
            finding.message,
            finding.remedy,
            finding.element_name,
        )
        for rule in RULES
        for finding in rule.findings(definitions)
        if not (rule.id in _FOLLOW_FROM_REFERENCE and finding.element_id in unresolved)
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.rule)))


def check_promises(
    model: ProcessModel,
    promised: Mapping[str, frozenset[str]],
    copied: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> tuple[Problem, ...]:
    """Where a process would give what is confidential to others, by its own marks and by those `promised` elsewhere;
    `copied`: decision -> what its results may be made of."""
    found = (
        *confidentiality.leaks_of_promised(model, promised),
        *confidentiality.leaks_by_decisions(model, promised, copied),
    )
    return tuple(
        Problem("confidential-leak", ERROR, each.element_id, each.line, each.message, each.remedy, each.element_name)
        for each in found
    )


def _beside(definitions: Definitions) -> set[str]:
    """The elements that only processes have which are not executable, where another is."""
    run, drawn = set[str](), set[str]()
    for model in definitions.processes:
        (run if model.process.executable else drawn).update((*model.nodes, *model.flows))
    return drawn - run if run else set()
