"""Scopes: variables, subprocesses, calls, and what ends with them."""

from __future__ import annotations

import pytest

from engine.errors import BudgetExceeded
from engine.execution.native import command
from tests.execution.play import Play


def test_inputs_are_local_and_outputs_go_to_the_scope_around(play: Play) -> None:
    play.start(name="Ada")
    assert play.seen_by("ask", local=True) == {
        "greeting": "Hello Ada", "nothing": None, "several": ["Ada", "b"], "table": {"k": "Ada", "Ada": ["1", 2]},
    }  # fmt: skip
    play.complete("ask")
    assert play.variables == {"name": "Ada", "said": "Hello Ada!"}


def test_outputs_of_a_cancelled_activity_are_mapped_as_far_as_it_came(play: Play) -> None:
    play.start(outer="v")
    play.message("stop")
    assert play.variables == {"outer": "v", "seen": "v"}
    play.start(outer="v")
    play.complete("ask", made=1)
    assert play.variables == {"outer": "v", "seen": "v", "made": 1, "result": 1}
    play.start(outer="v")
    play.do("modify", play.id, [{"type": "cancel", "activityId": "sub"}], skip_io_mappings=True)
    assert play.variables == {"outer": "v"}


def test_a_variable_is_set_where_it_is_held_or_else_on_the_instance(play: Play) -> None:
    play.start()
    play.complete("ask", inner=2, fresh=3)
    assert play.variables == {"fresh": 3}
    assert play.seen_by("sub", local=True) == {"inner": 2}
    play.do("remove_variables", play.id, play.number("more"), ["inner", "fresh"])
    assert play.seen_by("more") == {}


def test_terminate_ends_only_the_scope_around_it(play: Play) -> None:
    play.start()
    assert play.tree == ["after", "other"]


def test_nothing_stays_of_a_cancelled_subprocess(play: Play) -> None:
    play.start()
    assert (play.jobs, play.subscriptions("signal"), len(play.tree)) == (1, ["go"], 3)
    play.message("stop")
    assert (play.jobs, play.subscriptions("signal"), play.tree) == (0, [], ["after"])
    assert [each.element for each in play.state.activities] == ["process", "after"]


def test_a_call_passes_variables_in_and_out(play: Play) -> None:
    caller = play.start(x=1, business_key="K 1")
    called = next(each for each in play.engine.instances if each != caller)
    assert play.engine.instances[called].business_key == "K 1"
    play.id = called
    assert play.variables == {"given": 1, "twice": 2}
    play.complete("work", answer=42)
    play.id = caller
    assert play.tasks == ["after"]
    assert play.variables == {"x": 1, "result": 42, "seen": 42}


def test_a_call_passes_only_local_variables_if_it_says_so(play: Play) -> None:
    caller = play.start(x=1)
    play.id = next(each for each in play.engine.instances if each != caller)
    assert play.variables == {"mine": "1", "same": "1"}


def test_an_error_of_a_called_process_reaches_the_call_activity(play: Play) -> None:
    play.start()
    play.complete("work", x=1)
    assert play.tree == ["after"]
    assert len(play.engine.instances) == 1
    assert play.variables == {"x": 1}, "outputs are mapped as at a completion"


def test_outputs_of_a_call_are_mapped_at_an_escalation_that_nobody_catches(play: Play) -> None:
    play.start()
    play.complete("work", x=1)
    assert (play.tasks, play.variables) == (["more"], {"x": 1})


def test_deleting_a_called_instance_deletes_its_caller_too(play: Play) -> None:
    caller = play.start()
    called = next(each for each in play.engine.instances if each != caller)
    play.do("cancel", called)
    assert play.engine.instances == {}


def test_a_process_that_calls_itself_for_ever_is_stopped(play: Play) -> None:
    with pytest.raises(BudgetExceeded, match="does a process call itself"):
        play.start()
    assert play.engine.instances == {}


def test_a_loop_without_a_wait_is_stopped(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    if play.engine.runs_on != "native":  # which counts the same, and takes twenty times as long to come so far
        monkeypatch.setattr(command, "ACTIVITY_BUDGET", 2_000)
    with pytest.raises(BudgetExceeded, match=r"100,000 activities|200,000 steps|2,000 activities"):
        play.start()
