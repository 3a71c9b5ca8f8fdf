"""Where tests put their files: into memory, where there is room, since most of what they waited for was the disk.

Every test has a database of its own, and every commit waits until the disk has it. A process that is killed loses
nothing in memory either; what only the disk keeps is for no test here to find out.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
#: Bytes; four workers together take less than half of it. Containers often have 64 MB.
ROOM = 3 << 30


def choose() -> None:
    """For this process and all that it starts: pytest's folders, PostgreSQL's data, the browser's profile. A `TMPDIR`
    that is set stands."""
    if not os.environ.get("TMPDIR") and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is found anew


def keep_compiled() -> None:
    """Each worker reads every test, and each server that a test starts all of the product: compiled once a change, not
    once a process, whatever the shell says."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
