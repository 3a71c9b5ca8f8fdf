"""`onedoor worker`: a process that only runs jobs."""

from __future__ import annotations

import click

from api.cli.home import opened, settings
from engine import work_until_stopped


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="Jobs that run at the same time."
)
def worker(concurrency: int) -> None:
    """Run due jobs until told to stop: timers, continuations, mails, webhooks.

    For a PostgreSQL that several servers share (ONEDOOR_DATABASE_URL); start as many workers as there is work for, on
    any machine. Told to stop, a worker takes nothing new and finishes what it runs; killed, others take over.
    """
    chosen = settings()
    if not chosen.is_shared:
        raise click.UsageError(
            "The one server of a SQLite file runs its jobs itself. Workers need a PostgreSQL: set ONEDOOR_DATABASE_URL."
        )
    with opened(chosen) as engine:
        click.echo(f"Onedoor worker: up to {concurrency} jobs at once", err=True)
        work_until_stopped(engine, concurrency)
