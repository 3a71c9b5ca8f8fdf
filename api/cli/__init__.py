"""The command `onedoor`: serve, worker, deploy, check, demo, user, db, backup, restore."""

from __future__ import annotations

import gc


def main() -> None:
    """The entry point of the distribution."""
    gc.disable()  # until `loaded`
    from api.cli.commands import run

    run()
