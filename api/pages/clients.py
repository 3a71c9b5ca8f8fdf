"""Browsers by the names people know, as far as they say which they are."""

from __future__ import annotations

from flask_babel import gettext

#: Word -> name; the first that is found counts, since most call themselves several others too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def client_in_words(said: str | None) -> str:
    """“Firefox, Linux”."""
    found = [
        name
        for names in (BROWSERS, SYSTEMS)
        if (name := next((name for word, name in names if word in (said or "")), None))
    ]
    return ", ".join(found) or gettext("an unknown browser")
