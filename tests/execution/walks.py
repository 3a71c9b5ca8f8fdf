"""Random walks: whatever a model offers next is done, in any order, with any variables."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.errors import EngineError
from engine.execution.native.state import load
from engine.execution.protocol import DelegateExecution
from tests.execution.soundness import unsound
from tests.execution.world import MemoryEngine

VALUES: list[Any] = [0, 1, 2, 3, True, False, "true", "a", ["x", "y"], [], None]
WORDS = {"true", "false", "not", "and", "or", "null", "empty", "execution", "now"}

Move = tuple[str, Callable[[], object]]


class HandlerFailed(Exception):
    """A handler could not do its work."""


class AnyHandlerEngine(MemoryEngine):
    """Every handler is registered; one in eight calls fails."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        #: of the errors and escalations that a task may answer with
        self.codes = ["e"]

    def handler(self, name: str) -> Callable[[DelegateExecution], Any]:
        def handle(execution: DelegateExecution) -> None:
            if self.chance.random() < 0.125:
                raise HandlerFailed(name)
            execution.variables["handled"] = name

        return handle


def variable_names(source: bytes) -> list[str]:
    """Whatever the expressions of the file may mean by a variable."""
    text = source.decode(errors="replace")
    inside = " ".join(re.findall(r"[$#]\{([^}]*)\}", text)) + " " + " ".join(re.findall(r'collection="(\w+)"', text))
    found = set(re.findall(r"\b[a-zA-Z]\w*\b", re.sub(r"'[^']*'", "", inside)))
    return sorted({"v", *found} - WORDS)


def walk(engine: AnyHandlerEngine, key: str, names: list[str], steps: int = 25) -> Counter[str]:
    """Starts the process and makes up to `steps` moves. After each the state is sound, or AssertionError."""
    chance, done = engine.chance, Counter[str]()

    def attempt(kind: str, do: Callable[[], object]) -> None:
        before = {each: stored.state for each, stored in engine.instances.items()}
        try:
            do()
        except (EngineError, HandlerFailed):
            done["refused"] += 1
            if kind != "job":
                assert {each: stored.state for each, stored in engine.instances.items()} == before
        done[kind] += 1
        problems = unsound(engine)
        assert not problems, f"after {kind}: {problems}"

    attempt("start", lambda: engine.start(key, {name: chance.choice(VALUES) for name in names}, user="kermit"))
    for _ in range(steps):
        moves = list(offered(engine, names))
        if not moves:
            break
        attempt(*chance.choice(moves))
    return done


def offered(engine: AnyHandlerEngine, names: list[str]) -> list[Move]:
    chance, found = engine.chance, list[Move]()
    given = {chance.choice(names): chance.choice(VALUES)}
    for instance_id, stored in engine.instances.items():
        for number in (*stored.tasks, *stored.externals):
            found.append(("complete", bind(engine.complete, instance_id, number, given)))
        for number in (*stored.tasks, *stored.externals):
            code = chance.choice(engine.codes)
            found.append(("error", bind(in_command, engine, "throw_error", instance_id, number, code, None, given)))
            found.append(("escalation", bind(in_command, engine, "throw_escalation", instance_id, number, code, given)))
        for number, subscription in stored.subscriptions.items():
            if subscription.event_type == "message":
                found.append(("message", bind(in_command, engine, "deliver", instance_id, number, given)))
            elif subscription.event_type == "signal":
                found.append(("signal", bind(engine.signal, subscription.event_name, given)))
        for job in stored.jobs.values():
            found.append(("job", bind(run_job, engine, job)))
        found.append(("set", bind(in_command, engine, "set_variables", instance_id, 0, given)))
        found.append(("remove", bind(in_command, engine, "remove_variables", instance_id, 0, list(given))))
        activity = chance.choice(load(stored.state).activities)
        elements = list(engine.models[stored.definition_id].nodes)
        instructions = [{"type": "startBeforeActivity", "activityId": chance.choice(elements[1:])}]
        if activity.number:
            instructions.append({"type": "cancel", "activityInstanceNumber": activity.number})
            found.append(("trigger", bind(in_command, engine, "trigger", instance_id, activity.number, given)))
        chance.shuffle(instructions)
        found.append(("modify", bind(in_command, engine, "modify", instance_id, instructions)))
    return found


def bind(function: Callable[..., object], *arguments: Any) -> Callable[[], object]:
    return lambda: function(*arguments)


def in_command(engine: MemoryEngine, verb: str, *arguments: Any) -> None:
    with engine.command() as work:
        getattr(work, verb)(*arguments)


def run_job(engine: MemoryEngine, job: Any) -> None:
    engine.now = max(engine.now, job.due or datetime.min.replace(tzinfo=UTC))
    engine.execute(job)
