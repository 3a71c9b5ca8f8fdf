"""What a process loads when it starts stays until its end: none of it is garbage.

To look for garbage again and again while modules are imported takes a tenth of a start, so `main` turns that off first
of all. And what has been loaded is not looked through later either: a full collection stops all threads for 0.1 s.
"""

from __future__ import annotations

import gc


def loaded() -> None:
    """What there is now stays; garbage is looked for from now on. Nothing to do where that was not turned off."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
