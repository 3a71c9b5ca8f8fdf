"""One instance within one command, its tokens moved by SpiffWorkflow.

Activities, variables, what is listened for and who catches what are those of the native executor's lower layers: the
document that is stored is the same. Each activity with a token is bound to one of SpiffWorkflow's tasks; where a token
goes from there, what joins, how often something repeats and when a scope is over, the library decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn import AdHocSubProcess, FlowNode, ProcessModel, SequenceFlow
from engine.errors import ExecutionFailed
from engine.execution.native.behaviours import behaviour_of as native_behaviour_of
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import (
    AFTER,
    ARRIVED,
    BEFORE,
    BODY,
    ITERATION,
    REOPENED,
    REOPENED_BODY,
    ROOT,
    SHELLS,
    Activity,
    InstanceState,
)
from engine.execution.native.tokens import INNER, Work
from engine.execution.protocol import EndState
from engine.execution.spiff.compiling import compiled
from engine.execution.spiff.dialect import DialectRun
from engine.execution.spiff.repeating import COUNTER, DONE, ITEM, REMAINING
from engine.execution.spiff.specs import ONWARD, InclusiveGateway, Token, spec_name
from engine.execution.spiff.workflow import ACTIVITY, Instance, Subprocess, forget


def _flow(source: FlowNode, target: FlowNode) -> SequenceFlow:
    return next(flow for flow in source.outgoing if flow.target == target.id)


class SpiffBehaviour(Behaviour):
    """Every element's: SpiffWorkflow runs its task."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if isinstance(run, SpiffRun):
            run.carry_out(activity)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        if child.role != ITERATION and isinstance(run, SpiffRun):
            run.branch_ended(activity)

    def compensated(self, run: Run, activity: Activity, node: FlowNode) -> None:
        native_behaviour_of(node, activity.role).compensated(run, activity, node)


_BEHAVIOUR = SpiffBehaviour()


def spiff_behaviour_of(node: FlowNode, role: str) -> Behaviour:
    if role in (REOPENED, REOPENED_BODY) or (isinstance(node, AdHocSubProcess) and role != BODY):
        return native_behaviour_of(node, role)
    return _BEHAVIOUR


