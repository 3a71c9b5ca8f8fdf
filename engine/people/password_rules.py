"""What a password must be: long, and not among the first that somebody would try. No rules about what it is made of:
those give passwords that are hard for people and easy for machines (NIST SP 800-63B)."""

from __future__ import annotations

import re

from engine.errors import InvalidInput

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024
#: Guesses that a password must outlast, as zxcvbn estimates them: common passwords, words, names, dates, keyboards.
FEWEST_GUESSES = 1_000_000
#: What is left of a password besides the person's own names.
FEWEST_OWN = 4
#: The estimate takes longer the longer the password; what is longer than this is not guessed.
ESTIMATED = 64


def require_good_password(password: str, *names: str | None) -> None:
    """InvalidInput, saying what would do. `names` are those of the person: id, names, address."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters: take a few words of your own."
        )
    own = [part for name in names if name for part in (name, *re.split(r"[\W_]+", name)) if len(part) > 2]
    left = password.lower()
    for part in sorted(own, key=len, reverse=True):
        left = left.replace(part.lower(), "")
    if len(re.sub(r"[\W\d_]+", "", left)) < FEWEST_OWN and left != password.lower():
        raise InvalidInput("This password is hardly more than a name of yours: take a few words that nobody expects.")
    from zxcvbn import zxcvbn  # its lists of words are read when somebody chooses a password, not at every start

    if int(zxcvbn(password[:ESTIMATED], own)["guesses"]) < FEWEST_GUESSES:
        raise InvalidInput("This password is among the first that somebody would try: take a few words of your own.")
