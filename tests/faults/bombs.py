"""Small files and texts that would take all the time or memory there is: decisions, expressions, forms, sheets.

Run as `python -m tests.faults.bombs`: in a process of its own, with little memory, so that a bomb that goes off ends
that process and not the tests. It prints what came of each, in how many seconds and bytes.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 2 << 30
#: Generous: it ends what hangs, and judges nothing.
PATIENCE_S = 600

Bomb = Callable[[], object]


# ---------------------------------------------------------------- decisions


def dmn(decisions: str) -> bytes:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="n">'
    return f"{head}{decisions}</definitions>".encode()


def literal(name: str, text: str, requires: str = "") -> str:
    wanted = "".join(
        f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>'
        for each in requires.split()
    )
    logic = f"<literalExpression><text>{text}</text></literalExpression>"
    return f'<decision id="{name}" name="{name}">{wanted}{logic}</decision>'


def _table(rules: int, inputs: int = 1, cell: str = "-", outputs: int = 1, policy: str = "COLLECT") -> str:
    columns = '<input><inputExpression><text>"a"</text></inputExpression></input>' * inputs
    columns += "".join(f'<output name="o{number}"/>' for number in range(outputs))
    cells = f"<inputEntry><text>{cell}</text></inputEntry>" * inputs
    cells += "<outputEntry><text>1</text></outputEntry>" * outputs
    table = f'<decisionTable hitPolicy="{policy}">{columns}{f"<rule>{cells}</rule>" * rules}</decisionTable>'
    return f'<decision id="d" name="d">{table}</decision>'


def _decide(source: bytes, name: str = "d") -> Any:
    from bpmn import check_decisions, decide, read_decisions
    from bpmn.expressions import PlainNames

    read = read_decisions(source)
    check_decisions(read)
    return decide(read, name, PlainNames({"text": "a" * 90_000}))


def _wide(count: int) -> bytes:
    """Each of many decisions gives a name of its own to one that requires them all."""
    many = "".join(literal(f"r{number}", str(number)) for number in range(count))
    return dmn(many + literal("d", "1", " ".join(f"r{number}" for number in range(count))))


def _doubling(depth: int) -> bytes:
    """Each requires the one before it twice over: two to the power of the depth, were they decided anew."""
    steps = "".join(
        literal(f"r{number}", "1", f"r{number - 1} r{number - 1}" if number else "") for number in range(depth)
    )
    return dmn(steps + literal("d", "1", f"r{depth - 1}"))


def _rows_required(rows: int) -> bytes:
    return dmn(_table(rows) + literal("all", "count(o0)", "d"))


DECISIONS: dict[str, Bomb] = {
    "requires itself": lambda: _decide(dmn(literal("d", "1", "d"))),
    "requires in a circle": lambda: _decide(
        dmn(literal("d", "1", "e") + literal("e", "1", "f") + literal("f", "1", "d"))
    ),
    "a line of 3,000": lambda: _decide(
        dmn("".join(literal(f"r{n}", "1", f"r{n + 1}") for n in range(3_000)) + literal("d", "1", "r0"))
    ),
    "twice over, 25 deep": lambda: _decide(_doubling(25)),
    "4,000 required by one": lambda: _decide(_wide(4_000)),
    "100,000 rules": lambda: _decide(dmn(_table(100_000))),
    "6,000 rules that all fit": lambda: _decide(dmn(_table(2_800))),
    "6,000 columns": lambda: _decide(dmn(_table(1, 4_500))),
    "rows required by another": lambda: _decide(_rows_required(2_800), "all"),
    "a cell that loops": lambda: _decide(dmn(_table(400, cell="count(for a in 1..99999 return a) = 1"))),
    "a cell of 1 MB": lambda: _decide(dmn(_table(1, cell="1," * 500_000 + "1"))),
    "a cell of brackets": lambda: _decide(dmn(_table(1, cell="(" * 1_900 + "1" + ")" * 1_900))),
    "a cell of quotes": lambda: _decide(dmn(_table(1, cell="&quot;a&quot;," * 250 + "&quot;"))),
    "boxed 55 deep": lambda: _decide(dmn('<decision id="d">' + "<context>" * 55 + "</context>" * 55 + "</decision>")),
    "boxed 5,000 deep": lambda: _decide(
        dmn('<decision id="d">' + "<context>" * 5_000 + "</context>" * 5_000 + "</decision>")
    ),
    "as many texts as fit": lambda: _decide(dmn(literal("d", "for a in 1..90000 return text"))),
}

# ---------------------------------------------------------------- expressions


def _evaluate(language: str, text: str) -> Any:
    from bpmn.expressions import PlainNames, evaluate
    from bpmn.model import Expression

    return evaluate(Expression(text, language), PlainNames({"text": "a" * 90_000, "items": list(range(9_000))}))


FEEL = {
    "a loop in a loop": "for a in 1..9999, b in 1..9999, c in 1..9999 return a",
    "a loop over itself": "for a in 1..99999 return count(partial)",
    "backwards without end": "for a in 1..-99999999999999999999 return a",
    "a range beyond numbers": "count(1..9999999999999999999999999999)",
    "some of very many": "some a in 1..9999, b in 1..9999 satisfies a + b = -1",
    "every of very many": "every a in 1..99999999 satisfies a > 0",
    "a power": "9**9**9**9",
    "a long number": "9" * 3_900,
    "texts that grow": "for a in 1..99999 return text + text",
    "texts that are put in": 'replace(text, "a", text)',
    "a pattern that never ends": 'matches(text + "b", "(a+)+$")',
    "a pattern of alternatives": 'matches(text, "(a|a|a)*b")',
    "a pattern that splits": 'split(text, "(a*)*")',
    "brackets": "(" * 1_900 + "1" + ")" * 1_900,
    "lists in lists": "[" * 1_900 + "]" * 1_900,
    "contexts in contexts": "{a:" * 900 + "1" + "}" * 900,
    "ifs in ifs": "if true then " * 280 + "1" + " else 2" * 280,
    "negated": "-" * 3_900 + "1",
    "functions that call themselves": "{f: function(x) f(f(x)), g: f(1)}.g",
    "filters in filters": "items" + "[item > 0]" * 390,
    "sorted over and over": "for a in 1..9999 return sort(items, function(x, y) x > y)",
    "flattened": "flatten(for a in 1..999 return for b in 1..999 return items)",
    "every pair": "for a in items, b in items return [a, b]",
    "all as one text": "string join(for a in 1..99999 return text)",
    "durations": 'duration("P' + "9" * 3_000 + 'D")',
    "dates": "for a in 1..99999999 return date(1, 1, 1)",
}
JUEL = {
    "brackets": "${" + "(" * 1_900 + "1" + ")" * 1_900 + "}",
    "nested": "${" * 1_900 + "1" + "}" * 1_900,
    "many in one text": "${text}" * 550,
    "a chain": "${1" + "+1" * 1_900 + "}",
    "products": "${99999999999999999999" + "*99999999999999999999" * 180 + "}",
    "conditions": "${" + "true ? 1 : " * 350 + "2}",
    "negated": "${" + "!" * 3_900 + "true}",
    "indices": "${items" + "[0]" * 1_200 + "}",
    "texts that grow": "${text.concat(text).concat(text)}" * 120,
    "unclosed": "${" + "'" * 3_999,
    "escapes": "${'" + "\\\\" * 1_900 + "'}",
    "a pattern": "${text.replaceAll('(a+)+$', 'b')}",
    "a pattern that matches": "${text.matches('(a+)+b')}",
    "a split": "${text.split('(a*)*')}",
    "a format": "${'%999999999d'.format(1)}",
    "500,000 characters": "${" + "a" * 500_000 + "}",
}

# ---------------------------------------------------------------- forms


def _schema(content: str | bytes) -> Any:
    from bpmn import schema_fields
    from bpmn.expressions import PlainNames
    from bpmn.forms import defaults, present, validate

    fields = schema_fields(content.encode() if isinstance(content, str) else content)
    validate(fields, {each.id: "a" * 50_000 + "!" for each in fields})
    defaults(fields, PlainNames({}))
    return present(fields, {}, "en")


def _one(**words: Any) -> str:
    return json.dumps({"type": "object", "properties": {"f": {"type": "string", **words}}})


FORMS: dict[str, str | bytes] = {
    "100,000 lists": "[" * 100_000,
    "100,000 objects": '{"properties":' * 100_000,
    "a default 90,000 deep": _one(default="D").replace('"D"', "[" * 90_000 + "]" * 90_000),
    "a default 900 deep": _one(default="D").replace('"D"', "[" * 900 + "]" * 900),
    "100,000 fields": json.dumps({"properties": {f"f{n}": {"type": "string"} for n in range(100_000)}}),
    "5,000 fields": json.dumps({"properties": {f"f{n}": {"type": "string"} for n in range(5_000)}}),
    "20,000 choices": _one(enum=[f"c{n}" for n in range(20_000)]),
    "fields that are a list": json.dumps({"properties": [1]}),
    "a field that is a text": json.dumps({"properties": {"f": "x"}}),
    "choices that are a number": _one(oneOf=5),
    "labels that are a number": _one(enum=["a"], enumNames=5),
    "choices without an end": _one(anyOf=[{"const": "a", "title": {"a": ["b"] * 9_000}}]),
    "a default of 1 MB": _one(default="x" * 1_000_000),
    "a title of 400 kB": _one(title="x" * 400_000),
    "a help that is an object": _one(description={"a": ["b"] * 9_000}),
    "a pattern that never ends": _one(pattern="^(a+)+$"),
    "a pattern that is none": _one(pattern="(((("),
    "lengths beyond numbers": _one(minLength=10**200, maxLength=-(10**200)),
    "a length of 5,000 digits": _one().replace('"string"', '"string", "minLength": ' + "9" * 5_000),
    "limits that are texts": json.dumps(
        {"properties": {"f": {"type": "integer", "minimum": "x" * 9_000, "maximum": {}}}}
    ),
    "limits beyond numbers": json.dumps(
        {"properties": {"f": {"type": "integer", "minimum": 10**250, "maximum": -(10**250)}}}
    ),
    "Infinity": _one(default="D").replace('"D"', "Infinity"),
    "a name twice": '{"properties": {"f": {"type": "string"}, "f": {"type": "string"}}}',
    "references in a circle": json.dumps(
        {"$ref": "#", "properties": {"f": {"$ref": "#/properties/f", "type": "string"}}}
    ),
    "UTF-16": json.dumps({"properties": {"f": {"type": "string"}}}).encode("utf-16"),
    "half a character": b'{"properties": {"\\ud800": {"type": "string"}}}',
    "zeros": b"\0" * 400_000,
}

# ---------------------------------------------------------------- sheets


def _sheet(content: bytes) -> Any:
    from engine.people.exchange.sheet import read_sheet, write_sheet

    found = read_sheet(content)
    if found.problems:
        raise ValueError(found.problems[0].message)
    return write_sheet(found.columns, [list(row.cells.values()) for row in found.rows])


SHEETS: dict[str, Callable[[], bytes]] = {
    "a million lines": lambda: b"id,first_name\n" + b"a,b\n" * 1_000_000,
    "a million lines of nothing": lambda: b"id\n" + b"\n" * 3_900_000,
    "a field of 4 MB": lambda: b"id,first_name\na," + b"b" * 3_900_000,
    "a quote without an end": lambda: b'id,first_name\n"' + b"a,b\n" * 900_000,
    "nothing but quotes": lambda: b"id\n" + b'"' * 3_900_000,
    "a million columns": lambda: b"a," * 1_900_000,
    "a million cells in a line": lambda: b"id\n" + b"," * 3_900_000,
    "NULs": lambda: b"id,first_name\na\0b,c\n",
    "zeros": lambda: b"\0" * 3_900_000,
    "UTF-16": lambda: "id,first_name\na,b\n".encode("utf-16"),
    "Latin-1": lambda: "id,first_name\na,Åsa\n".encode("latin-1"),
    "half a character": lambda: b"id\n\xed\xa0\x80\n",
    "carriage returns": lambda: b"id\r" + b"a\r" * 1_900_000,
    "50 MB": lambda: b"a" * 50_000_000,
}


def everything() -> dict[str, Bomb]:
    return {
        **{f"decision: {name}": bomb for name, bomb in DECISIONS.items()},
        **{f"feel: {name}": (lambda text=text: _evaluate("feel", text)) for name, text in FEEL.items()},
        **{f"juel: {name}": (lambda text=text: _evaluate("juel", text)) for name, text in JUEL.items()},
        **{f"form: {name}": (lambda text=text: _schema(text)) for name, text in FORMS.items()},
        **{f"sheet: {name}": (lambda made=made: _sheet(made())) for name, made in SHEETS.items()},
    }


def played() -> dict[str, tuple[str, float, int]]:
    """Of each: `ran`, `refused: …` or `broke: …`; seconds; bytes beyond what the bomb itself has."""
    import engine  # noqa: F401  (so that nobody is charged for reading it)
    from bpmn import UnreadableModel
    from bpmn.expressions import ExpressionError
    from bpmn.json_forms import UnfitSchemaError

    refusals = (ExpressionError, UnreadableModel, UnfitSchemaError)
    found = {}
    for name, bomb in everything().items():
        tracemalloc.start()
        began = time.process_time()
        try:
            bomb()
            outcome = "ran"
        except refusals as error:
            outcome = f"refused: {error}"
        except ValueError as error:
            outcome = f"refused: {error}" if name.startswith("sheet") else f"broke: {error!r}"
        except Exception as error:
            outcome = f"broke: {error!r}"
        found[name] = (outcome[:200], time.process_time() - began, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return found


def run() -> dict[str, tuple[str, float, int]]:
    """The same in a process of its own. CalledProcessError where a bomb went off."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.faults.bombs"],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return {name: (str(each[0]), float(each[1]), int(each[2])) for name, each in json.loads(finished.stdout).items()}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(played()))
