"""Variables live in scopes: every activity may hold some; one is seen from everywhere inside. As in Camunda, setting
a name that nobody around holds puts it on the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from bpmn import (
    Expression,
    ExpressionError,
    ListValue,
    MapValue,
    ParameterValue,
    Script,
    VariableMapping,
    evaluate,
    plain,
    run_script,
    stored,
    text,
    truth,
)
from engine.errors import ExpressionFailed
from engine.execution.native.state import Activity
from engine.execution.native.tree import Tree
from engine.execution.protocol import VariableRemoved, VariableSet

#: What stands beside the variables, by name: a table of properties and methods.
Beans = Mapping[str, Mapping[str, Any]]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def bean(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as properties and as getters: `task.name`, `task.getName()`."""

    def getter(value: Any) -> Callable[[], Any]:
        return lambda: value

    return {**facts, **{f"get{name[0].upper()}{name[1:]}": getter(value) for name, value in facts.items()}}


class Variables:
    """What an activity sees, as expressions, scripts and handlers read and write it. `extra` hides it for reading."""

    __slots__ = ("_activity", "_beans", "_extra", "_scopes")

    def __init__(
        self, scopes: Scopes, activity: Activity, extra: Mapping[str, Any] = _NOTHING, beans: Beans = _NOTHING
    ) -> None:
        self._scopes = scopes
        self._activity = activity
        self._extra = extra
        self._beans = beans

    def __contains__(self, name: object) -> bool:
        return name in self._extra or self._scopes.holder(self._activity, name) is not None

    def __getitem__(self, name: str) -> Any:
        if name in self._extra:
            return self._extra[name]
        holder = self._scopes.holder(self._activity, name)
        if holder is None:
            raise KeyError(name)
        return plain(holder.variables[name])

    def __setitem__(self, name: str, value: Any) -> None:
        self._scopes.set_variable(self._activity, name, value)

    def function(self, name: str) -> Callable[..., Any] | None:
        return self._scopes.functions.get(name)

    def bean(self, name: str) -> Mapping[str, Any] | None:
        """`execution`, as the expressions of Camunda models use it; `task` and `externalTask` where there is one."""
        if name != "execution":
            return self._beans.get(name)
        scopes, node = self._scopes, self._scopes.node(self._activity)
        facts = {
            "id": scopes.instance_id,
            "processInstanceId": scopes.instance_id,
            "processDefinitionId": scopes.definition_id,
            "processBusinessKey": scopes.business_key,
            "businessKey": scopes.business_key,
            "currentActivityId": node.id,
            "currentActivityName": node.name,
        }
        return {**bean(facts), **self.methods(), **self._beans.get(name, _NOTHING)}

    def methods(self) -> dict[str, Any]:
        """What `execution` and `task` have in common: the variables as they are seen from here."""
        scopes, activity, own = self._scopes, self._activity, self._activity.variables

        def get(wanted: Any) -> Any:
            try:
                return self[wanted]
            except KeyError:
                return None

        def set_(wanted: Any, value: Any) -> None:
            self[str(wanted)] = value

        def everything() -> dict[str, Any]:
            return {name: plain(value) for name, value in self.all().items()}

        return {
            "getVariable": get,
            "getVariableLocal": lambda wanted: plain(own.get(wanted)),
            "getVariables": everything,
            "getVariablesLocal": lambda: {name: plain(value) for name, value in own.items()},
            "getVariableNames": lambda: sorted(self.all()),
            "getVariableNamesLocal": lambda: sorted(own),
            "hasVariable": self.__contains__,
            "hasVariableLocal": own.__contains__,
            "hasVariables": lambda: bool(self.all()),
            "hasVariablesLocal": lambda: bool(own),
            "setVariable": set_,
            "setVariableLocal": lambda wanted, value: scopes.set_local(activity, str(wanted), value),
            "removeVariable": lambda wanted: scopes.remove_variable(activity, str(wanted)),
            "removeVariableLocal": lambda wanted: scopes.remove_local(activity, str(wanted)),
        }

    def all(self) -> dict[str, Any]:
        """Every variable seen, the inner hiding the outer."""
        found: dict[str, Any] = {}
        for each in self._scopes.lineage(self._activity):
            found = {**each.variables, **found}
        return found


