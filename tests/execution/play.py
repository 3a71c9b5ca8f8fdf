"""What a test does with one model, in few words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.execution.native.state import InstanceState, load
from engine.execution.protocol import ActivityView, Happening
from tests.execution.soundness import unsound
from tests.execution.world import MemoryEngine, Stored

MODELS = Path(__file__).resolve().parents[1] / "bpmn_models" / "execution"


class Play:
    """One model on an engine of its own. Tasks, jobs and subscriptions are those of all instances."""

    def __init__(self, model: str, executor: str = "native") -> None:
        self.engine = MemoryEngine(executor)
        self.engine.deploy((MODELS / f"{model}.bpmn").read_bytes())
        self.id = ""

    # ------------------------------------------------------------ doing

    def start(self, key: str = "process", business_key: str | None = None, **variables: Any) -> str:
        self.id = self.engine.start(key, variables, business_key, "kermit")
        return self.id

    def complete(self, key: str, times: int = 1, **variables: Any) -> None:
        for _ in range(times):
            instance_id, number = self._waiting(key)
            self.engine.complete(instance_id, number, variables)
            self.check()

    def do(self, verb: str, *arguments: Any, **options: Any) -> Any:
        with self.engine.command() as work:
            result = getattr(work, verb)(*arguments, **options)
        self.check()
        return result

    def message(self, name: str, **variables: Any) -> None:
        self.engine.correlate(name, None, variables)
        self.check()

    def signal(self, name: str, **variables: Any) -> None:
        self.engine.signal(name, variables)
        self.check()

    def set(self, **variables: Any) -> None:
        self.do("set_variables", self.id, 0, variables)

    def advance(self, **by: float) -> None:
        self.engine.advance(timedelta(**by))
        self.check()

    def run_jobs(self) -> None:
        self.engine.run_continuations()
        self.check()

    def modify(self, *instructions: dict[str, Any], **options: Any) -> None:
        self.do("modify", self.id, instructions, **options)

    def before(self, activity_id: str, **more: Any) -> None:
        self.modify({"type": "startBeforeActivity", "activityId": activity_id, **more})

    def cancel(self, activity_id: str) -> None:
        self.modify({"type": "cancel", "activityId": activity_id})

    def check(self) -> None:
        problems = unsound(self.engine)
        assert not problems, problems

    # ------------------------------------------------------------ seeing

    @property
    def ended(self) -> bool:
        return self.id not in self.engine.instances

    @property
    def stored(self) -> Stored:
        return self.engine.instances[self.id]

    @property
    def state(self) -> InstanceState:
        return load(self.stored.state)

    @property
    def tasks(self) -> list[str]:
        """Of user tasks and external tasks."""
        return sorted(
            each.element_id
            for stored in self.engine.instances.values()
            for each in (*stored.tasks.values(), *stored.externals.values())
        )

    @property
    def tree(self) -> list[str]:
        """The paths of the leaves below the process, sorted."""

        def leaves(view: ActivityView, path: tuple[str, ...]) -> Iterator[str]:
            here = (*path, view.element_id + ("#body" if view.body else ""))
            if not view.children:
                yield "/".join(here[1:])
            for child in view.children:
                yield from leaves(child, here)

        return sorted(each for each in leaves(self.view(), ()) if each)

    def view(self) -> ActivityView:
        return self.engine.executor.activity_tree(self.engine.models[self.stored.definition_id], self.stored.state)

    def number(self, element: str, *, body: bool = False) -> int:
        """The activity of this element that came first."""
        todo = [self.view()]
        while todo:
            view = todo.pop(0)
            if view.element_id == element and view.body is body:
                return view.number
            todo += view.children
        raise AssertionError(f"nothing stands at {element}")

    def seen_by(self, element: str, *, local: bool = False) -> dict[str, Any]:
        model = self.engine.models[self.stored.definition_id]
        return self.engine.executor.variables(model, self.stored.state, self.number(element), local=local)

    @property
    def variables(self) -> dict[str, Any]:
        """Of the instance itself, ended or not."""
        if self.ended:
            return self.engine.ended_variables[self.id]
        return self.engine.executor.variables(self.engine.models[self.stored.definition_id], self.stored.state)

    def happened(self, kind: type[Happening]) -> list[Any]:
        """In the last command, to all instances."""
        return [each for change in self.engine.last_changes for each in change.happenings if isinstance(each, kind)]

    @property
    def jobs(self) -> int:
        return len(self.engine.jobs())

    def subscriptions(self, kind: str) -> list[str | None]:
        return sorted(
            (
                each.event_name
                for stored in self.engine.instances.values()
                for each in stored.subscriptions.values()
                if each.event_type == kind
            ),
            key=str,
        )

    def _waiting(self, key: str) -> tuple[str, int]:
        for instance_id, stored in self.engine.instances.items():
            for each in (*stored.tasks.values(), *stored.externals.values()):
                if each.element_id == key:
                    return instance_id, each.number
        raise AssertionError(f"no open task {key}; open: {self.tasks}")
