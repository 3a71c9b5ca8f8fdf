"""What an attacker would write, and the small programs that try it: `python hostile.py control|spiff|product|cost`.

It runs in a process of its own, with little memory and a clock, so that a hole ends that process and not the tests.
The controls evaluate the same attacks with Python's own evaluation and with SpiffWorkflow's default script engine: they
show that they are real attacks.
"""

import builtins
import json
import os
import resource
import sys
import time
import tracemalloc
from typing import Any

SECRET = "TOPSECRET"

#: Attempts to reach the interpreter, the machine or a file. SECRET_FILE is the path of a file that holds SECRET.
ESCAPES = {
    "subclasses of object": "().__class__.__base__.__subclasses__()",
    "classes through a format": "'{0.__class__.__mro__}'.format(number)",
    "globals through a format map": "'{it.__class__.__init__.__globals__}'.format_map({'it': thing})",
    "class in an f-text": "f'{number.__class__.__mro__}'",
    "format inside an f-text": "f'{\"{0.__class__}\".format(number)}'",
    "import": "__import__('os').getpid()",
    "file": "open('SECRET_FILE').read()",
    "getattr": "getattr(number, '__class__')",
    "getattr with a built name": "getattr(thing, '_' + '_class_' + '_')",
    "globals of a lambda": "(lambda: 0).__globals__",
    "frame of a generator": "(i for i in [1]).gi_frame.f_builtins",
    "walrus frame": "[g := (g.gi_frame.f_back.f_back for _ in [1]), *g]",
    "globals of a function": "helper.__globals__['os'].getpid()",
    "function of a method": "thing.method.__func__.__globals__",
    "method resolution order": "type(number).mro()",
    "unbound format": "str.format('{0.__class__.__mro__}', number)",
    "mapped format": "list(map('{0.__class__.__mro__}'.format, [number]))",
    "class of a class by item": "number.__class__.__class__.__subclasses__(number.__class__.__class__)",
}

#: The same wishes in JUEL, as they are known from Java's expression languages.
JUEL_ESCAPES = {
    "class": "${thing.class}",
    "class of a text": "${''.getClass().forName('java.lang.Runtime')}",
    "class by item": "${''['class']}",
    "runtime": "${''.getClass().forName('java.lang.Runtime').getRuntime().exec('id')}",
    "dunder field": "${number.__class__.__mro__}",
    "dunder item": "${thing['__class__']['__mro__']}",
    "method as value": "${execution.getVariable.__globals__}",
    "bean dunder": "${execution.__class__}",
    "bean mutation": "${execution.clear()}",
    "format": "${'{0.__class__}'.format(number)}",
    "function object": "${helper.__globals__}",
    "open": "${open('SECRET_FILE').read()}",
    "import": "${__import__('os').getpid()}",
    "nested expression": "${'${number.__class__}'}",
    "evaluation": "${eval('number.__class__')}",
    "getattr": "${getattr(number, '__class__')}",
    "hidden in a text": "x ${number.__class__} y",
    "list internals": "${items.append.__self__.__class__}",
}

#: Attempts to use up time or memory.
EXHAUSTIONS = {
    "tower of powers": "9**9**9",
    "large power": "9**9**8",
    "long text": "'a'*10**10",
    "long list": "[0]*10**9",
    "shift": "1<<10**10",
    "endless comprehension": "[0 for i in range(10**9)]",
    "nested comprehensions": "[[[0 for a in range(999)] for b in range(999)] for c in range(999)]",
    "sum of a generator": "sum(i for i in range(10**10))",
    "width in an f-text": "f'{1:>9999999999}'",
    "percent width": "'%9999999999d' % 1",
    "width in a format": "'{:>9999999999}'.format(1)",
    "padding": "'a'.ljust(10**10)",
    "replace upon replace": "('a'*9999).replace('a','a'*9999).replace('a','a'*99)",
    "deep brackets": "(" * 1500 + "1" + ")" * 1500,
    "long chain": "+".join(["1"] * 1900),
    "number from a long text": "int('9'*10**6)",
    "chain of products": "*".join(["99999999999999999999"] * 180),
    "join upon join": "('a'*99).join(['a'*999]*99).join(['a'*999]*99)",
    "comparisons of large values": "[big == large for x in range(20000) for y in range(20000)]",
    "sorting lists": "[sorted(numbers) for x in range(9999)]",
    "copies of a text": "[f'{big}{x}' for x in range(20000)]",
    "upper case over and over": "[big.upper() for x in range(20000)]",
    "searching": "['z' in big for x in range(20000)]",
    "signs": "-" * 3900 + "1",
    "deep comparisons": "[structure == structure2 for x in range(20000)]",
    "split": "[big.split('y') for x in range(20000)]",
}


class Thing:
    def method(self) -> int:
        return 1


def helper(value: Any) -> Any:
    return value


def context() -> dict[str, Any]:
    structure = {str(number): [number] * 40 for number in range(400)}
    return {
        "number": 5,
        "text": "abc",
        "items": [1, 2, 3],
        "thing": Thing(),
        "helper": helper,
        "big": "y" * 90_000,
        "large": "y" * 89_999 + "z",
        "numbers": list(range(15_000, 0, -1)),
        "structure": structure,
        "structure2": json.loads(json.dumps(structure)),
    }


def escaped(result: Any) -> bool:
    shown = result if isinstance(result, str) else repr(result)
    signs = ("<class", SECRET, "<module", "<function", "__builtins__", "frame object", "mappingproxy", "bound method")
    return result == os.getpid() or any(sign in shown for sign in signs)


def attempt(evaluate: Any, source: str, judge: Any) -> str:
    try:
        return str(judge(evaluate(source)))
    except MemoryError:
        return "out of memory"
    except Exception as error:
        return f"refused: {type(error).__name__}"


def by_python(source: str) -> Any:
    return vars(builtins)["eval"](source, context())


def by_spiff() -> Any:
    """As SpiffWorkflow evaluates a condition unless it is told otherwise."""
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment

    environment = PythonScriptEngine(TaskDataEnvironment()).environment
    return lambda source: environment.evaluate(source, context())


def by_product(language: str) -> Any:
    from bpmn.expressions import PlainNames, evaluate
    from bpmn.model import Expression

    names = PlainNames(context(), beans={"execution": {"getVariable": context().get}})
    return lambda source: evaluate(Expression(source, language), names)


def main(what: str, secret: str) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

    def verdict(result: Any) -> str:
        return "ESCAPED" if escaped(result) else "harmless"

    if what in ("control", "spiff"):
        run = by_python if what == "control" else by_spiff()
        return {name: attempt(run, text.replace("SECRET_FILE", secret), verdict) for name, text in ESCAPES.items()}
    if what == "product":
        found = {}
        for language, attacks in (("python", ESCAPES), ("juel", JUEL_ESCAPES)):
            run = by_product(language)
            found |= {
                f"{language}: {name}": attempt(run, text.replace("SECRET_FILE", secret), verdict)
                for name, text in attacks.items()
            }
        return found
    costs = {}
    for language, form in (("python", "{}"), ("juel", "${{{}}}")):
        run = by_product(language)
        for name, text in EXHAUSTIONS.items():
            source = form.format(text)
            started = time.perf_counter()
            outcome = attempt(run, source, lambda result: "ran")
            seconds = time.perf_counter() - started
            tracemalloc.start()
            attempt(run, source, lambda result: "ran")
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            costs[f"{language}: {name}"] = (outcome, seconds, peak)
    return costs


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))  # noqa: T201
