"""One journey through a shipped flow: who does what, in which order, until it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import (
    SYSTEM,
    Actor,
    HistoricInstanceQuery,
    Notification,
    ProcessEngine,
    Task,
    TaskQuery,
    complete_task,
    find_historic_instances,
    find_notifications,
    find_tasks,
    get_variables,
    start_instance,
)


class PlayedJourney:
    def __init__(self, engine: ProcessEngine, key: str, variables: Mapping[str, Any], actor: Actor = SYSTEM) -> None:
        self.engine = engine
        with engine.command(actor) as context:
            self.id = start_instance(context, key=key, variables=variables).id

    def open_tasks(self) -> list[Task]:
        with self.engine.query(SYSTEM) as context:
            found = find_tasks(context, TaskQuery(process_instance_id=self.id))
        return sorted(found, key=lambda each: (each.activity_id, each.number))

    def waiting(self) -> list[str]:
        return [each.activity_id for each in self.open_tasks()]

    def task(self, activity_id: str) -> Task:
        (found,) = [each for each in self.open_tasks() if each.activity_id == activity_id]
        return found

    def complete(self, activity_id: str, **variables: Any) -> None:
        self.complete_task(self.task(activity_id), **variables)

    def complete_task(self, task: Task, **variables: Any) -> None:
        with self.engine.command(SYSTEM) as context:
            complete_task(context, task.id, variables)

    def finish(self, stop_before: str | None = None) -> list[str]:
        """Completes whatever is open until nothing is, or only `stop_before`; the activities in the order done."""
        done: list[str] = []
        while todo := [each for each in self.open_tasks() if each.activity_id != stop_before]:
            self.complete_task(todo[0])
            done.append(todo[0].activity_id)
        return done

    def variables(self) -> dict[str, Any]:
        with self.engine.query(SYSTEM) as context:
            return get_variables(context, self.id)

    def state(self) -> str:
        with self.engine.query(SYSTEM) as context:
            (found,) = find_historic_instances(context, HistoricInstanceQuery(id=self.id))
        return str(found.state)

    def told(self, *, user: str = "nobody", department: str = "nobody") -> list[Notification]:
        """What this journey told this person or this department, the latest first."""
        with self.engine.query(Actor(user, frozenset({department}))) as context:
            return [each for each in find_notifications(context) if each.process_instance_id == self.id]
