"""Rules about what goes in and comes out: parameters and forms."""

from __future__ import annotations

from bpmn.forms import MOST_FIELDS, MOST_OPTIONS
from bpmn.model import FormReference, ProcessModel, StartEvent, UserTask
from bpmn.rules.finding import Findings, at, called

_FORM_BINDINGS = ("latest", "deployment", "version")


def parameters_have_names(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        for what, parameters in (("input", node.inputs), ("output", node.outputs)):
            if not all(parameter.name for parameter in parameters):
                yield at(
                    node,
                    f"{called(node)} has an {what} parameter without a name.",
                    "Name the variable that it sets.",
                )


def forms_are_one(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        form: FormReference | None = node.form if isinstance(node, UserTask | StartEvent) else None
        if form is None:
            continue
        if len(form.fields) > MOST_FIELDS:
            yield at(
                node, f"The form of {called(node)} has {len(form.fields):,} fields.", f"Ask for {MOST_FIELDS} at most."
            )
        for field in form.fields:
            if len(field.values) > MOST_OPTIONS:
                yield at(
                    node,
                    f"The field “{field.id}” of {called(node)} offers {len(field.values):,} choices.",
                    f"Offer {MOST_OPTIONS:,} at most.",
                )
        if form.key is not None and form.ref is not None:
            yield at(node, f"{called(node)} has a form key and a form reference.", "Keep one of them.")
        elif form.ref is not None and form.binding not in _FORM_BINDINGS:
            yield at(
                node,
                f"{called(node)} binds its form to “{form.binding}”, which does not exist.",
                f"Choose one of: {', '.join(_FORM_BINDINGS)}.",
            )
