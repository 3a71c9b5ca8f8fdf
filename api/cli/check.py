"""`onedoor check`: what is wrong with a model, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from api.cli.home import known_people
from bpmn import Problem, Severity
from engine import DECISION_SUFFIXES, SYSTEM, ProcessEngine, check_file, check_source, decision_problems


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--executor", type=click.Choice(["native", "spiff"]), help="Who is to run them.")
def check(files: Sequence[Path], strict: bool, executor: str | None) -> None:
    """Check BPMN and DMN FILES without running or storing anything.

    Prints every problem with the element it is about, its line, and how to mend it. The exit status is 1 if a file has
    an error, 0 if there are none or only warnings. A decision that would give away what a flow keeps is found
    where both files are given; where there is a database, departments in which nobody is are found too.
    """
    console = Console(soft_wrap=True, highlight=False)
    bad = 0
    decisions = [file.read_bytes() for file in files if is_decision(file)]
    with known_people() as engine:
        for file in files:
            problems = (
                decision_problems(file.read_bytes(), "python" if executor == "spiff" else "feel")
                if is_decision(file)
                else problems_of(file.read_bytes(), engine, executor, decisions)
            )
            bad += sum(1 for problem in problems if strict or problem.severity is Severity.ERROR)
            report(console, str(file), problems)
    raise SystemExit(1 if bad else 0)


def is_decision(file: Path) -> bool:
    return file.name.lower().endswith(DECISION_SUFFIXES)


def problems_of(
    source: bytes, people: ProcessEngine | None, executor: str | None, decisions: Sequence[bytes] = ()
) -> Sequence[Problem]:
    """All problems of one file, whether it can be read or not, `decisions` beside it."""
    if people is not None:
        with people.query(SYSTEM) as context:
            return check_source(context, source, executor, decisions)
    return check_file(source, executor, decisions)


def report(console: Console, name: str, problems: Sequence[Problem]) -> None:
    """One file's problems, for a reader at a terminal."""
    errors = sum(1 for problem in problems if problem.severity is Severity.ERROR)
    warnings = len(problems) - errors
    if not problems:
        console.print(Text.assemble((name, "bold"), ": ", ("no problems", "green")))
        return
    console.print(Text.assemble((name, "bold"), f": {_count(errors, 'error')}, {_count(warnings, 'warning')}"))
    for problem in problems:
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        place = f"  line {problem.line}, {problem.element_id}: "
        console.print(Text.assemble((place, "dim"), (problem.message, style), (f" [{problem.rule}]", "dim")))
        console.print(Text(f"    {problem.remedy}"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
