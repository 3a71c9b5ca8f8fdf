"""Tasks of every kind: people, services, workers, scripts, and the listeners that hear of them."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import read_decisions
from engine.errors import Conflict, ExecutionFailed, ExpressionFailed
from engine.execution.protocol import BpmnError, DelegateExecution, ExternalTaskOpened, JobOpened
from tests.execution.play import MODELS, Play


def test_a_lane_is_the_candidate_group_of_a_task_without_owner(play: Play) -> None:
    play.start()
    [task] = play.stored.tasks.values()
    assert task.candidate_groups == ("human-resources",)
    play.complete("a")
    [task] = play.stored.tasks.values()
    assert (task.assignee, task.candidate_groups) == ("eva", ())


def test_a_task_listener_changes_the_task_it_hears_of(play: Play) -> None:
    play.start()
    [task] = play.stored.tasks.values()
    assert (task.assignee, task.priority) == ("eva", 90)
    assert play.variables == {"given": "eva"}
    play.complete("ask")
    assert play.variables == {"given": "eva", "completed": True}
    play.start()
    play.message("stop")
    assert play.variables == {"given": "eva", "deleted": True}


def test_a_timeout_listener_hears_its_timer_while_the_task_stays_open(play: Play) -> None:
    play.start()
    play.advance(hours=1)
    assert play.variables == {"reminded": True}
    assert (play.tasks, play.jobs) == (["ask"], 0)


def test_execution_listeners_hear_start_take_and_end(play: Play) -> None:
    play.start()
    assert play.variables == {"started": True}
    play.complete("ask")
    assert play.variables == {"started": True, "over": True, "took": True}


def test_a_registered_handler_works_on_the_variables(play: Play) -> None:
    def price_list(execution: DelegateExecution) -> Any:
        execution.variables["asked"] = execution.fields["item"]
        execution.variables["where"] = execution.activity_id
        return 42

    play.engine.handlers["priceList"] = price_list
    play.start(item="desk")
    assert play.variables == {"item": "desk", "asked": "desk", "where": "work", "price": 42}


def test_a_handler_throws_a_bpmn_error_to_a_boundary_event(play: Play) -> None:
    def buy(execution: DelegateExecution) -> None:
        raise BpmnError("E1", "nothing left")

    play.engine.handlers["shop.Buy"] = buy
    play.start()
    assert play.tasks == ["other"]
    assert play.variables == {"code": "E1", "reason": "nothing left"}


def test_an_exception_of_a_handler_is_caught_by_the_name_of_its_class(play: Play) -> None:
    def buy(execution: DelegateExecution) -> None:
        raise FileNotFoundError("no price list")

    play.engine.handlers["shop.Buy"] = buy
    play.start()
    assert play.tasks == ["look"]
    assert play.variables == {"reason": "no price list"}


def test_an_exception_of_a_handler_is_not_caught_by_an_event_without_code() -> None:
    def buy(execution: DelegateExecution) -> None:
        raise ValueError("no price")

    play = Play("an_exception_of_a_handler_is_caught_by_the_name_of_its_class")
    play.engine.handlers["shop.Buy"] = buy
    with pytest.raises(ExecutionFailed, match=r"work: the handler shop\.Buy failed: ValueError: no price"):
        play.start()


def test_a_bpmn_error_of_a_listener_is_caught_like_any_other(play: Play) -> None:
    def refuse(execution: DelegateExecution) -> None:
        raise BpmnError("E1")

    play.engine.handlers["refuse"] = refuse
    play.start()
    play.complete("ask")
    assert play.tree == ["other"]


def test_a_message_end_event_may_be_an_external_task(play: Play) -> None:
    play.start()
    assert play.tasks == ["sent"]
    play.complete("sent")
    assert play.ended


def test_the_turns_of_a_multi_instance_may_be_asynchronous_by_themselves(play: Play) -> None:
    play.start()
    assert (play.tree, play.jobs) == (["work#body/work", "work#body/work"], 2)
    first = play.happened(JobOpened)[0]
    assert (first.priority, first.retry_cycle, first.exclusive) == (5, "R2/PT1M", False)
    play.run_jobs()
    assert play.tasks == ["after"]


def test_a_business_rule_task_asks_its_decision(play: Play) -> None:
    dmn = (MODELS / "a_business_rule_task_asks_its_decision.dmn").read_bytes()
    play.engine.decisions["approval"] = read_decisions(dmn)
    play.start(cost=30_000)
    assert play.variables == {"cost": 30_000, "who": "director"}
    play.start(cost=10)
    assert play.variables["who"] == "manager"


def test_a_failing_handler_leaves_no_trace(play: Play) -> None:
    play.start(x=1)
    before = play.stored.state
    with pytest.raises(ExecutionFailed, match=r"shop\.Buy"):
        play.complete("ask", x=2)
    assert play.stored.state == before
    assert play.tasks == ["ask"]


def test_an_external_task_completes_with_variables_of_its_own(play: Play) -> None:
    play.start(topic="print")
    [row] = play.stored.externals.values()
    assert row.topic == "print"
    play.do("complete_task", play.id, row.number, {}, {"answer": 41})
    assert play.tasks == ["after"]
    assert play.variables == {"topic": "print", "result": 42}


def test_an_external_task_without_priority_has_that_of_its_process(play: Play) -> None:
    play.start(urgency=9)
    assert {each.element_id: each.priority for each in play.happened(ExternalTaskOpened)} == {"plain": 9, "own": 7}


def test_name_and_description_of_a_task_are_composite_text(play: Play) -> None:
    play.start(who="Ada", what="the keys")
    [task] = play.stored.tasks.values()
    assert (task.name, task.description) == ("Ask Ada", "Do not forget the keys.")


def test_an_error_definition_of_an_external_task_becomes_a_bpmn_error(play: Play) -> None:
    play.start(answer=None)
    number = play.number("work")
    failed = {"errorMessage": "ink"}
    assert play.do("fail_external_task", play.id, number, {}, {}, failed) is False
    assert play.tasks == ["work"]
    assert play.do("fail_external_task", play.id, number, {}, {}, {"errorMessage": "paper"}) is True
    assert play.tasks == ["refill"]
    play.start(answer=None)
    play.do("complete_task", play.id, play.number("work"), {"answer": "no"}, {}, {"errorMessage": None})
    assert play.tasks == ["refill", "refill"]


def test_a_failure_is_noted_though_an_error_definition_cannot_be_evaluated() -> None:
    play = Play("an_error_definition_of_an_external_task_becomes_a_bpmn_error")
    play.start()
    number = play.number("work")
    assert play.do("fail_external_task", play.id, number, {}, {}, {"errorMessage": "ink"}) is False
    with pytest.raises(ExpressionFailed, match="answer"):
        play.do("complete_task", play.id, number, {}, {}, {"errorMessage": None})
    assert play.tasks == ["work"]


def test_a_receive_task_without_a_message_waits_for_a_trigger(play: Play) -> None:
    play.start()
    play.do("trigger", play.id, play.number("wait"), {"x": 1})
    assert play.tasks == ["after"]
    assert play.variables == {"x": 1}


def test_a_script_gives_its_result_to_a_variable(play: Play) -> None:
    play.start(a=1, b=2)
    assert play.variables["total"] == 3


def test_plain_and_manual_tasks_pass_at_once(play: Play) -> None:
    play.start()
    assert play.tasks == ["after"]


def test_completing_twice_is_a_conflict() -> None:
    play = Play("plain_and_manual_tasks_pass_at_once")
    play.start()
    number = play.number("after")
    play.start()
    first, play.id = "i" + str(int(play.id[1:]) - 1), play.id
    play.engine.complete(play.id, number)
    assert first in play.engine.instances
    again = Play("a_receive_task_without_a_message_waits_for_a_trigger")
    again.start()
    number = again.number("wait")
    again.do("trigger", again.id, number, {})
    with pytest.raises(Conflict, match="not open any more"):
        again.do("complete_task", again.id, number, {}, {})


def test_an_asynchronous_continuation_waits_for_its_job(play: Play) -> None:
    play.start()
    assert (play.tree, play.jobs, play.variables) == (["a"], 1, {})
    assert play.view().children[0].waiting_async
    play.engine.execute(play.engine.jobs()[0])
    assert (play.tree, play.jobs, play.variables) == (["a"], 1, {"done": True})
    play.run_jobs()
    assert (play.tree, play.jobs) == (["after"], 0)


def test_a_job_that_fails_three_times_becomes_an_incident(play: Play) -> None:
    play.start()
    for _ in range(3):
        play.run_jobs()
    [incident] = play.stored.incidents.values()
    assert (incident.incident_type, incident.element_id) == ("failedJob", "a")
    play.engine.handlers["shop.Buy"] = lambda execution: None
    [job] = play.engine.jobs()
    play.engine.execute(job)
    assert play.tasks == ["after"]
    assert not play.stored.incidents


def test_a_send_task_works_like_a_service_task(play: Play) -> None:
    play.start(given=1)
    assert (play.tasks, play.variables["counted"]) == (["ask"], 2)
    play.complete("ask")
    assert play.ended


def test_execution_and_task_read_and_write_variables(play: Play) -> None:
    play.start(business_key="order-7", given="desk")
    assert play.variables == {
        "given": "desk",
        "heard": "start",
        "names": ["inside"],
        "seen": "look|Look around|order-7|true|true|true|desk",
    }
    assert play.seen_by("ask", local=True) == {"mine": "create"}
    play.complete("ask")
    assert (play.variables["kept"], "heard" in play.variables) == ("create", False)


def test_data_objects_and_stores_are_only_drawn(play: Play) -> None:
    play.start()
    play.complete("ask")
    assert (play.ended, play.variables) == (True, {})
