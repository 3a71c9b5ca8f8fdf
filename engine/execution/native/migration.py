"""Moves a running instance to another version of its process.

What is mapped keeps its number, its variables, and what hangs on it; scopes that the new version has around it are
opened, and those that are mapped no more are taken out. `migration_reports` has said before that all of it can be.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import (
    Activity as ActivityNode,
)
from bpmn import (
    BoundaryEvent,
    ConditionalDefinition,
    EventBasedGateway,
    EventSubProcess,
    Expression,
    FlowNode,
    MessageDefinition,
    ProcessModel,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
    UserTask,
)
from engine.execution.migration_plan import (
    MigrationPlan,
    Place,
    around,
    compensation_boundary,
    place_of,
    repeats,
)
from engine.execution.native.behaviours.user_tasks import form_key
from engine.execution.native.migration_reports import flow_after, key_of_activity, key_of_record
from engine.execution.native.run import Run
from engine.execution.native.state import (
    AFTER,
    BEFORE,
    BODY,
    ITERATION,
    ROOT,
    SHELLS,
    Activity,
    Compensation,
    Job,
    Subscription,
)
from engine.execution.protocol import (
    ActivityMoved,
    IncidentMoved,
    JobMoved,
    SubscriptionMoved,
    TaskMoved,
)


class Migration:
    """One instance on its way. `carry_out` leaves steps to run."""

    def __init__(self, run: Run, target: ProcessModel, plan: MigrationPlan) -> None:
        self._run = run
        self._source = run.model
        self._target = target
        self._plan = plan
        #: scopes opened on the way, by the number of what is around them and their own key
        self._opened: dict[tuple[int, str], Activity] = {}

    def carry_out(self) -> None:
        run, plan = self._run, self._plan
        for scope in self._without_instruction():
            self._take_out(scope)
        moving = list(self._outer_first(run.root))
        heard = {each.number: set(run.hears(each)) | _followers(run.node(each)) for each in moving}
        elements = {each.number: each.element for each in moving}
        places = {each.number: self._place(each) for each in moving}
        self._records()
        run.change_model(self._target, {number: place.node.id for number, place in places.items()})
        run.migrated_from, run.definition_id = run.definition_id, plan.target_definition_id
        for activity in moving:
            self._settle(activity, places[activity.number])
        for activity in moving:
            self._tell(activity)
            if activity.phase not in (BEFORE, AFTER):
                self._listen(activity, elements[activity.number], heard[activity.number])
            else:
                self._continuation(activity)
        self._own_records()
        for incident in run.incidents.values():
            element = run.activities[incident.owner].element
            run.happenings.append(IncidentMoved(incident.number, element))
        run.set_variables(run.root, plan.variables)

    # ------------------------------------------------------------ activities

    def _outer_first(self, activity: Activity) -> Iterator[Activity]:
        yield activity
        for child in self._run.children(activity):
            yield from self._outer_first(child)

    def _take_out(self, scope: Activity) -> None:
        """Its end is heard, what is in it stays. Where turns came one after another, none counts itself any more."""
        run, node = self._run, self._run.node(scope)
        if scope.role not in SHELLS:
            run.canceling(scope)
            run.map_outputs(scope)
        loop = run.multi_instance(node)
        for turn in run.children(scope) if loop is not None and loop.sequential else ():
            if scope.role == BODY and "loopCounter" in turn.variables:
                run.remove_variable(turn, "loopCounter")
        run.dissolve(scope)

    def _without_instruction(self) -> list[Activity]:
        """The scopes that are mapped to nothing, the innermost first."""
        run = self._run
        return [
            each
            for each in run.subtree([run.root])
            if each.number != ROOT and self._plan.target_of(key_of_activity(each)) is None
        ]

    def _place(self, activity: Activity) -> Place:
        if activity.number == ROOT:
            return Place(self._target.process)
        found = place_of(self._target, self._plan.target_of(key_of_activity(activity)))
        if found is None:
            raise AssertionError(f"{activity.element} has no place in the target")
        return found

    def _settle(self, activity: Activity, place: Place) -> None:
        """Into its scope; those on the way that are not there are opened."""
        if activity.number == ROOT:
            return
        run = self._run
        outer = self._scope_of(run.parent(activity), place)
        if outer.number != activity.parent:
            run.reparent(activity, outer)
        if place.body:
            activity.role = BODY
        elif activity.role == ITERATION and not repeats(place.node):
            activity.role, activity.counter = "", None
        if activity.phase == AFTER and activity.role != ITERATION:
            flow = flow_after(place.node, activity.entry)
            activity.entry = None if flow is None else flow.id

    def _scope_of(self, outer: Activity, place: Place) -> Activity:
        run = self._run
        enclosing = list(around(self._target, place))
        if outer.number != ROOT:
            enclosing = enclosing[: enclosing.index(key_of_activity(outer))]
        for key in reversed(enclosing):
            found = self._opened.get((outer.number, key))
            if found is None:
                found = run.place(self._target.scope(key), outer)
                self._opened[outer.number, key] = found
                run.begin_empty(found)
            outer = found
        return outer

    def _tell(self, activity: Activity) -> None:
        run = self._run
        if activity.number == ROOT:
            return
        body = activity.role in SHELLS
        run.happenings.append(ActivityMoved(activity.number, activity.parent, activity.element, body, activity.counter))
        node = run.node(activity)
        if isinstance(node, UserTask) and not body and not activity.phase:
            name = run.evaluate_text(Expression(node.name), activity) if node.name else None
            words = node.documentation
            description = run.evaluate_text(Expression(words), activity) if words else None
            key = form_key(run, activity, node.form)
            run.happenings.append(TaskMoved(activity.number, node.id, name, description, key))

    # ------------------------------------------------------------ what hangs on them

    def _continuation(self, activity: Activity) -> None:
        for thing in self._run.hanging_on(activity):
            if isinstance(thing, Job):
                self._move_job(thing, activity.element)

    def _listen(self, activity: Activity, element: str, heard: set[str]) -> None:
        """What listens for a mapped event goes on as it is, or is set anew; what is mapped no more ends; what is new
        begins. A mapped event that does not listen any more, because it has happened, does not listen again."""
        run, node = self._run, self._run.node(activity)
        expected = [*run.hears(activity), *_followers(node)]
        for thing in run.hanging_on(activity):
            self._move(activity, thing, element, expected)
        known = {self._plan.target_of(each) for each in heard}
        interrupted = _interrupted(run, activity)
        for each in expected:
            event = run.model.nodes[each]
            if each not in known and not (interrupted and isinstance(event, StartEvent)):
                self._begin(activity, event)
        if isinstance(node, UserTask) and activity.role not in SHELLS:
            self._timeouts(activity, node, self._source.nodes[element])

    def _move(self, activity: Activity, thing: Subscription | Job, element: str, expected: list[str]) -> None:
        """`element` is what the activity was. What it waits for itself goes with it."""
        run, own = self._run, thing.element == element
        if isinstance(thing, Job) and thing.listener is not None:
            return
        instruction = self._plan.by_source.get(thing.element)
        target = activity.element if own else None if instruction is None else instruction.target
        gone = isinstance(thing, Job) and thing.event is not None and thing.event not in run.subscriptions
        if target is None or gone or not (own or target in expected):
            run.take_down(thing)
            return
        anew = instruction is not None and instruction.update_event_trigger
        if isinstance(thing, Job):
            self._move_job(thing, target, anew=anew)
        else:
            self._move_subscription(activity, thing, target, anew=anew)

    def _move_job(self, job: Job, element: str, *, anew: bool = False) -> None:
        run, node = self._run, self._run.model.nodes[element]
        job.element, due = element, None
        definition = run.definition(node)
        if anew and isinstance(definition, TimerDefinition):
            plan = run.planned(run.activities[job.owner], node, definition)
            job.cycle, job.repeats, due = plan.cycle, plan.repeats, plan.due
        run.happenings.append(JobMoved(job.number, element, due))

    def _move_subscription(self, activity: Activity, thing: Subscription, element: str, *, anew: bool) -> None:
        run = self._run
        thing.element = element
        definition = run.definition(run.model.nodes[element])
        if anew and isinstance(definition, MessageDefinition | SignalDefinition):
            thing.name = None if definition.name is None else run.evaluate_text(definition.name, activity)
        run.happenings.append(SubscriptionMoved(thing.number, activity.number, element, thing.name))

    def _begin(self, activity: Activity, event: FlowNode) -> None:
        """A condition is looked at when the next variable changes, and not because of the move."""
        run = self._run
        definition = run.definition(event)
        if isinstance(definition, ConditionalDefinition):
            run.subscribe(activity, event, definition, None)
        else:
            run.listen(activity, event)

    def _timeouts(self, activity: Activity, node: UserTask, before: FlowNode) -> None:
        """The timers of timeout listeners, told apart by their order."""
        run = self._run
        jobs = [each for each in run.hanging_on(activity) if isinstance(each, Job) and each.listener is not None]
        for job in jobs:
            if job.listener is not None and job.listener < len(node.task_timeouts):
                self._move_job(job, node.id)
            else:
                run.take_down(job)
        known = len(before.task_timeouts) if isinstance(before, UserTask) else 0
        for index in range(known, len(node.task_timeouts)):
            run.start_timer(activity, node, node.task_timeouts[index], listener=index)

    # ------------------------------------------------------------ what has completed and can be undone

    def _records(self) -> None:
        """Completed scopes that are mapped no more leave what is in them to the scope around."""
        run = self._run
        for record in list(run.compensations.values()):
            if record.handler is None and self._plan.target_of(key_of_record(record)) is None:
                for inner in run.compensations.values():
                    if inner.owner == record.number:
                        inner.owner = record.owner
                run.drop(record)
            else:
                self._rename(record)

    def _rename(self, record: Compensation) -> None:
        """By the boundary event that leads to its handler, or by the instruction for its scope."""
        if record.handler is None:
            place = place_of(self._target, self._plan.target_of(key_of_record(record)))
            record.element = record.element if place is None else place.node.id
            return
        boundary = compensation_boundary(self._source, record.element)
        event = self._target.nodes[self._plan.target_of(boundary.id) or ""] if boundary is not None else None
        if isinstance(event, BoundaryEvent):
            host = self._target.nodes[event.attached_to]
            record.element = host.id
            record.handler = host.compensation_handler if isinstance(host, ActivityNode) else None

    def _own_records(self) -> None:
        run = self._run
        for record in run.compensations.values():
            place = Place(self._target.nodes[record.element], record.body)
            for key in reversed(list(around(self._target, place))):
                inside = self._opened.get((record.owner, key))
                record.owner = record.owner if inside is None else inside.number
            run.happenings.append(
                SubscriptionMoved(record.subscription, record.owner, record.handler or record.element, None)
            )


def _followers(node: FlowNode) -> set[str]:
    """The events that an event-based gateway listens for."""
    return {flow.target for flow in node.outgoing} if isinstance(node, EventBasedGateway) else set()


def _interrupted(run: Run, scope: Activity) -> bool:
    """Has an interrupting event subprocess taken over? Then no other of the scope listens any more."""
    for child in run.children(scope):
        node = run.node(child)
        if isinstance(node, EventSubProcess):
            starts = [run.model.nodes[each] for each in node.start_events]
            if any(isinstance(each, StartEvent) and each.interrupting for each in starts):
                return True
    return False
