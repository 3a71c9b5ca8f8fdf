"""The commands, each of which is loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from api.cli.loading import loaded
from api.logs import set_up_logging
from api.version import VERSION
from bpmn import UnreadableModel
from engine import EngineError

#: Each stands under its name in the module of its name, which is imported when it is asked for: `serve` is to answer
#: soon and `check` needs no server.
COMMANDS = ("serve", "worker", "deploy", "check", "demo", "user", "db", "backup", "restore")


class _Commands(click.Group):
    """Turns the errors of the engine into one line and exit status 1; anything else is ours and keeps its trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"api.cli.{cmd_name}"), cmd_name)
        loaded()
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (EngineError, UnreadableModel) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="onedoor")
def commands() -> None:
    """Onedoor: one front door for work that crosses departments.

    Processes are drawn as BPMN diagrams. Onedoor executes them, gives HR, facilities and IT their tasks in the right
    order with dates that hold, and follows every journey to its end.

    \b
    Try it:   onedoor serve --demo      then open http://127.0.0.1:8080
    Watch it: onedoor demo

    The data lies in ONEDOOR_HOME (./.onedoor unless set); ONEDOOR_PORT is the port of `serve`.
    ONEDOOR_LOG=json writes the log as JSON. What is secret (ONEDOOR_DATABASE_URL, ONEDOOR_MAIL_URL, ONEDOOR_SCIM_TOKEN)
    may stand in a file that the same name with _FILE names.
    """


def run() -> None:
    try:
        set_up_logging(os.environ.get("ONEDOOR_LOG"))
    except EngineError as error:
        sys.exit(f"Error: {error}")
    commands(prog_name="onedoor")
