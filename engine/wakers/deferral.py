"""Passing jobs on: in the transaction that writes the row of a job, Procrastinate is told to run it.

Only what is due soon is passed on at once. What is due later is found by the sweep when its time comes near: a task
with a reminder in three days costs no statement more, nobody has to take back what a moved timer asked for, and the
queue stays short however many timers wait.
"""

from __future__ import annotations

from datetime import timedelta

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from engine.context import CommandContext
from engine.errors import DatabaseUnusable

QUEUE = "onedoor"
RUN_JOB = "onedoor.run_job"
#: How far ahead jobs are passed on. Several times the pause between two sweeps.
SOON = timedelta(seconds=60)


class Deferral:
    """One statement to a command, whatever the number of its jobs. DatabaseUnusable if it cannot be run."""

    def __init__(self) -> None:
        # Never opened: the statement goes over the connection of the command.
        self._manager = App(connector=SyncPsycopgConnector()).job_manager

    def __call__(self, context: CommandContext) -> None:
        soon = context.now + SOON
        deferred = [
            Job(
                id=None,
                queue=QUEUE,
                task_name=RUN_JOB,
                task_kwargs={"job_id": each.job_id},
                priority=each.priority,
                scheduled_at=each.due_at if each.due_at > context.now else None,
                lock=None,
                queueing_lock=None,
            )
            for each in context.wake_ups
            if each.due_at <= soon
        ]
        if deferred:
            connection = context.connection.connection.driver_connection
            try:
                self._manager.batch_defer_jobs(deferred, connection=connection)
            except ConnectorException as error:
                raise DatabaseUnusable(f"The database cannot be used: {error.__cause__}") from error
