"""Variables that are for some departments only: a form field with the property `confidential` names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpmn.model import FormField, ProcessModel, StartEvent, UserTask

PROPERTY = "confidential"


def confidential_variables(model: ProcessModel) -> Mapping[str, frozenset[str]]:
    """The departments that may see a variable, by its name; variables that everybody may see are left out. A field that
    several forms ask for is for all departments that any of them names, and for nobody else."""
    found: dict[str, frozenset[str]] = {}
    for field in form_fields(model):
        marked = departments(field)
        if marked:
            found[field.id] = found.get(field.id, frozenset()) | marked
    return found


def departments(field: FormField) -> frozenset[str]:
    """For whom a field is marked: the keys of departments, with commas between them; none: for everybody."""
    return frozenset(key for part in field.properties.get(PROPERTY, "").split(",") if (key := part.strip()))


def form_fields(model: ProcessModel) -> Iterator[FormField]:
    """Every field of every form, in flow order; a variable that several forms ask for comes several times."""
    for node in model.nodes.values():
        if isinstance(node, UserTask | StartEvent) and node.form is not None:
            yield from node.form.fields
