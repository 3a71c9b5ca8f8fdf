"""Multi-instance and loops: the library makes the turns, counts them and decides when they are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import ParallelMultiInstanceTask, SequentialMultiInstanceTask, StandardLoopTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn import MultiInstance, StandardLoop
from engine.errors import ExpressionFailed
from engine.execution.native.behaviours.loops import items_of, show_counters
from engine.execution.native.state import Activity, Loop
from engine.execution.spiff.specs import Token
from engine.execution.spiff.workflow import ACTIVITY

#: What the library keeps on the task of the body: the turns that are done, and the items that have had no turn yet.
DONE = "merged"
REMAINING = "remaining"
#: What a turn is given: its number and its item.
COUNTER = "key_or_index"
ITEM = "element"


class Items:
    """What the turns are for, as the library asks for data: numbers, or the items of the collection, read anew."""

    def __init__(self, loop: MultiInstance) -> None:
        self._loop = loop

    def get(self, my_task: Task) -> Sequence[Any]:
        return items_of(my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY], self._loop)

    def exists(self, my_task: Task) -> bool:
        return True


class Item:
    """The item of one turn. It becomes a variable of the turn, so nothing outside can be in its way."""

    bpmn_id = ITEM

    def exists(self, my_task: Task) -> bool:
        return False

    def set(self, my_task: Task, value: Any) -> None:
        my_task.internal_data[ITEM] = value


class Repeating(Token):
    """The body: `_update_hook` of the library begins the turns, `merge_child` hears of the end of each."""

    def _run_hook(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.run.begin_whole(my_task.internal_data[ACTIVITY])
        if self.begin_turns(my_task):
            my_task.workflow.top_workflow.run.leave(my_task.internal_data[ACTIVITY])

    def begin_turns(self, my_task: Task) -> bool:
        """True if there are none."""
        raise NotImplementedError

    def turn_done(self, child: Task) -> None:
        body: Activity = child.parent.internal_data[ACTIVITY]
        if body.loop is not None:
            body.loop.done += 1

    def body_done(self, my_task: Task) -> None:
        """The library says so by making the task ready again."""
        if my_task.state == TaskState.READY:
            run = my_task.workflow.top_workflow.run
            run.later(run.leave, my_task.internal_data[ACTIVITY])


class _MultiInstance(Repeating):
    condition: Any
    loop: MultiInstance

    def prepare(self, my_task: Task, at_once: int | None) -> None:
        """Counts the items, and refuses more turns than a command may begin; `at_once` None: all of them."""
        run, body = my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY]
        total = len(items_of(run, body, self.loop))
        body.loop = Loop(total)
        run.outputs_begin(body, self.loop)
        if total:
            active = total if at_once is None else at_once
            run.work.afford(active)
            show_counters(run, body, active)

    def turn_done(self, child: Task) -> None:
        super().turn_done(child)
        run, body = child.workflow.top_workflow.run, child.parent.internal_data[ACTIVITY]
        total = body.variables.get("nrOfInstances")
        if isinstance(total, int) and not isinstance(total, bool) and total != body.loop.total:
            # somebody has said meanwhile, by the variable of the body, that there are fewer turns, or more
            body.loop.total = total
            child.parent.internal_data[REMAINING] = list(range(body.loop.done + run.count_children(body), total))
        run.turn_ended(body, child.internal_data[ACTIVITY], self.loop)
        show_counters(run, body, run.count_children(body))

    def check_completion_condition(self, my_task: Task) -> bool:
        if self.condition is None or not my_task.internal_data[DONE]:
            return False
        run, body = my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY]
        last = next(each for each in my_task.children if str(each.id) == my_task.internal_data[DONE][-1])
        return bool(run.holds_in(self.condition, body, last.internal_data[ACTIVITY].variables))


class ParallelTurns(_MultiInstance, ParallelMultiInstanceTask):
    def begin_turns(self, my_task: Task) -> bool:
        self.prepare(my_task, None)
        return bool(ParallelMultiInstanceTask._update_hook(self, my_task))

    def merge_child(self, workflow: Any, child: Task) -> None:
        body = child.parent
        self.turn_done(child)
        ParallelMultiInstanceTask.merge_child(self, workflow, child)
        self.body_done(body)


class SequentialTurns(_MultiInstance, SequentialMultiInstanceTask):
    def begin_turns(self, my_task: Task) -> bool:
        self.prepare(my_task, 1)
        return bool(SequentialMultiInstanceTask._update_hook(self, my_task))

    def merge_child(self, workflow: Any, child: Task) -> None:
        body = child.parent
        self.turn_done(child)
        SequentialMultiInstanceTask.merge_child(self, workflow, child)
        self.body_done(body)

    def children_complete(self, my_task: Task) -> bool:
        return not my_task.internal_data[REMAINING]

    def add_next_child(self, my_task: Task) -> None:
        """As in the library, which takes an item that is null for no item and then waits for ever."""
        run, body = my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY]
        turn, *remaining = my_task.internal_data[REMAINING]
        items = self.data_input.get(my_task) if self.loop.collection is not None else range(turn + 1)
        if turn >= len(items):
            raise ExpressionFailed(f"turn {turn + 1} has no item any more: its list was shortened", body.element)
        my_task.internal_data[REMAINING] = remaining
        show_counters(run, body, 1)
        self.create_child(my_task, items[turn], turn)


class LoopTurns(Repeating, StandardLoopTask):
    loop: StandardLoop

    def begin_turns(self, my_task: Task) -> bool:
        my_task.internal_data[ACTIVITY].loop = Loop(self.loop.maximum or 0)
        my_task.internal_data[DONE] = []
        return bool(StandardLoopTask._update_hook(self, my_task))

    def merge_child(self, workflow: Any, child: Task) -> None:
        body = child.parent
        self.turn_done(child)
        body.internal_data[ITEM] = child.internal_data[ACTIVITY].variables
        StandardLoopTask.merge_child(self, workflow, child)
        self.body_done(body)

    def loop_complete(self, my_task: Task) -> bool:
        """The library repeats for ever what says neither how often nor how long; once is meant."""
        done = len(my_task.internal_data[DONE])
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return True
        if self.loop.condition is None:
            return self.loop.maximum is None and done > 0
        run, body = my_task.workflow.top_workflow.run, my_task.internal_data[ACTIVITY]
        seen = my_task.internal_data.get(ITEM) or {**body.variables, "loopCounter": done}
        return not run.holds_in(self.loop.condition, body, seen)
