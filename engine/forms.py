"""Forms of tasks and of starts: shown with what is known, and what is submitted checked and handed on.

A field that is concealed from whoever fills it in is shown as if nothing were known of it: see
`engine.policy.confidentiality`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from bpmn import FormField, FormReference, FormView, PlainNames, StartEvent, UserTask, forms, plain
from engine.context import CommandContext
from engine.errors import FormRefused
from engine.policy.confidentiality import concealed_names, withheld_names
from engine.repository import get_definition
from engine.repository_models import model_of
from engine.runtime import ProcessInstance, all_variables, none_start, require_starting, start_instance
from engine.task_queries import Task, get_task
from engine.tasks import complete_task

#: What an HTML form or a JSON body sends for a field that was left empty.
EMPTY: tuple[Any, ...] = (None, "", [])


def submit_form(context: CommandContext, task_id: str, submitted: Mapping[str, Any]) -> None:
    """Completes the task with what its form was filled in with. FormRefused, naming every field that cannot be
    accepted."""
    found = get_task(context, task_id)
    form = form_of(context, found)
    kept = _kept(context, found, form, submitted) if form is not None else frozenset()
    complete_task(context, task_id, _accepted(form, submitted, kept))


def _kept(context: CommandContext, found: Task, form: FormReference, submitted: Mapping[str, Any]) -> frozenset[str]:
    """The fields that keep the value they have: what is concealed was shown empty, and was left so."""
    left = {field.id for field in form.fields if submitted.get(field.id) in EMPTY}
    left &= concealed_names(context, found.process_instance_id)
    if not left:
        return frozenset()
    known = all_variables(context, found.process_instance_id, found.number)
    return frozenset(name for name in left if known.get(name) not in EMPTY)


def submit_start_form(
    context: CommandContext, definition_id: str, submitted: Mapping[str, Any], business_key: str | None = None
) -> ProcessInstance:
    """Starts an instance with what the start form was filled in with."""
    reference = _start_reference(context, definition_id)
    require_starting(context, definition_id)
    values = _accepted(reference, submitted, frozenset())
    return start_instance(context, definition_id=definition_id, variables=values, business_key=business_key)


def _accepted(reference: FormReference | None, submitted: Mapping[str, Any], kept: frozenset[str]) -> Mapping[str, Any]:
    if reference is None or not reference.fields:
        return submitted
    result = forms.validate([field for field in reference.fields if field.id not in kept], submitted)
    if result.errors:
        raise FormRefused(result.errors)
    return result.values


def task_form(context: CommandContext, task_id: str, language: str) -> FormView | None:
    """The task's form as it is to be shown, with what is known already; None for a task without one."""
    found = get_task(context, task_id)
    form = form_of(context, found)
    if form is None:
        return None
    known = all_variables(context, found.process_instance_id, found.number)
    concealed = concealed_names(context, found.process_instance_id)
    form = without_fields(form, withheld_names(context, found.process_instance_id))
    return shown_form(context, form, known, concealed, language)


def shown_form(
    context: CommandContext,
    form: FormReference,
    known: Mapping[str, Any],
    concealed: frozenset[str],
    language: str,
) -> FormView:
    """`known` is everything that the task sees, for defaults that are worked out of it."""
    values = {name: value for name, value in _prefilled(context, form, known).items() if name not in concealed}
    return forms.present([each for each in form.fields if not _only_to_read(each, concealed)], values, language)


def without_fields(form: FormReference, names: frozenset[str]) -> FormReference:
    """A viewer is not even told that they are asked for."""
    return replace(form, fields=tuple(each for each in form.fields if each.id not in names)) if names else form


def form_of(context: CommandContext, found: Task) -> FormReference | None:
    node = model_of(context, found.definition_id).nodes[found.activity_id]
    return node.form if isinstance(node, UserTask) else None


def _only_to_read(field: FormField, concealed: frozenset[str]) -> bool:
    """A concealed field is asked for as if nothing were known; one that is only there to be read is left out."""
    return field.id in concealed and forms.is_readonly(field)


def start_form(context: CommandContext, definition_id: str, language: str) -> FormView | None:
    reference = _start_reference(context, definition_id)
    if reference is None:
        return None
    return forms.present(reference.fields, _prefilled(context, reference, {}), language)


def _start_reference(context: CommandContext, definition_id: str) -> FormReference | None:
    get_definition(context, definition_id)
    model = model_of(context, definition_id)
    node = model.nodes[none_start(model)]
    return node.form if isinstance(node, StartEvent) else None


def _prefilled(context: CommandContext, form: FormReference, known: Mapping[str, Any]) -> dict[str, Any]:
    values = forms.defaults(form.fields, PlainNames(known, dict(context.engine.functions)))
    values.update({field.id: plain(known[field.id]) for field in form.fields if field.id in known})
    return values
