"""`onedoor` with two handlers more."""

from __future__ import annotations

import os
import random
import signal
import time

import psycopg
from sqlalchemy import text

from api.cli import main
from engine import CommandContext, DelegateExecution, EngineHandler
from engine.handlers import SHIPPED

#: The share of jobs whose first run ends its process; which ones, the seed says.
DEADLY = float(os.environ.get("ONEDOOR_TEST_DEADLY", "0"))
SEED = os.environ.get("ONEDOOR_TEST_SEED", "")
DATABASE = os.environ["ONEDOOR_DATABASE_URL"]


def mark(context: CommandContext, execution: DelegateExecution) -> None:
    """Leaves a mark outside of any transaction and one in its own, and kills its process before the commit if this is a
    deadly job's first run."""
    instance, activity = execution.process_instance_id, execution.activity_id
    with psycopg.connect(DATABASE, autocommit=True) as outside:
        outside.execute("INSERT INTO mark_outside VALUES (%s, %s)", [instance, activity])
        found = outside.execute(
            "SELECT count(*) FROM mark_outside WHERE instance = %s AND activity = %s", [instance, activity]
        ).fetchone()
    values = {"instance": instance, "activity": activity}
    context.connection.execute(text("INSERT INTO mark_inside VALUES (:instance, :activity)"), values)
    deadly = random.Random(f"{SEED} {execution.business_key} {activity}").random() < DEADLY
    if deadly and found == (1,):
        os.kill(os.getpid(), signal.SIGKILL)


def slow(context: CommandContext, execution: DelegateExecution) -> None:
    """Says that it has begun, and takes its time."""
    with psycopg.connect(DATABASE, autocommit=True) as outside:
        outside.execute("CREATE TABLE IF NOT EXISTS mark_begun (instance TEXT)")
        outside.execute("INSERT INTO mark_begun VALUES (%s)", [execution.process_instance_id])
    time.sleep(2)


if __name__ == "__main__":
    handlers: dict[str, EngineHandler] = SHIPPED  # of this process, before its engine reads them
    handlers.update(mark=mark, slow=slow)
    main()
