"""Scripts: assignments, `if`, and calls, on the interpreter of expressions. There is no loop and no definition.

    total = price * quantity
    if total > 25000:
        execution.setVariable('approval', 'needed')
    else:
        approval = 'none'

A JUEL script is one expression, and its value is the script's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent
from typing import Any

from bpmn.expressions import ExpressionError, MutableNames, compile_expression
from bpmn.expressions.budget import MAX_SCRIPT, Frame, settle
from bpmn.expressions.calls import Evaluate
from bpmn.expressions.closures import closure
from bpmn.expressions.evaluation import analysed, check_size
from bpmn.expressions.nodes import Node
from bpmn.expressions.python import convert, operation, statements
from bpmn.model import Expression, Script
from bpmn.values import stored

_PYTHON = frozenset(("python", "jython", "python3"))
_CACHED = 2_000
_Run = Callable[[Frame, MutableNames], Any]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledScript:
    """A script, read and checked. `free_names`: the variables it may read; `assigned_names`: those it may set by `=`;
    `functions`: as of an expression."""

    script: Script
    run: _Run
    free_names: frozenset[str]
    assigned_names: frozenset[str]
    functions: frozenset[str]

    def __call__(self, names: MutableNames) -> Any:
        """The value of the last statement, if that is an expression, else None."""
        frame = Frame(names)
        try:
            found = self.run(frame, names)
            settle(frame)
            return found
        except ExpressionError as error:
            raise error.within(self.script.text) from error.__cause__
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            raise ExpressionError(f"{error}.").within(self.script.text) from error


def run_script(script: Script, names: MutableNames) -> Any:
    """Runs a script; assignments go through `names[...] = value`, as values to store. Raises ExpressionError."""
    return compile_script(script)(names)


@lru_cache(_CACHED)
def compile_script(script: Script) -> CompiledScript:
    """Reads a script; raises ExpressionError for what shows without running it, a language that is not run among it."""
    if script.language in _PYTHON:
        try:
            return _Reader(script).compiled()
        except ExpressionError as error:
            raise error.within(script.text) from None
    if script.language == "juel":
        compiled = compile_expression(Expression(script.text))
        return CompiledScript(
            script,
            lambda frame, _: compiled.run(frame),
            compiled.free_names,
            frozenset(),
            compiled.functions,
        )
    raise ExpressionError(
        f"Scripts in {script.language or 'no language'} are not run: write it in python or juel, "
        "or make it a service task with a handler or an external worker."
    )


class _Reader:
    """Turns the statements of one script into functions, and notes the names they touch."""

    def __init__(self, script: Script) -> None:
        if len(script.text) > MAX_SCRIPT:
            raise ExpressionError(f"The script is too long: at most {MAX_SCRIPT} characters.")
        self.script = script
        self.read: set[str] = set()
        self.assigned: set[str] = set()
        self.functions: set[str] = set()

    def compiled(self) -> CompiledScript:
        run = self.block(statements(dedent(self.script.text)))
        return CompiledScript(
            self.script, run, frozenset(self.read), frozenset(self.assigned), frozenset(self.functions)
        )

    def block(self, body: list[ast.stmt]) -> _Run:
        runs = tuple((statement.lineno, self.statement(statement)) for statement in body)

        def block(frame: Frame, names: MutableNames) -> Any:
            result = None
            for line, run in runs:
                try:
                    result = run(frame, names)
                except ExpressionError as error:
                    raise error.at_line(line) from error.__cause__
            return result

        return block

    def statement(self, statement: ast.stmt) -> _Run:
        try:
            return self.understood(statement)
        except ExpressionError as error:
            raise error.at_line(statement.lineno) from None

    def understood(self, statement: ast.stmt) -> _Run:
        match statement:
            case ast.Expr(value=value):
                evaluate = self.expression(value)
                return lambda frame, _: evaluate(frame)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self.assignment(name, self.tree(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return self.assignment(name, self.tree(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                return self.assignment(name, operation(op, self.tree(ast.Name(name)), self.tree(value)))
            case ast.If(test=test, body=body, orelse=otherwise):
                return self.choice(self.expression(test), self.block(body), self.block(otherwise))
            case ast.Pass():
                return lambda _frame, _names: None
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                raise ExpressionError("Only a variable by its name can be set: name = value.")
        kind = type(statement).__name__
        raise ExpressionError(f"{kind} is not allowed: a script sets variables, calls, and chooses with if.")

    def assignment(self, name: str, tree: Node) -> _Run:
        self.assigned.add(name)
        evaluate = closure(tree)

        def assign(frame: Frame, names: MutableNames) -> None:
            names[name] = stored(evaluate(frame))

        return assign

    @staticmethod
    def choice(test: Evaluate, then: _Run, otherwise: _Run) -> _Run:
        return lambda frame, names: then(frame, names) if test(frame) else otherwise(frame, names)

    def expression(self, value: ast.expr) -> Evaluate:
        return closure(self.tree(value))

    def tree(self, value: ast.expr) -> Node:
        tree = convert(value, frozenset())
        check_size(tree)
        read, _, functions = analysed(tree)
        self.read |= read
        self.functions |= functions
        return tree
