"""`onedoor db`: the schema of the database."""

from __future__ import annotations

import click

from api.cli.home import settings
from engine import upgrade


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the schema up to this release's. Forward only. Stop the servers and workers of the old release first."""
    upgrade(settings().database_url)
    click.echo("The database is up to date.")
