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

#: The share of runs that end their process; the seed makes each process another one.
DEADLY = float(os.environ.get("ONEDOOR_TEST_DEADLY", "0"))
DATABASE = os.environ["ONEDOOR_DATABASE_URL"]
CHANCE = random.Random(f"{os.environ.get('ONEDOOR_TEST_SEED')}-{os.getpid()}")


def mark(context: CommandContext, execution: DelegateExecution) -> None:
    """Leaves a mark in its own transaction and one outside of it, and now and then kills its process before the
    commit."""
    values = {"instance": execution.process_instance_id, "activity": execution.activity_id}
    with psycopg.connect(DATABASE, autocommit=True) as outside:
        outside.execute("INSERT INTO mark_outside VALUES (%(instance)s, %(activity)s)", values)
    context.connection.execute(text("INSERT INTO mark_inside VALUES (:instance, :activity)"), values)
    if CHANCE.random() < DEADLY:
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
