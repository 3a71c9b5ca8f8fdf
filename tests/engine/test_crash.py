"""The process that runs the engine is killed without warning: what was answered stands, what was not leaves no
trace."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from engine import ProcessEngine, TestClock, run_due
from engine.database.tables import historic_activity_instance
from tests.engine.play import (
    END,
    START,
    bpmn,
    deploy,
    flow,
    historic_instance,
    rows,
    start,
    task,
    user_task,
    waiting,
)

#: Completes the first task, answers, and is killed in the middle of completing the second.
SERVER = """
import sys
from pathlib import Path
from engine import SYSTEM, ProcessEngine, Settings, TaskQuery, complete_task, find_tasks

engine = ProcessEngine(Settings(sys.argv[1], Path(sys.argv[2])))
for activity in ("first", "second"):
    with engine.command(SYSTEM) as context:
        (found,) = find_tasks(context, TaskQuery(activity_id=activity))
        complete_task(context, found.id, {activity: True})
        if activity == "second":
            print("in the middle", flush=True)
            sys.stdin.read()
    print("completed", flush=True)
"""

MODEL = bpmn(
    START
    + user_task("first")
    + user_task("second")
    + '<boundaryEvent id="late" attachedToRef="second" cancelActivity="false"><timerEventDefinition>'
    + "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + user_task("escalated")
    + user_task("third")
    + END
    + flow("start", "first", "second", "third", "end")
    + flow("late", "escalated", "end")
)


def test_what_was_answered_stands_what_was_not_leaves_no_trace_and_timers_still_fire(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, MODEL)
    instance = start(engine)
    url = engine.database.url.render_as_string(hide_password=False)
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVER, url, str(engine.settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert [server.stdout.readline(), server.stdout.readline()] == ["completed\n", "in the middle\n"]
    server.kill()
    server.communicate(timeout=30)

    assert waiting(engine) == ["second"]
    assert [row.activity_id for row in rows(engine, historic_activity_instance)] == ["start", "first", "second"]
    clock.set(task(engine, "second").created_at + timedelta(hours=1))
    assert run_due(engine) == 1
    assert run_due(engine) == 0
    assert waiting(engine) == ["escalated", "second"]
    assert historic_instance(engine, instance.id).state == "ACTIVE"