class SpiffRun(DialectRun):
    """The layer whose tokens SpiffWorkflow moves."""

    def __init__(
        self,
        model: ProcessModel,
        state: InstanceState,
        work: Work,
        behaviour_of: Callable[[FlowNode, str], Behaviour],
        **facts: Any,
    ) -> None:
        super().__init__(model, state, work, behaviour_of, **facts)
        self.correlations = state.correlations
        #: the task of each activity, by its number; None until something moves, and again after a migration
        self._bound: dict[int, Task] | None = None
        #: the task that becomes ready just now, for the activity that is made for it
        self._arriving: Task | None = None
        #: the activity whose tokens wait for their continuation before they go on
        self._leaving: Activity | None = None
        self._workflow: Instance

    # ------------------------------------------------------------ tasks and activities

    @property
    def _tasks(self) -> dict[int, Task]:
        if self._bound is None:
            specs = compiled(self.model)
            self._bound = {}
            self._workflow = Instance(specs.process, specs.inner, self)
            bound: set[int] = {ROOT}
            for activity in list(self.activities.values()):
                self._bind_inwards(activity, bound)
            for activity in self.activities.values():
                self._remember_turns(activity)
        return self._bound

    def _bind_inwards(self, activity: Activity, bound: set[int]) -> None:
        """Whatever is around comes first; a migration may have put an activity into a younger one."""
        waiting = []
        while activity.number not in bound:
            waiting.append(activity)
            activity = self.activities[activity.parent]
        for each in reversed(waiting):
            bound.add(each.number)
            self._bind(each, self._new_task(each))

    def change_model(self, model: ProcessModel, elements: Mapping[int, str]) -> None:
        super().change_model(model, elements)
        self._bound = None

    def _bind(self, activity: Activity, task: Task) -> None:
        task.internal_data[ACTIVITY] = activity
        task._set_state(TaskState.READY if activity.phase in (ARRIVED, BEFORE) else TaskState.STARTED)
        if activity.role == BODY:
            task.internal_data[DONE] = []
            task.internal_data[REMAINING] = []
        self._tasks[activity.number] = task

    def _new_task(self, activity: Activity) -> Task:
        """A task for an activity that the library did not make one for: stored, or put there by an event."""
        if activity.role == ITERATION:
            above, name = self._tasks[activity.parent], spec_name(activity.element, turn=True)
        else:
            around = self.activities[activity.parent]
            while around.role in SHELLS:  # what compensates for a repeated activity
                around = self.activities[around.parent]
            above, name = self.workflow_in(around).task_tree, spec_name(activity.element)
            flow = self.model.flows.get(activity.entry or "")
            if flow is not None and flow.source == activity.element:  # it has left, and waits for its continuation
                name = spec_name(flow.target)
        task = above._add_child(above.workflow.spec.task_specs[name], TaskState.FUTURE)
        task.triggered = activity.role == ITERATION
        return task

    def _remember_turns(self, body: Activity) -> None:
        if body.role == BODY and body.loop is not None:
            data = self._tasks[body.number].internal_data
            data[DONE] = [""] * body.loop.done
            data[REMAINING] = list(range(body.loop.done + self.count_children(body), body.loop.total))

    def workflow_in(self, scope: Activity) -> Instance | Subprocess:
        """The workflow that runs inside a scope, made if there is none yet."""
        tasks = self._tasks
        if scope.number == ROOT:
            return self._workflow
        task = tasks[scope.number]
        found: Subprocess | None = self._workflow.subprocesses.get(task.id)
        return found or self._workflow.create_subprocess(task, scope.element)

    def workflows(self) -> list[Instance | Subprocess]:
        if not self._tasks:
            return []
        return [self._workflow, *self._workflow.subprocesses.values()]

    def _around(self, task: Task) -> Activity:
        if task.task_spec.turn:
            body: Activity = task.parent.internal_data[ACTIVITY]
            return body
        return self.root if task.workflow is self._workflow else task.workflow.around

    # ------------------------------------------------------------ a token comes

    def stands(self, task: Task) -> None:
        """SpiffWorkflow has made a task ready: a token stands there."""
        spec: Token = task.task_spec
        leaving, self._leaving = self._leaving, None
        if isinstance(task.parent.task_spec, Token) and not spec.turn:
            flow = _flow(task.parent.task_spec.node, spec.node)
            if leaving is not None:
                self._leave_later(leaving, flow, task)
                self._leaving = leaving
                return
            self.notify_taken(flow, self._around(task))
        self._arriving = task
        if not spec.turn:
            self.arrive(spec.node, self._around(task))
            return
        counter = task.internal_data.get(COUNTER, task.internal_data.get("iteration"))
        variables = {"loopCounter": counter, **self.given_to_turn(spec.node, task)}
        self.arrive(spec.node, self._around(task), role=ITERATION, variables=variables, counter=counter)

    @staticmethod
    def given_to_turn(node: FlowNode, task: Task) -> dict[str, Any]:
        loop = Run.multi_instance(node)
        if loop is None or loop.element_variable is None or loop.collection is None:
            return {}
        return {loop.element_variable: task.internal_data.get(ITEM)}

    def add(self, activity: Activity) -> Activity:
        task, self._arriving = self._arriving, None
        super().add(activity)
        if activity.number != ROOT and self._bound is not None:
            self._bind(activity, task or self._new_task(activity))
        return activity

    def carry_out(self, activity: Activity) -> None:
        if activity.number == ROOT:
            self.begin_inside(activity)
            return
        task = self._tasks[activity.number]
        task._set_state(TaskState.STARTED)
        task.task_spec._run(task)

    def begin_inside(self, scope: Activity) -> None:
        """A token on the start event of a scope."""
        node = self.node(scope)
        native_behaviour_of(node, "").enter(self, scope, node)

    # ------------------------------------------------------------ a token goes

    def open_flows(self, activity: Activity) -> list[SequenceFlow]:
        """All of them: SpiffWorkflow chooses."""
        return list(self.node(activity).outgoing)

    def proceed(self, activity: Activity, flows: Iterable[SequenceFlow]) -> None:
        first = next(iter(flows), None)
        self.completed(activity)
        if activity.number == ROOT:
            self.end(activity, EndState.COMPLETED)
            return
        node, parent = self.node(activity), self.parent(activity)
        task = self._tasks.pop(activity.number)
        self.remove(activity)
        loop = self.multi_instance(node) if activity.role == ITERATION else None
        later = node.async_after and activity.role not in INNER if loop is None else loop.async_after
        if later and first is None:
            self._leave_later(activity, None, task)
            return
        self._leaving = activity if later else None
        self._complete(task, activity, parent, onward=first is not None)
        self._leaving = None

    def _leave_later(self, activity: Activity, flow: SequenceFlow | None, task: Task) -> None:
        """`task` is that of the token at the end of the flow, where it has not begun to stand; without a flow, that
        of the activity itself."""
        self._arriving = task
        after = self.place(
            self.node(activity),
            self.parent(activity),
            role=activity.role,
            entry=None if flow is None else flow.id,
            counter=activity.counter,
            undoes=activity.undoes,
        )
        after.variables = activity.variables if activity.role == ITERATION else {}
        self.put_off(after, AFTER)

    def go_on(self, activity: Activity) -> None:
        task, parent = self._tasks.pop(activity.number), self.parent(activity)
        activity.phase = ARRIVED
        self.remove(activity)
        if activity.entry is None:
            self._complete(task, activity, parent, onward=False)
            return
        self.notify_taken(self.model.flows[activity.entry], parent)
        if self.alive(parent):
            self.stands(task)

    def _complete(self, task: Task, activity: Activity, parent: Activity, *, onward: bool) -> None:
        task.internal_data[ONWARD] = onward
        task.complete()
        ended = not task.children
        forget(task)
        if ended:
            self.finished(activity, parent)

    def branch_ended(self, scope: Activity) -> None:
        """A branch has come to its end; with the last one, the scope."""
        workflow = self.workflow_in(scope)
        if workflow.task_tree.children:
            return
        if scope.number == ROOT and self.held:
            self.came_to_end = True
            return
        workflow.completed = True
        self.leave(scope)

    # ------------------------------------------------------------ gateways

    def merge(self, tasks: Sequence[Task], into: Task) -> None:
        for task in tasks:
            if task is not into:
                self.remove(task.internal_data[ACTIVITY])

    def go_from_join(self, activity: Activity) -> None:
        task = self._tasks[activity.number]
        gateway = task.task_spec
        if isinstance(gateway, InclusiveGateway):
            gateway.go(task)

    def nowhere_to_go(self, task: Task) -> NoReturn:
        raise ExecutionFailed(
            "no flow out of it can be taken: no condition holds and there is no default flow", task.task_spec.node.id
        )

    # ------------------------------------------------------------ the end

    def remove(self, activity: Activity, *, canceled: bool = False) -> None:
        task = None if self._bound is None else self._bound.pop(activity.number, None)
        super().remove(activity, canceled=canceled)
        if task is not None:
            if canceled:
                task.cancel()
            else:
                task._set_state(TaskState.COMPLETED)
            forget(task)

    def spiff_cancelled(self, task: Task) -> None:
        """SpiffWorkflow has cancelled a task by itself: the turns that a completion condition makes needless."""
        activity: Activity = task.internal_data[ACTIVITY]
        if activity.number in self._tasks:
            self.cancel([activity])

    def _step(self, step: Callable[..., Any], activity: Activity, *arguments: Any) -> None:
        try:
            super()._step(step, activity, *arguments)
        except SpiffWorkflowException as error:
            raise ExecutionFailed(str(error), activity.element) from error
