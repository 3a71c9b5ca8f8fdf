"""Random expressions, seeded: each gives plain data or an ExpressionError, in bounded time.

`ONEDOOR_FUZZ=40000` runs as many; `make test` runs fewer.
"""

import json
import os
import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bpmn.expressions import ExpressionError, PlainNames, evaluate
from bpmn.expressions.evaluation import compiled
from bpmn.expressions.feel_functions import FUNCTIONS as FEEL_FUNCTIONS
from bpmn.expressions.functions import FUNCTIONS
from bpmn.expressions.methods import METHODS
from bpmn.model import Expression, Script
from bpmn.scripts import run_script
from bpmn.values import stored

LANGUAGES = ("python", "juel", "feel")
COUNT = int(os.environ.get("ONEDOOR_FUZZ", "4000"))
PLAIN = (type(None), bool, int, float, str, list, dict, date, datetime, timedelta)

NAMES = PlainNames(
    {
        "n": 5,
        "t": "abc" * 300,
        "numbers": list(range(200)),
        "record": {"a": 1, "b": [1, 2, {"c": 3}]},
        "big": "y" * 90_000,
        "day": date(2026, 12, 1),
        "thing": object(),
        "builtin": print,
        "typed": {"onedoor:type": "Date", "value": "2026-12-01T00:00:00.000+0000", "info": {}},
    },
    functions={"now": lambda: datetime(2026, 11, 24, tzinfo=UTC), "leak": lambda: object()},
    beans={"execution": {"getVariable": lambda name: name, "id": "i1"}},
)

TAME_ATOMS = [
    "n",
    "t",
    "numbers",
    "record",
    "day",
    "1",
    "'a'",
    "2.5",
    "record.b",
    "numbers[0]",
    "now()",
    "'7'",
    "typed",
]
WILD_ATOMS = [
    "big",
    "thing",
    "builtin",
    "99999999999",
    "-1",
    "1e308",
    "0",
    "true",
    "True",
    "null",
    "None",
    "leak()",
    "''",
]
WILD_ATOMS += ["execution.id", "execution.getVariable('n')", "__import__", "t.format", "thing.__class__", "unknown"]
WILD_ATOMS += ["'{0.__class__}'", "execution", "(1).real", "record.nothing"]
TAME_OPERATORS = ["+", "*", "-", "==", "!=", "and", "or", "=="]
WILD_OPERATORS = {
    "python": ["/", "//", "%", "**", "<<", ">>", "|", "&", "@", "<", ">=", "in", "is", "not in", "is not"],
    "feel": ["/", "**", "<", ">", "<=", ">=", "=", "in", "between 1 and", "..", "instance of"],
    "juel": ["/", "div", "%", "mod", "&&", "||", "<", ">", "<=", ">=", "eq", "ne", "lt", "ge", "=", "&", "^"],
}
NAMES_OF_METHODS = [*METHODS, "__class__", "format", "mro", "__globals__", "append", "getClass", "encode"]
NAMES_OF_FUNCTIONS = [
    *FUNCTIONS,
    *FEEL_FUNCTIONS,
    "has",
    "variable",
    "eval",
    "getattr",
    "open",
    "print",
    "map",
    "type",
    "vars",
    "now",
]


