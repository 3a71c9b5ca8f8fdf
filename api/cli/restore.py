"""`onedoor restore`: a backup into an empty database."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.home import settings
from engine import restore as put_back


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup FILE of this or an earlier release into an empty database.

    The database is that of ONEDOOR_HOME, or the one that ONEDOOR_DATABASE_URL names: so data moves from SQLite to
    PostgreSQL and back. Timers that became due meanwhile fire when the server starts.
    """
    counts = put_back(file, settings().database_url)
    click.echo(f"{file} is restored: {sum(counts.values()):,} rows, {counts['process_instance']:,} running instances.")
