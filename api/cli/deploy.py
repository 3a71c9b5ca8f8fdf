"""`onedoor deploy`: puts flows into the database of this home."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from api.cli.check import report
from api.cli.home import AT_THE_COMMAND, opened, settings
from engine import SYSTEM, ModelRefused, deploy_resources


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Name of the deployment; the first file's name unless given.")
@click.option(
    "--executor",
    type=click.Choice(["native", "spiff"]),
    help="Who runs them. Without it, spiff what is drawn in SpiffWorkflow's dialect, ONEDOOR_EXECUTOR the rest.",
)
def deploy(files: Sequence[Path], name: str | None, executor: str | None) -> None:
    """Deploy BPMN FILES together, as one deployment.

    Either all of them are deployed or none: a problem in one refuses them all and is printed with how to mend it.
    Deploying a process again makes a new version; what runs keeps the version it started with.
    """
    console = Console(soft_wrap=True, highlight=False)
    resources = [(file.name, file.read_bytes()) for file in files]
    with opened(settings()) as engine, engine.command(SYSTEM, origin=AT_THE_COMMAND) as context:
        try:
            result = deploy_resources(
                context, name or files[0].name, resources, source="command line", executor=executor
            )
        except ModelRefused as error:
            report(console, error.resource, error.problems)
            raise SystemExit(1) from None
    for file, warnings in result.warnings.items():
        if warnings:
            report(console, file, warnings)
    for definition in result.definitions:
        by = "" if definition.executor == "native" else f", on the executor {definition.executor}"
        console.print(f"{definition.name or definition.key}: version {definition.version}, {definition.id}{by}")
    if not result.definitions:
        console.print("No executable process in these files: the resources are stored, nothing can be started.")
