"""Plays conformance cases in process: the steps of `../shared/conformance/run.py` on `MemoryEngine`."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bpmn.iso8601 import parse_duration
from engine.execution.protocol import ActivityView
from tests.execution.world import MemoryEngine, Refused

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"

VERBS = (
    "start", "startByMessage", "complete", "message", "signal", "trigger", "setVars", "advance", "runJobs", "delete",
    "evaluateConditions", "modify", "fetch", "extComplete", "extFailure", "extBpmnError",
)  # fmt: skip
QUALIFIERS = {"of", "ofTask", "exact", "key"}


class Failed(AssertionError):
    pass


class Case:
    """One case: deploy its models, then take its steps one by one."""

    def __init__(self, case: dict[str, Any], models: Path, executor: str = "native") -> None:
        self.case = case
        self.models = models
        self.engine = MemoryEngine(executor)
        self.ids: dict[str, str] = {}
        self.fetched: Any = None

    def play(self) -> None:
        steps = self.case["steps"]
        sources = [(self.models / name).read_bytes() for name in [self.case["model"], *self.case.get("extra", [])]]
        if steps[0].get("deployFails"):
            try:
                self.engine.deploy(*sources)
            except Refused:
                return
            raise Failed("the deployment should have been refused")
        self.engine.deploy(*sources)
        for number, step in enumerate(steps, 1):
            try:
                self.take(step)
            except Exception as error:
                raise Failed(f"step {number} {json.dumps(step)}: {type(error).__name__}: {error}") from error

    def take(self, step: dict[str, Any]) -> None:
        for verb in VERBS:
            if verb in step:
                getattr(self, f"do_{verb}")(step)
                return
        seen = [key for key in step if key not in QUALIFIERS]
        assert seen, "a step without an expectation"
        for key in seen:
            getattr(self, f"see_{key}")(step)

    # ------------------------------------------------------------ helpers

    @staticmethod
    def expect(what: str, got: Any, wanted: Any) -> None:
        if got != wanted:
            raise Failed(f"{what}: expected {wanted}, got {got}")

    def tasks(self) -> list[tuple[str, int, Any]]:
        return [
            (instance_id, number, task)
            for instance_id, stored in self.engine.instances.items()
            for number, task in stored.tasks.items()
        ]

    def task(self, key: str) -> tuple[str, int, Any]:
        for found in self.tasks():
            if found[2].element_id == key:
                return found
        raise Failed(f"no open task {key}; open: {self.open_tasks()}")

    def open_tasks(self) -> list[str]:
        return sorted(task.element_id for _, _, task in self.tasks())

    def tree(self, instance_id: str) -> ActivityView:
        stored = self.engine.instances[instance_id]
        return self.engine.executor.activity_tree(self.engine.models[stored.definition_id], stored.state)

    def paths(self, step: dict[str, Any]) -> list[tuple[str, ...]]:
        def leaves(view: ActivityView, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
            here = (*path, view.element_id + ("#multiInstanceBody" if view.body else ""))
            if not view.children:
                yield here
            for child in view.children:
                yield from leaves(child, here)

        return [path[1:] for path in leaves(self.tree(self.instance(step)), ()) if len(path) > 1]

    def instance(self, step: dict[str, Any]) -> str:
        return self.ids[step.get("of", "pi")]

    def seen_variables(self, step: dict[str, Any]) -> dict[str, Any]:
        engine = self.engine
        if "ofTask" in step:
            instance_id, number, _ = self.task(step["ofTask"])
            stored = engine.instances[instance_id]
            return engine.executor.variables(engine.models[stored.definition_id], stored.state, number)
        instance_id = self.instance(step)
        if instance_id in engine.instances:
            stored = engine.instances[instance_id]
            return engine.executor.variables(engine.models[stored.definition_id], stored.state)
        return engine.ended_variables[instance_id]

    # ------------------------------------------------------------ steps

    def do_start(self, step: dict[str, Any]) -> None:
        self.ids[step.get("as", "pi")] = self.engine.start(
            step["start"], step.get("vars"), step.get("businessKey"), step.get("user")
        )

    def do_startByMessage(self, step: dict[str, Any]) -> None:
        self.ids["pi"] = self.engine.correlate(step["startByMessage"])

    def do_complete(self, step: dict[str, Any]) -> None:
        for _ in range(step.get("n", 1)):
            instance_id, number, _task = self.task(step["complete"])
            self.engine.complete(instance_id, number, step.get("vars"))

    def do_message(self, step: dict[str, Any]) -> None:
        self.engine.correlate(step["message"], step.get("businessKey"), step.get("vars"), any_one=bool(step.get("any")))

    def do_signal(self, step: dict[str, Any]) -> None:
        self.engine.signal(step["signal"], step.get("vars"))

    def do_trigger(self, step: dict[str, Any]) -> None:
        for instance_id in self.engine.instances:
            stack = [self.tree(instance_id)]
            while stack:
                view = stack.pop()
                if view.element_id == step["trigger"] and not view.body:
                    with self.engine.command() as work:
                        work.trigger(instance_id, view.number, {})
                    return
                stack.extend(view.children)
        raise Failed(f"nothing stands at {step['trigger']}")

    def do_setVars(self, step: dict[str, Any]) -> None:
        instance_id = self.task(step["ofTask"])[0] if "ofTask" in step else self.instance(step)
        with self.engine.command() as work:
            work.set_variables(instance_id, 0, step["setVars"])

    def do_advance(self, step: dict[str, Any]) -> None:
        now = self.engine.now
        later = parse_duration(step["advance"]).after(now, self.engine.zone)
        self.engine.advance(later - now if later > now else timedelta())

    def do_runJobs(self, step: dict[str, Any]) -> None:
        self.engine.run_continuations()

    def do_delete(self, step: dict[str, Any]) -> None:
        with self.engine.command() as work:
            work.cancel(self.ids[step["delete"]])

    def do_evaluateConditions(self, step: dict[str, Any]) -> None:
        started = self.engine.evaluate_conditions(step["evaluateConditions"])
        self.expect("started", len(started), step.get("expectInstances", len(started)))

    def do_modify(self, step: dict[str, Any]) -> None:
        with self.engine.command() as work:
            work.modify(self.instance(step), step["modify"])

    def do_fetch(self, step: dict[str, Any]) -> None:
        now = self.engine.now
        found = [
            row
            for stored in self.engine.instances.values()
            for row in stored.externals.values()
            if row.topic == step["fetch"] and (row.locked_until is None or row.locked_until <= now) and row.retries != 0
        ]
        for row in found:
            row.worker, row.locked_until = step["worker"], now + timedelta(milliseconds=step["lock"])
        self.expect("fetched", len(found), step.get("expectCount", len(found)))
        if found:
            self.fetched = found[0]
            self.expect("retries", found[0].retries, step.get("expectRetries", found[0].retries))
            self.expect("error message", found[0].error, step.get("expectErrorMessage", found[0].error))

    def locked(self, step: dict[str, Any]) -> Any:
        if self.fetched.worker != step["worker"]:
            raise Failed(f"locked by {self.fetched.worker}")
        return self.fetched

    def do_extComplete(self, step: dict[str, Any]) -> None:
        row = self.locked(step)
        self.engine.complete(row.instance_id, row.number, step.get("vars"))

    def do_extFailure(self, step: dict[str, Any]) -> None:
        row = self.locked(step)
        row.error, row.retries = step["extFailure"], step["retries"]
        row.locked_until = self.engine.now + timedelta(milliseconds=step["retryTimeout"])
        if row.retries == 0:
            with self.engine.command() as work:
                work.open_incident(row.instance_id, row.number, "failedExternalTask", row.error or "", row.number)

    def do_extBpmnError(self, step: dict[str, Any]) -> None:
        row = self.locked(step)
        with self.engine.command() as work:
            work.throw_error(row.instance_id, row.number, step["extBpmnError"], None, {})

    # ------------------------------------------------------------ expectations

    def see_tasks(self, step: dict[str, Any]) -> None:
        self.expect("tasks", self.open_tasks(), sorted(step["tasks"]))

    def see_taskCount(self, step: dict[str, Any]) -> None:
        count = collections.Counter(self.open_tasks())
        for key, number in step["taskCount"].items():
            self.expect(f"tasks {key}", count[key], number)

    def see_active(self, step: dict[str, Any]) -> None:
        found = sorted(path[-1].split("#")[0] for path in self.paths(step))
        self.expect("active", found, sorted(step["active"]))

    def see_activityTree(self, step: dict[str, Any]) -> None:
        self.expect("activity tree", sorted("/".join(path) for path in self.paths(step)), sorted(step["activityTree"]))

    def see_ended(self, step: dict[str, Any]) -> None:
        self.expect("ended", self.instance(step) not in self.engine.instances, step["ended"])

    def see_running(self, step: dict[str, Any]) -> None:
        found = [
            each
            for each in self.engine.instances.values()
            if step.get("key") in (None, self.engine.models[each.definition_id].key)
        ]
        self.expect("running", len(found), step["running"])

    def see_vars(self, step: dict[str, Any]) -> None:
        got = self.seen_variables(step)
        wanted = step["vars"] if step.get("exact") else {**got, **step["vars"]}
        self.expect("variables", got, wanted)

    def see_noVars(self, step: dict[str, Any]) -> None:
        got = self.seen_variables(step)
        self.expect("variables", [name for name in step["noVars"] if name in got], [])

    def see_subscriptions(self, step: dict[str, Any]) -> None:
        for kind, number in step["subscriptions"].items():
            wanted = {"compensation": "compensate"}.get(kind, kind)
            got = sum(
                each.event_type == wanted
                for stored in self.engine.instances.values()
                for each in stored.subscriptions.values()
            ) + sum(each.event_type == wanted for each in self.engine.start_subscriptions)
            self.expect(f"{kind} subscriptions", got, number)

    def see_jobs(self, step: dict[str, Any]) -> None:
        self.expect("jobs", len(self.engine.jobs()), step["jobs"])

    def see_assignees(self, step: dict[str, Any]) -> None:
        for key, people in step["assignees"].items():
            got = sorted(task.assignee or "" for _, _, task in self.tasks() if task.element_id == key)
            self.expect(f"assignees of {key}", got, sorted(people))

    def see_candidateGroups(self, step: dict[str, Any]) -> None:
        for key, groups in step["candidateGroups"].items():
            self.expect(f"groups of {key}", sorted(self.task(key)[2].candidate_groups), sorted(groups))

    def see_externalTasks(self, step: dict[str, Any]) -> None:
        self.expect(
            "external tasks", sum(len(each.externals) for each in self.engine.instances.values()), step["externalTasks"]
        )

    def see_incidents(self, step: dict[str, Any]) -> None:
        self.expect("incidents", sum(len(each.incidents) for each in self.engine.instances.values()), step["incidents"])
