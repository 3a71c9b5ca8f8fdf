"""Nothing on the pages is without its Swedish."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from api.pages.studio import _panel_words

API = Path(__file__).resolve().parents[2] / "api"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def swedish() -> dict[str, str | tuple[str, ...]]:
    with (API / "translations" / "sv" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="sv", abort_invalid=True)
    return {(m.id if isinstance(m.id, str) else m.id[0]): m.string for m in catalogue if m.id}


def test_every_text_of_the_pages_has_a_swedish_one() -> None:
    known = swedish()
    texts = [each[2] for each in extract_from_dir(API, METHODS)]
    wanted = {text if isinstance(text, str) else text[0] for text in texts if text}
    assert len(wanted) > 150
    assert sorted(text for text in wanted if not known.get(text)) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    for text, said in swedish().items():
        for one in (said,) if isinstance(said, str) else said:
            assert set(_placeholders(one)) <= set(_placeholders(text)) or "num" in one, text


def test_the_studio_s_own_words_have_swedish_ones(app: Flask) -> None:
    known = swedish()
    with app.test_request_context("/"):
        words = _panel_words()
    missing = [text for key, text in words.items() if not known.get(text) and not known.get(key)]
    assert missing == []


def _placeholders(text: str) -> list[str]:
    return re.findall(r"%\((\w+)\)[sd]", text)
