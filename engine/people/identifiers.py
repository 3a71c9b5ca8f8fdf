"""What the id of a person or a department may be made of. It stands where people decide whom to trust with what, so no
two of a house look alike and nothing in one is unseen.

Unicode's own data decides, without a table of letters that look alike. So a word that is wholly of one script passes,
also where another script could write the same shapes; two scripts that share shapes never meet in one id.
"""

from __future__ import annotations

import unicodedata

from engine.errors import InvalidInput

LONGEST_ID = 64
#: They separate the parts of an address, and the ids of a list.
_SEPARATORS = frozenset("/\\,")
_WHOLE = (".", "..")
#: Categories of what is written beyond ASCII: letters, what stands on them, digits.
_WRITTEN = frozenset({"Lu", "Ll", "Lt", "Lo", "Lm", "Mn", "Mc", "Nd"})
#: Words in the names of characters that take no ink, though their category is that of a letter or a mark.
_UNSEEN = ("FILLER", "VARIATION SELECTOR", "JOINER", "VOWEL INHERENT")
#: Scripts that are written in one word, with Latin too; none of them has the shapes of another.
_TOGETHER = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL"})


def identifier(kind: str, value: str) -> str:
    """InvalidInput for what is no id, with what to write instead."""
    if (
        not value
        or len(value) > LONGEST_ID
        or value in _WHOLE
        or any(c.isspace() or not c.isprintable() or c in _SEPARATORS for c in value)
    ):
        raise InvalidInput(
            f"{value!r} is no id of a {kind}: 1 to {LONGEST_ID} characters without spaces, slashes and commas."
        )
    plain = unicodedata.normalize("NFKC", value)
    if plain != value:
        raise InvalidInput(f"{value!r} is no id of a {kind}: it looks like {plain!r}, so write that.")
    for before, each in zip(" " + value, value, strict=False):
        if not each.isascii() and not _is_written(each, before):
            raise InvalidInput(f"{value!r} is no id of a {kind}: {each!r} (U+{ord(each):04X}) is no letter or digit.")
    scripts = {_script(each) for each in value if each.isalpha()}
    if len(scripts) > 1 and not scripts <= _TOGETHER:
        told = " and ".join(sorted(each.capitalize() for each in scripts))
        raise InvalidInput(f"{value!r} is no id of a {kind}: it mixes letters of {told}, which look alike.")
    for each in value:
        if not each.isascii() and not each.isalpha() and _script(each) not in {*scripts, "COMBINING"}:
            told = _script(each).capitalize()
            raise InvalidInput(f"{value!r} is no id of a {kind}: {each!r} goes with letters of {told} only.")
    return value


def folded(value: str) -> str:
    """The same for ids that differ only in the case of their letters."""
    return unicodedata.normalize("NFKC", value).casefold()


def _is_written(each: str, before: str) -> bool:
    category = unicodedata.category(each)
    on_a_letter = not category.startswith("M") or unicodedata.category(before)[0] in "LM"
    name = unicodedata.name(each, "")
    return category in _WRITTEN and on_a_letter and not any(word in name for word in _UNSEEN)


def _script(letter: str) -> str:
    """The name of a letter, digit or mark begins with that of its script; COMBINING for marks of any."""
    name = unicodedata.name(letter, "?").removeprefix("EXTENDED ").replace("ARABIC-INDIC", "ARABIC")
    return name.partition(" ")[0]
