"""Forms of user tasks and start events."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from bpmn.model.values import Expression, nothing


class FormField(Struct, frozen=True):
    """One `camunda:formField`. `type` is string, long, boolean, date, enum or one unknown to us; `values` are the
    enum's (id, label) pairs; `constraints` maps required, readonly, min, max, minlength, maxlength to their
    configuration; `properties` are its `camunda:property` entries (`label:sv`, `help`, `widget`, `confidential`)."""

    id: str
    type: str
    label: str | None = None
    default: Expression | None = None
    values: tuple[tuple[str, str], ...] = ()
    constraints: Mapping[str, str] = field(default_factory=nothing)
    properties: Mapping[str, str] = field(default_factory=nothing)
    line: int = 0


class FormReference(Struct, frozen=True):
    """Where the form is: embedded fields, or a `formKey`, or a `formRef` with its binding."""

    fields: tuple[FormField, ...] = ()
    key: Expression | None = None
    ref: Expression | None = None
    binding: str = "latest"
    version: Expression | None = None
