"""What the server writes to its log: one line a record, whatever is in it.

A log is read by more people than may know what stands in a form. So a line never holds the text of an exception, which
may quote any value: it names the class and the places in the code; the text is kept with the job or the answer, for
whom it concerns. Characters that a terminal or a reader of logs would obey are escaped, and what looks like a secret of
ours (a link of a guest, a token) is cut out.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from engine import DatabaseUnusable, InvalidInput

FORMS = ("text", "json")
LONGEST = 8_000
#: Whose text tells of the machine and of nobody's data.
_TELLING = (DatabaseUnusable, OSError)
#: 256 random bits are 43 such characters; ids that are shown have 36.
_SECRET = re.compile(r"[A-Za-z0-9_-]{40,}")

#: What is known of the request that a record belongs to; `api.app` says how.
request_facts: Callable[[], dict[str, str]] = dict


def set_up_logging(form: str | None, level: int = logging.WARNING) -> None:
    """`form` is what ONEDOOR_LOG says: text or json. InvalidInput for anything else."""
    handler = logging.StreamHandler(sys.stderr)
    dress(handler, formatter(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    threading.excepthook = _left_a_thread


def formatter(form: str | None) -> logging.Formatter:
    if form not in (None, "", *FORMS):
        raise InvalidInput(f"ONEDOOR_LOG is {form!r}: it is {' or '.join(FORMS)}.")
    return JsonLines() if form == "json" else TextLines()


def dress(handler: logging.Handler, made: logging.Formatter) -> None:
    """Has a handler write our lines, whoever made it."""
    handler.setFormatter(made)


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", "request_id", "user_id", "error", "trace"}`; what is unknown is left
    out."""

    def format(self, record: logging.LogRecord) -> str:
        # ASCII: whatever is not stands as \uXXXX, which nothing obeys.
        return json.dumps(facts_of(record)).replace("\x7f", "\\u007f")


class TextLines(logging.Formatter):
    """`WARNING engine.jobs [request user]: message (Error at file:line function < ...)`."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        about = " ".join(facts[each] for each in ("request_id", "user_id") if each in facts)
        line = f"{facts['level']} {facts['logger']}{f' [{about}]' if about else ''}: {facts['message']}"
        if "error" in facts:
            line += f" ({facts['error']} at {facts['trace']})"
        return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def facts_of(record: logging.LogRecord) -> dict[str, str]:
    facts = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": without_secrets(record.getMessage())[:LONGEST],
        **request_facts(),
    }
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        facts |= {"error": _named(error), "trace": _places(error)}
    return facts


def without_secrets(text: str) -> str:
    return _SECRET.sub("…", text)


def _named(error: BaseException) -> str:
    """The classes of an error and of what it came from; the text only of those that tell of the machine."""
    names: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(names) < 10:
        told = f": {without_secrets(str(seen))}" if isinstance(seen, _TELLING) else ""
        names.append(f"{type(seen).__module__}.{type(seen).__qualname__}{told}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " from ".join(names)[:LONGEST]


def _places(error: BaseException) -> str:
    """The innermost first: files, lines and functions, and nothing of what they worked on."""
    frames = traceback.extract_tb(error.__traceback__, limit=-40)
    return " < ".join(f"{each.filename}:{each.lineno} {each.name}" for each in reversed(frames))[:LONGEST]


def _left_a_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        error = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger(__name__).error("a thread ended in an error", exc_info=error)