class Writer:
    def __init__(self, language: str, seed: int) -> None:
        self.language = language
        self.random = random.Random(seed)
        self.wildness = 0.5

    def next(self) -> str:
        """Half of them tame, so that much is evaluated; half of them wild."""
        self.wildness = self.random.choice([0.05, 0.5])
        return self.expression(self.random.randint(1, 5))

    def some(self, tame: list[str], wild: list[str]) -> str:
        return self.random.choice(wild if self.random.random() < self.wildness else tame)

    def expression(self, depth: int) -> str:
        pick = self.random
        if depth <= 0:
            return self.some(TAME_ATOMS, WILD_ATOMS)
        forms = [self.operation, self.operation, self.call, self.method, self.item, self.choice, self.sign]
        if self.language == "python":
            forms += [self.comprehension, self.structure]
        if self.language == "feel":
            forms = [self.operation, self.operation, self.call, self.item, self.choice, self.feel_loop]
        if pick.random() < self.wildness and self.language == "python":
            forms = [self.oddity]
        return pick.choice(forms)(depth - 1)

    def operation(self, depth: int) -> str:
        operator = self.some(TAME_OPERATORS, WILD_OPERATORS[self.language])
        return f"({self.expression(depth)} {operator} {self.expression(depth)})"

    def feel_loop(self, depth: int) -> str:
        first, second = self.expression(depth), self.expression(depth)
        return self.random.choice(
            [
                f"(for q in {first} return {second})",
                f"(for q in 1..{first} return q)",
                f"(some q in {first} satisfies {second} = q)",
                f"{first} in ({second}, < 3, [1..n])",
                f"numbers[item > {first}]",
                f"[{first}, {second}]",
                f"{{k: {first}}}.k",
                f"[{first}..{second}]",
                f"not({first})",
            ]
        )

    def arguments(self, depth: int) -> str:
        return ", ".join(self.expression(depth) for _ in range(self.random.randint(0, 3)))

    def call(self, depth: int) -> str:
        if self.random.random() > self.wildness:
            return self.random.choice(["str({})", "bool({})", "variable('x', {})", "max({0}, {0})"]).format(
                self.expression(depth)
            )
        return f"{self.random.choice(NAMES_OF_FUNCTIONS)}({self.arguments(depth)})"

    def method(self, depth: int) -> str:
        if self.random.random() > self.wildness:
            return f"({self.expression(depth)}).{self.random.choice(['toString()', 'equals(n)'])}"
        name = self.random.choice(NAMES_OF_METHODS)
        return f"({self.expression(depth)}).{name}" + self.random.choice(["", f"({self.arguments(depth)})"])

    def item(self, depth: int) -> str:
        if self.random.random() > self.wildness:
            return self.random.choice(["record['b']", "numbers[n]", "record.b[1]"])
        return f"({self.expression(depth)})[{self.expression(depth)}]"

    def choice(self, depth: int) -> str:
        test, yes, no = (self.expression(depth) for _ in range(3))
        if self.language == "feel":
            return f"(if {test} then {yes} else {no})"
        return f"({yes} if {test} else {no})" if self.language == "python" else f"({test} ? {yes} : {no})"

    def sign(self, depth: int) -> str:
        signs = ["-", "not ", "empty ", "!"] if self.language == "juel" else ["-", "not ", "+", "~"]
        return f"({self.random.choice(signs)}{self.expression(depth)})"

    def comprehension(self, depth: int) -> str:
        inner = self.random.choice(["q", "[q, q]", self.expression(depth)])
        return f"[{inner} for q in {self.expression(depth)} if {self.expression(depth)}]"

    def structure(self, depth: int) -> str:
        times = self.random.choice(["9", "10**6", "n"])
        first, second = self.expression(depth), self.expression(depth)
        return self.random.choice(
            [f"[{first}, {second}] * {times}", f"{{'k': {first}, 'm': {second}}}", f"{{q: {first} for q in {second}}}"]
        )

    def oddity(self, depth: int) -> str:
        inner = self.expression(depth)
        return self.random.choice(
            [
                f"(lambda: {inner})()",
                f"f'{{{self.expression(0)}}}'",
                f"[*{inner}]",
                f"(q := {inner})",
                f"{{**{inner}}}",
                f"(i for i in {inner})",
                f"({inner})[1:{inner}]",
                f"await {inner}",
                f"{{{inner}}}",
            ]
        )


def assert_plain(value: Any, source: str) -> None:
    assert isinstance(value, PLAIN), (source, type(value))
    if isinstance(value, list):
        for item in value:
            assert_plain(item, source)
    elif isinstance(value, dict):
        for item in value.values():
            assert_plain(item, source)


@dataclass
class Fuzzed:
    given: int = 0
    refused: int = 0
    worst_s: float = 0.0
    worst: str = ""


def fuzz(language: str, count: int) -> Fuzzed:
    """Evaluates so many. What is neither plain data nor an ExpressionError is raised."""
    writer, found = Writer(language, seed=7), Fuzzed()
    for _ in range(count):
        source = writer.next()
        compiled.cache_clear()  # else the collector's walks over what is kept would be measured
        text = "${" + source + "}" if language == "juel" else source.replace("'", '"') if language == "feel" else source
        started = time.thread_time()
        try:
            value = evaluate(Expression(text, language), NAMES)
        except ExpressionError:
            found.refused += 1
        else:
            found.given += 1
            assert_plain(value, source)
            json.dumps(stored(value))
        took = time.thread_time() - started
        if took > found.worst_s:
            found.worst_s, found.worst = took, source
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_random_expressions_give_plain_data_or_an_expression_error(language: str) -> None:
    found = fuzz(language, COUNT // 3)
    print(f"{language}: {found}"[:250])  # noqa: T201
    assert found.given > COUNT // 20
    assert found.worst_s < 2


@pytest.mark.parametrize(
    "script",
    [
        "a = [1, 2]\n" + "a = [a, a]\n" * 40,
        "a = [1]\nb = [1]\n" + "a = [a, a]\n" * 30 + "b = [b, b]\n" * 30 + "c = a == b",
        "a = 'x'\n" + "a = a + a\n" * 40,
        "a = {'k': 1}\n" + "a = {'k': a, 'j': a}\n" * 40,
        "a = [0]\n" + "a = a * 50\n" * 20,
        "a = 0\n" + "a = [a]\n" * 400,
        "a = 9\n" + "a *= a\n" * 40,
        "a = [[y for y in range(300)] for z in range(300)]",
        "a = [big for q in range(90000)]",
        "a = [sorted(range(9999)) for q in range(9999)]",
        "a = [sum(range(9000)) for q in range(9000)]",
    ],
    ids=lambda script: script[:24].replace("\n", ";"),
)
def test_scripts_that_double_what_they_have_are_stopped(script: str) -> None:
    variables: dict[str, Any] = dict(NAMES.variables)
    with pytest.raises(ExpressionError):
        run_script(Script(script, "python"), PlainNames(variables))
    assert len(json.dumps(variables.get("a"))) < 1_000_000
