"""`onedoor backup`: everything in one file."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.home import settings
from engine import backup as take_backup


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to a new FILE, while the server goes on working.

    The file is the state between two commands. `onedoor restore FILE` puts it into an empty database of either kind,
    SQLite or PostgreSQL.
    """
    counts = take_backup(settings().database_url, file)
    click.echo(
        f"{file}: {counts['process_definition']:,} process definitions, {counts['process_instance']:,} running "
        f"instances, {counts['task']:,} open tasks; {sum(counts.values()):,} rows in all."
    )