class Scopes(Tree):
    """The tree with variables and expressions."""

    functions: Mapping[str, Callable[..., Any]]
    instance_id: str
    definition_id: str
    business_key: str | None
    skip_io_mappings = False

    def variable_written(self, holder: Activity, name: str, event: str) -> None:
        """Called after a variable was created, updated or deleted; the layer above watches conditions."""

    # ------------------------------------------------------------ variables

    def holder(self, activity: Activity, name: object) -> Activity | None:
        """The innermost activity around that holds the name."""
        current: Activity | None = activity
        while current is not None and name not in current.variables:
            current = self.activities.get(current.parent)
        return current

    def set_variable(self, activity: Activity, name: str, value: Any) -> None:
        self.set_local(self.holder(activity, name) or self.root, name, value)

    def set_variables(self, activity: Activity, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.set_variable(activity, name, value)

    def set_local(self, holder: Activity, name: str, value: Any) -> None:
        event = "update" if name in holder.variables else "create"
        value = stored(value)
        holder.variables[name] = value
        self.happenings.append(VariableSet(holder.number, name, value))
        self.variable_written(holder, name, event)

    def remove_variable(self, activity: Activity, name: str) -> None:
        holder = self.holder(activity, name)
        if holder is not None:
            self.remove_local(holder, name)

    def remove_local(self, holder: Activity, name: str) -> None:
        if name in holder.variables:
            del holder.variables[name]
            self.happenings.append(VariableRemoved(holder.number, name))
            self.variable_written(holder, name, "delete")

    def view(self, activity: Activity, extra: Mapping[str, Any] = _NOTHING) -> Variables:
        return Variables(self, activity, extra)

    # ------------------------------------------------------------ expressions

    def evaluate(self, expression: Expression, activity: Activity, **beans: Mapping[str, Any]) -> Any:
        if expression.is_written_out:
            return expression.text
        try:
            return evaluate(expression, Variables(self, activity, beans=beans))
        except ExpressionError as error:
            raise ExpressionFailed(f"{error} in {expression.text!r}", activity.element) from error

    def evaluate_text(self, expression: Expression, activity: Activity) -> str:
        return text(self.evaluate(expression, activity))

    def composite(self, source: str | None, activity: Activity) -> str | None:
        """A name or documentation, in which expressions may stand; None for none."""
        if not source:
            return None
        return source if "{" not in source else self.evaluate_text(Expression(source), activity)

    def holds(self, condition: Expression | Script, activity: Activity, **beans: Mapping[str, Any]) -> bool:
        if isinstance(condition, Script):
            return self.as_truth(self.run(condition, activity), condition.text, activity)
        return self.as_truth(self.evaluate(condition, activity, **beans), condition.text, activity)

    def holds_in(self, condition: Expression, activity: Activity, extra: Mapping[str, Any]) -> bool:
        """The condition, seen from `activity` with more variables in front."""
        try:
            value = evaluate(condition, self.view(activity, extra))
        except ExpressionError as error:
            raise ExpressionFailed(f"{error} in {condition.text!r}", activity.element) from error
        return self.as_truth(value, condition.text, activity)

    @staticmethod
    def as_truth(value: Any, source: str, activity: Activity) -> bool:
        try:
            return truth(value)
        except ExpressionError as error:
            raise ExpressionFailed(f"{error} in {source!r}", activity.element) from error

    def run(self, script: Script, activity: Activity, **beans: Mapping[str, Any]) -> Any:
        try:
            return run_script(script, Variables(self, activity, beans=beans))
        except ExpressionError as error:
            raise ExpressionFailed(str(error), activity.element) from error

    def parameter(self, value: ParameterValue, activity: Activity) -> Any:
        """The value of an input or output parameter."""
        match value:
            case None:
                return None
            case Expression():
                return self.evaluate(value, activity)
            case Script():
                return self.run(value, activity)
            case ListValue():
                return [self.parameter(item, activity) for item in value.items]
            case MapValue():
                return {
                    text(self.evaluate(key, activity)): self.parameter(entry, activity) for key, entry in value.entries
                }

    def map_inputs(self, activity: Activity) -> None:
        if not self.skip_io_mappings:
            for parameter in self.node(activity).inputs:
                self.set_local(activity, parameter.name, self.parameter(parameter.value, activity))

    def map_outputs(self, activity: Activity, *, canceled: bool = False) -> None:
        """Those of a canceled activity go out as well, as in Camunda; but one that needs what the activity did not come
        to is left out, where Camunda would refuse to cancel."""
        for parameter in self.node(activity).outputs if not self.skip_io_mappings else ():
            try:
                value = self.parameter(parameter.value, activity)
            except ExpressionFailed:
                if canceled:
                    continue
                raise
            around = self.activities.get(activity.parent)
            if around is not None:
                self.set_variable(around, parameter.name, value)

    def mapped_out(self, mappings: Sequence[VariableMapping], root: Activity) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `camunda:out` makes of this instance's variables for its caller, and for its call activity alone."""
        around = [each for each in mappings if not each.local]
        local = [replace(each, local=False) for each in mappings if each.local]
        return self.mapped(around, root), self.mapped(local, root)

    def mapped(self, mappings: Sequence[VariableMapping], activity: Activity) -> dict[str, Any]:
        """What `camunda:in` makes of the variables that the activity sees; with `local`, of those it holds itself."""
        found: dict[str, Any] = {}
        for mapping in mappings:
            if mapping.all_variables:
                found.update(activity.variables if mapping.local else self.view(activity).all())
            elif mapping.target and mapping.source_expression is not None:
                around = Activity(activity.number, activity.element, variables=activity.variables)
                found[mapping.target] = self.evaluate(mapping.source_expression, around if mapping.local else activity)
            elif mapping.target and mapping.source is not None:
                holder = activity if mapping.local else self.holder(activity, mapping.source)
                found[mapping.target] = None if holder is None else holder.variables.get(mapping.source)
        return found
