"""What one command costs, counted in calls of functions: seconds say more of the machine than of the code."""

from __future__ import annotations

from tests.calls import calls_of
from tests.execution.play import Play

#: 84 were counted; the rest is for other versions of Python.
CALLS_OF_A_COMPLETION = 100


def calls_to_complete(play: Play, element: str) -> int:
    """How many functions of Python it calls to load the instance, complete the task and save."""
    number = play.number(element)

    def complete() -> None:
        work = play.engine.executor.begin(play.engine)
        work.complete_task(play.id, number, {"done": True}, {})
        work.changes()

    return calls_of(complete)


def test_completing_a_plain_task_calls_few_functions() -> None:
    # Given an instance whose expressions have been read before
    play = Play("completing_a_plain_task_calls_few_functions")
    play.start(manager="eva")
    calls_to_complete(play, "ask")
    # When a task is completed that is followed by one like it
    plain = calls_to_complete(play, "ask")
    # Then few functions are called; but more where the next task maps and listens
    play.complete("ask")
    calls_to_complete(play, "answer")
    assert plain <= CALLS_OF_A_COMPLETION < calls_to_complete(play, "answer")
    assert play.stored.tasks[play.number("answer")].name == "Answer"
