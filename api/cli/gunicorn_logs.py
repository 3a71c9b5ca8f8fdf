"""gunicorn's own lines, written as ours are."""

from __future__ import annotations

import os
from typing import Any

from gunicorn.glogging import Logger

from api.logs import dress, formatter

#: Who, what, answer, bytes, milliseconds. Without the query, in which people send what they search for.
ACCESS = '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)s ms'


class GunicornLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        made = formatter(os.environ.get("ONEDOOR_LOG"))
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                dress(handler, made)
