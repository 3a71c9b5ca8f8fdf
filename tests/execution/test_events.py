"""Events: timers, messages, signals, conditions, links, errors, escalations, caught everywhere they can be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import ExecutionFailed
from engine.execution.protocol import JobOpened, JobType
from tests.execution.play import Play


def test_a_non_interrupting_boundary_message_may_come_again(play: Play) -> None:
    play.start()
    play.message("hint")
    play.message("hint")
    assert play.tasks == ["ask", "look", "look"]
    play.complete("ask")
    assert play.subscriptions("message") == []


def test_an_interrupting_boundary_message_ends_the_task(play: Play) -> None:
    play.start()
    play.message("stop")
    assert play.tree == ["after"]
    assert play.subscriptions("message") == []


def test_a_repeating_boundary_timer_fires_as_often_as_it_says(play: Play) -> None:
    play.start()
    play.advance(hours=1)
    assert (play.tasks, play.jobs) == (["ask", "reminder"], 1)
    play.advance(hours=1)
    assert (play.tasks, play.jobs) == (["ask", "reminder", "reminder"], 0)


def test_a_quartz_cron_cycle_fires_again_and_again(play: Play) -> None:
    play.start()
    [opened] = play.happened(JobOpened)
    assert (opened.type, opened.due) == (JobType.TIMER, datetime(2026, 11, 24, 12, tzinfo=UTC))
    for day in range(1, 4):
        play.advance(days=1)
        assert play.tasks.count("reminder") == day
    assert play.jobs == 1
    play.complete("ask")
    assert play.jobs == 0


def test_a_timer_catch_event_waits_until_its_date(play: Play) -> None:
    play.start()
    play.advance(days=6)
    assert play.tree == ["wait"]
    play.advance(days=1)
    assert play.tree == ["after"]


def test_a_cron_catch_event_waits_for_its_next_moment_once(play: Play) -> None:
    play.start()
    play.advance(hours=3)
    assert (play.tree, play.jobs) == (["after"], 0)


def test_a_cron_start_event_starts_an_instance_each_time(play: Play) -> None:
    play.advance(days=1)
    play.advance(days=1)
    assert (play.tasks, play.jobs) == (["ask", "ask"], 1)


def test_a_cron_event_subprocess_repeats_beside_the_flow(play: Play) -> None:
    play.start()
    play.advance(days=1)
    play.advance(days=1)
    assert play.tree == ["ask", "late/remind", "late/remind"]


def test_a_signal_reaches_everyone_who_listens(play: Play) -> None:
    play.start()
    play.start()
    play.signal("go", x=1)
    assert play.tasks == ["a", "a", "b", "b"]
    assert play.variables == {"x": 1}


def test_a_signal_payload_starts_a_process_with_a_business_key(play: Play) -> None:
    play.start(x=1, order="K 1")
    [other] = [each for each in play.engine.instances.values() if each.tasks]
    assert other.business_key == "K 1"
    play.id = next(iter(play.engine.instances))
    assert play.variables == {"y": 1}


def test_a_signal_thrown_asynchronously_leaves_a_job_for_each_receiver(play: Play) -> None:
    play.start(x=1)
    assert (play.tasks, play.jobs) == (["thrown"], 2)
    play.run_jobs()
    assert (play.tasks, play.jobs) == (["got", "thrown", "work"], 0)
    assert play.variables == {"x": 1, "y": 1}


def test_a_signal_carries_only_local_variables_if_it_says_so(play: Play) -> None:
    play.start("thrower", theirs=2)
    [started] = play.engine.instances
    play.id = started
    assert (play.tree, play.variables) == (["ask"], {"mine": "1"})


def test_the_name_of_a_start_signal_is_worked_out_at_deployment(play: Play) -> None:
    play.signal("alert-${1 + 1}")
    assert play.tasks == []
    play.signal("alert-2")
    assert play.tasks == ["ask"]


def test_a_conditional_event_waits_for_its_variable(play: Play) -> None:
    play.start()
    play.set(x=5)
    assert play.tree == ["wait"]
    play.set(x=6)
    assert play.tree == ["after"]
    play.start(x=6)
    assert play.tree == ["after"]


def test_a_conditional_event_hears_only_the_changes_it_names(play: Play) -> None:
    play.start()
    play.set(x=1)
    play.set(y=1)
    assert play.tasks.count("changed") == 1, "only the condition that held from the start"
    play.set(x=2)
    assert play.tasks.count("changed") == 2


def test_a_condition_that_a_task_makes_true_is_heard_before_the_task_goes_on(play: Play) -> None:
    play.start()
    assert play.tree == ["changed"]


def test_a_condition_that_holds_already_is_heard_before_the_task_does_anything(play: Play) -> None:
    play.start(x=1)
    assert (play.tree, play.variables) == (["changed"], {"x": 1})
    play.start(x=2)
    assert (play.tree, play.variables) == (["after"], {"x": 2, "written": True})


def test_what_a_call_gives_back_is_heard_by_its_own_boundary_event(play: Play) -> None:
    play.start()
    assert play.tree == ["changed"]


def test_a_link_goes_on_at_its_catch_event(play: Play) -> None:
    play.start()
    assert play.tree == ["after"]


def test_an_interrupting_event_subprocess_takes_over(play: Play) -> None:
    play.start()
    play.message("stop")
    assert play.tree == ["handling/tidy"]
    assert play.subscriptions("message") == []
    play.complete("tidy")
    assert play.ended


def test_a_non_interrupting_event_subprocess_runs_beside_the_flow(play: Play) -> None:
    play.start()
    play.message("hint")
    play.message("hint")
    play.complete("ask")
    assert play.tree == ["handling/look", "handling/look"]
    play.complete("look", 2)
    assert play.ended


def test_an_error_event_subprocess_catches_before_a_boundary_event(play: Play) -> None:
    play.start()
    assert play.tree == ["sub/handling/inside"]


def test_an_error_code_catches_before_a_catch_all(play: Play) -> None:
    play.start()
    assert play.tree == ["b"]


def test_an_error_message_reaches_its_catcher(play: Play) -> None:
    play.start()
    assert play.variables == {"code": "E1", "reason": "It failed with E1"}


def test_an_uncaught_error_ends_only_its_branch(play: Play) -> None:
    play.start()
    assert play.tree == ["ask"]


def test_an_error_boundary_event_always_interrupts(play: Play) -> None:
    play.start()
    assert play.tree == ["repair"]


def test_a_plain_start_begins_where_no_event_is_needed(play: Play) -> None:
    play.start()
    assert play.tree == ["tidy"]


def test_a_process_that_only_events_start_has_no_plain_start(play: Play) -> None:
    for key in ("process", "caller"):
        with pytest.raises(ExecutionFailed, match="no start event that a plain start could use"):
            play.start(key)
    play.message("return")
    assert play.tasks == ["unpack"]


def test_an_escalation_goes_on_unless_it_is_interrupted(play: Play) -> None:
    play.start()
    assert play.tree == ["look", "sub/ask"]
    assert play.variables == {"code": "late"}
