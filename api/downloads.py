"""A file that is saved under a name that people chose."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

_LONGEST = 200


def save_as(answer: Response, name: str) -> None:
    """The answer is saved and not shown. Signs that no header holds and no name needs are left out of the name; letters
    beyond Latin-1 are written as RFC 6266 has it, for a header that held them would be refused by the server."""
    plain = "".join(each for each in name if each.isprintable())[-_LONGEST:] or "file"
    ascii_ = plain.encode("ascii", "replace").decode().replace("?", "_")
    answer.headers.set("Content-Disposition", "attachment", filename=ascii_)
    if not plain.isascii():
        written = answer.headers["Content-Disposition"]
        answer.headers["Content-Disposition"] = f"{written}; filename*=UTF-8''{quote(plain, safe='')}"
