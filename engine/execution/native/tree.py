"""The activities of one instance as a tree, with what hangs on them, indexed; and the record of what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bpmn import FlowNode, ProcessModel
from engine.execution.native.state import (
    ARRIVED,
    FORMAT,
    NO_PARENT,
    REOPENED,
    REOPENED_BODY,
    ROOT,
    Activity,
    Compensation,
    Incident,
    InstanceState,
    Job,
    Subscription,
)
from engine.execution.protocol import (
    ActivityEnded,
    Happening,
    IncidentClosed,
    JobClosed,
    SubscriptionClosed,
)


class Tree:
    """Owns the state: nothing outside adds or removes entries but through these methods, so the indexes always hold."""

    def __init__(self, model: ProcessModel, state: InstanceState) -> None:
        self.model = model
        self.last = state.last
        self.happenings: list[Happening] = []
        self.activities: dict[int, Activity] = {each.number: each for each in state.activities}
        self.subscriptions: dict[int, Subscription] = {}
        self.jobs: dict[int, Job] = {}
        self.compensations: dict[int, Compensation] = {}
        self.incidents: dict[int, Incident] = {}
        self._inside: dict[int, dict[int, Activity]] = {NO_PARENT: {}}
        #: by element; made when it is first asked for, since most commands do not ask
        self._at: dict[str, dict[int, Activity]] | None = None
        self._hanging: dict[int, list[Subscription | Job]] = {}
        self._undoing: dict[int, dict[int, Activity]] = {}
        inside = self._inside
        for number, activity in self.activities.items():
            parent = activity.parent
            if parent in inside:
                inside[parent][number] = activity
            else:
                inside[parent] = {number: activity}
            if activity.undoes is not None:
                self._undoing.setdefault(activity.undoes, {})[number] = activity
        for subscription in state.subscriptions:
            self.subscriptions[subscription.number] = subscription
            self._hanging.setdefault(subscription.owner, []).append(subscription)
        for job in state.jobs:
            self.jobs[job.number] = job
            self._hanging.setdefault(job.owner, []).append(job)
        for compensation in state.compensations:
            self.compensations[compensation.number] = compensation
        for incident in state.incidents:
            self.incidents[incident.number] = incident

    def stored(self) -> InstanceState:
        return InstanceState(
            FORMAT,
            self.last,
            [*self.activities.values()],
            [*self.subscriptions.values()],
            [*self.jobs.values()],
            [*self.compensations.values()],
            [*self.incidents.values()],
        )

    # ------------------------------------------------------------ looking

    @property
    def root(self) -> Activity:
        return self.activities[ROOT]

    def node(self, activity: Activity) -> FlowNode:
        return self.model.nodes[activity.element]

    def alive(self, activity: Activity) -> bool:
        return self.activities.get(activity.number) is activity

    def parent(self, activity: Activity) -> Activity:
        return self.activities[activity.parent]

    def lineage(self, activity: Activity) -> Iterator[Activity]:
        """The activity, then what is around it, out to the root."""
        current: Activity | None = activity
        while current is not None:
            yield current
            current = self.activities.get(current.parent)

    def children(self, activity: Activity) -> list[Activity]:
        return list(self._inside.get(activity.number, {}).values())

    def has_children(self, activity: Activity) -> bool:
        return bool(self._inside.get(activity.number))

    def count_children(self, activity: Activity) -> int:
        return len(self._inside.get(activity.number, {}))

    def standing_at(self, element: str) -> list[Activity]:
        """All activities of this element, bodies and iterations alike, in the order they came."""
        if self._at is None:
            self._at = {}
            for activity in self.activities.values():
                self._at.setdefault(activity.element, {})[activity.number] = activity
        return list(self._at.get(element, {}).values())

    def undoing_for(self, activity: Activity) -> list[Activity]:
        """What compensates on its behalf."""
        return list(self._undoing.get(activity.number, {}).values())

    def hanging_on(self, activity: Activity) -> list[Subscription | Job]:
        return list(self._hanging.get(activity.number, ()))

    # ------------------------------------------------------------ adding

    def new_number(self) -> int:
        self.last += 1
        return self.last

    def add(self, activity: Activity) -> Activity:
        number = activity.number
        self.activities[number] = activity
        self._inside.setdefault(activity.parent, {})[number] = activity
        if self._at is not None:
            self._at.setdefault(activity.element, {})[number] = activity
        if activity.undoes is not None:
            self._undoing.setdefault(activity.undoes, {})[number] = activity
        return activity

    def hang(self, thing: Subscription | Job) -> None:
        if isinstance(thing, Job):
            self.jobs[thing.number] = thing
        else:
            self.subscriptions[thing.number] = thing
        self._hanging.setdefault(thing.owner, []).append(thing)

    # ------------------------------------------------------------ moving

    def reparent(self, activity: Activity, parent: Activity) -> None:
        self._inside.get(activity.parent, {}).pop(activity.number, None)
        activity.parent = parent.number
        self._inside.setdefault(parent.number, {})[activity.number] = activity

    def dissolve(self, scope: Activity) -> None:
        """Takes out a scope and leaves what is in it, and what has completed in it, to the one around."""
        around = self.parent(scope)
        for child in self.children(scope):
            self.reparent(child, around)
        for record in self.compensations.values():
            if record.owner == scope.number:
                record.owner = around.number
        self.remove(scope, canceled=True)

    def change_model(self, model: ProcessModel, elements: Mapping[int, str]) -> None:
        """Every activity becomes the element of the other model that is given for its number."""
        self.model = model
        self._at = None
        for activity in self.activities.values():
            activity.element = elements[activity.number]

    # ------------------------------------------------------------ removing

    def take_down(self, thing: Subscription | Job) -> None:
        """Ends a subscription or a job."""
        if isinstance(thing, Job):
            del self.jobs[thing.number]
            self.happenings.append(JobClosed(thing.number))
            for incident in [each for each in self.incidents.values() if each.about == thing.number]:
                self.close_incident(incident)
        else:
            del self.subscriptions[thing.number]
            self.happenings.append(SubscriptionClosed(thing.number))
        self._hanging[thing.owner].remove(thing)

    def remove(self, activity: Activity, *, canceled: bool = False) -> None:
        """Takes an activity out, with all that it listened for. Its children must be gone or go with it."""
        number = activity.number
        if number in self._hanging:
            for thing in self.hanging_on(activity):
                self.take_down(thing)
            del self._hanging[number]
        if self.incidents:
            for incident in [each for each in self.incidents.values() if each.owner == number]:
                self.close_incident(incident)
        del self.activities[number]
        self._inside.pop(number, None)
        if activity.parent in self._inside:
            self._inside[activity.parent].pop(number, None)
        if self._at is not None:
            del self._at[activity.element][number]
        if activity.undoes is not None:
            self._undoing.get(activity.undoes, {}).pop(number, None)
        if activity.phase != ARRIVED and activity.role not in (REOPENED, REOPENED_BODY):
            self.happenings.append(ActivityEnded(number, activity.element, canceled))

    def close_incident(self, incident: Incident) -> None:
        del self.incidents[incident.number]
        self.happenings.append(IncidentClosed(incident.number))

    def forget(self, owners: Iterable[int]) -> None:
        """Nothing that completed inside these can be undone any more."""
        todo = set(owners)
        while todo and self.compensations:
            lost = [record for record in self.compensations.values() if record.owner in todo]
            todo = {record.number for record in lost}
            for record in lost:
                self.drop(record)

    def drop(self, record: Compensation) -> None:
        del self.compensations[record.number]
        if record.subscription:
            self.happenings.append(SubscriptionClosed(record.subscription))

    def subtree(self, activities: Iterable[Activity]) -> list[Activity]:
        """These, all inside them and all that compensates on their behalf, the innermost first."""
        found: dict[int, Activity] = {}
        todo = list(activities)
        while todo:
            each = todo.pop()
            found.pop(each.number, None)
            found[each.number] = each
            todo.extend(self._inside.get(each.number, {}).values())
            todo.extend(self._undoing.get(each.number, {}).values())
        return list(reversed(found.values()))
