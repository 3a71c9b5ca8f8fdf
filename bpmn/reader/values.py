"""Reads what hangs on an element: expressions, scripts, properties, parameters, mappings, listeners, forms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bpmn.model import (
    Expression,
    FormField,
    FormReference,
    Listener,
    ListValue,
    MapValue,
    Parameter,
    ParameterValue,
    Script,
    VariableMapping,
)
from bpmn.reader.names import Element, child, extension, extension_children, flag, inner, local, text_of
from bpmn.xml import line_of

#: How files name the languages; anything else stays as it is, in lower case, and no executor runs it.
_LANGUAGES = {
    "": "juel",
    "juel": "juel",
    "http://www.w3.org/1999/xpath": "juel",
    "python": "python",
    "text/python": "python",
    "jython": "python",
    "feel": "feel",
    "https://www.omg.org/spec/dmn/20191111/feel/": "feel",
}


def language_of(text: str | None) -> str:
    plain = (text or "").strip().lower()
    return _LANGUAGES.get(plain, plain)


def expression(text: str | None, language: str | None = None) -> Expression | None:
    """None for text that is missing or blank."""
    return Expression(text.strip(), language_of(language)) if text and text.strip() else None


def attribute(element: Element, name: str) -> Expression | None:
    """A `camunda:` attribute that may hold an expression."""
    return expression(extension(element, name))


def child_expression(element: Element, name: str) -> Expression | None:
    found = child(element, name)
    return None if found is None else expression(text_of(found), found.get("language"))


def documentation(element: Element) -> str | None:
    found = child(element, "documentation")
    return (text_of(found) or None) if found is not None else None


def properties(element: Element) -> Mapping[str, str]:
    """`camunda:properties/camunda:property`, by name (or, in form fields, by id)."""
    found: dict[str, str] = {}
    for holder in extension_children(element, "properties"):
        for each in inner(holder, "property"):
            key = each.get("name") or each.get("id")
            if key:
                found[key] = each.get("value") or ""
    return MappingProxyType(found)


# ---------------------------------------------------------------- parameters and mappings


def parameters(element: Element, name: str) -> tuple[Parameter, ...]:
    """`inputParameter` or `outputParameter` of `camunda:inputOutput`."""
    return tuple(
        Parameter(each.get("name") or "", parameter_value(each))
        for holder in extension_children(element, "inputOutput")
        for each in inner(holder, name)
    )


def parameter_value(holder: Element) -> ParameterValue:
    """The text, script, list or map inside a parameter, a list or a map entry; None for none of them."""
    for each in holder:
        name = local(each)
        if name == "list":
            return ListValue(tuple(_item(item) for item in each))
        if name == "map":
            return MapValue(
                tuple((Expression(entry.get("key") or ""), parameter_value(entry)) for entry in inner(each, "entry"))
            )
        if name == "script":
            return script_of(each)
    text = text_of(holder)
    return Expression(text) if text else None


def _item(item: Element) -> ParameterValue:
    if local(item) == "script":
        return script_of(item)
    if local(item) in ("list", "map"):
        return parameter_value_of(item)
    text = text_of(item)
    return Expression(text) if text else None


def parameter_value_of(container: Element) -> ParameterValue:
    """A list or a map inside a list."""
    if local(container) == "list":
        return ListValue(tuple(_item(item) for item in container))
    return MapValue(
        tuple((Expression(entry.get("key") or ""), parameter_value(entry)) for entry in inner(container, "entry"))
    )


def script_of(element: Element) -> Script:
    return Script(text_of(element), language_of(element.get("scriptFormat")))


def mappings(element: Element, direction: str) -> tuple[VariableMapping, ...]:
    """`camunda:in` or `camunda:out`."""
    return tuple(
        VariableMapping(
            target=each.get("target"),
            source=each.get("source"),
            source_expression=expression(each.get("sourceExpression")),
            all_variables=each.get("variables") == "all",
            business_key=expression(each.get("businessKey")),
            local=flag(each.get("local")),
        )
        for each in extension_children(element, direction)
    )


# ---------------------------------------------------------------- listeners


def handler_name(text: str | None) -> str | None:
    """The registered name behind `camunda:class` or `camunda:delegateExpression="${name}"`."""
    plain = (text or "").strip()
    if plain[:2] in ("${", "#{") and plain.endswith("}"):
        plain = plain[2:-1].strip()
    return plain or None


def fields(element: Element) -> Mapping[str, Expression]:
    """`camunda:field` entries: a string or an expression each."""
    found: dict[str, Expression] = {}
    for each in extension_children(element, "field"):
        text = each.get("stringValue") or each.get("expression")
        if text is None:
            text = next((text_of(value) for value in each), "")
        if name := each.get("name"):
            found[name] = Expression(text)
    return MappingProxyType(found)


def listeners(element: Element, kind: str) -> tuple[Listener, ...]:
    """`executionListener` or `taskListener`."""
    found = []
    for each in extension_children(element, kind):
        script = next(iter(inner(each, "script")), None)
        found.append(
            Listener(
                event="take" if local(element) == "sequenceFlow" else each.get("event") or "",
                expression=expression(each.get("expression")),
                handler=handler_name(each.get("class") or each.get("delegateExpression")),
                script=None if script is None else script_of(script),
                fields=fields(each),
                line=line_of(each),
            )
        )
    return tuple(found)


# ---------------------------------------------------------------- forms


def form(element: Element) -> FormReference | None:
    """What form an element shows, if any."""
    found = tuple(
        _form_field(field) for data in extension_children(element, "formData") for field in inner(data, "formField")
    ) + tuple(_form_property(each) for each in extension_children(element, "formProperty"))
    key, ref = attribute(element, "formKey"), attribute(element, "formRef")
    if not found and key is None and ref is None:
        return None
    return FormReference(
        fields=found,
        key=key,
        ref=ref,
        binding=extension(element, "formRefBinding") or "latest",
        version=attribute(element, "formRefVersion"),
    )


def _form_field(element: Element) -> FormField:
    constraints = {
        name: each.get("config") or ""
        for validation in inner(element, "validation")
        for each in inner(validation, "constraint")
        if (name := each.get("name"))
    }
    return FormField(
        id=element.get("id") or "",
        type=element.get("type") or "string",
        label=element.get("label"),
        default=expression(element.get("defaultValue")),
        values=tuple(
            (each.get("id") or "", each.get("name") or each.get("id") or "") for each in inner(element, "value")
        ),
        constraints=MappingProxyType(constraints),
        properties=properties(element),
        line=line_of(element),
    )


def _form_property(element: Element) -> FormField:
    """The older way to write a form field."""
    constraints = {}
    if flag(element.get("required")):
        constraints["required"] = "true"
    if not flag(element.get("writeable"), default=True):
        constraints["readonly"] = "true"
    return FormField(
        id=element.get("id") or "",
        type=element.get("type") or "string",
        label=element.get("name"),
        default=expression(element.get("default")),
        values=tuple((each.get("id") or "", each.get("name") or "") for each in inner(element, "value")),
        constraints=MappingProxyType(constraints),
        line=line_of(element),
    )
