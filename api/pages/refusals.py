"""What the engine refuses, and what is wrong with a model, in the person's language.

The engine speaks English. What people meet on pages is listed here as the engine writes it, with names for what it
fills in, and translated like every other text; what is not listed is shown as it is.
"""

from __future__ import annotations

import re
from functools import cache

from flask_babel import gettext

from api.pages.frame import language

REFUSALS = (
    # who may what
    "Only an administrator may %(what)s.",
    "Only an administrator or a process owner may %(what)s.",
    "Only process owners may draw and publish flows: ask an administrator.",
    "Only who owns every flow may %(what)s: ask an administrator.",
    "Only who started this, a process owner or an administrator may end it.",
    "Only process owners see a journey as others see it.",
    "Guests see their journey and their tasks, and nothing of the house.",
    "This is started by others: by %(who)s.",
    "Separation of duties: %(who)s may not do it. Somebody else has to.",
    "%(task)s is kept apart from “%(other)s”, which is no user task of this process.",
    "Name “starter” or the id of a user task.",
    # tasks and journeys
    "Only who holds a task, or an administrator, may %(what)s.",
    "%(names)s: confidential. Only members of the departments that the flow names may set this.",
    "Somebody else saved this draft meanwhile: load it again, then make your change.",
    # guests
    "%(name)s has an account: they sign in and find their tasks there.",
    "%(name)s is the guest of another journey: empty the variable, then invite a new one.",
    "This journey has ended: there is nothing left to invite anybody to.",
    "This flow has no guests: give its process the property `subjectUser`, naming a variable.",
    "No mail server is configured: leave the address out and hand the link over yourself.",
    "ONEDOOR_PUBLIC_URL is not set, so no mail can carry a link: hand it over yourself.",
    "%(text)s is no number of days: write it as 730 or P730D.",
    "Finished journeys are kept for 0 to %(most)s days, not %(days)s.",
    # erasing
    "Nobody erases themselves: ask another administrator.",
    "Journeys about them still run: %(titles)s. Finish or withdraw them first.",
    # absences
    "%(name)s is away from %(first)s to %(last)s already: end that absence first.",
    "The last day, %(last)s, comes before the first, %(first)s.",
    "%(day)s is over: an absence ends today or later.",
    "An absence has at most %(days)s days: make who does not come back inactive instead.",
    "Nobody stands in for themselves: choose somebody else.",
    "%(name)s is no longer active: choose somebody else.",
    "%(name)s is a guest: choose a colleague.",
    "There is no user %(name)s who could stand in.",
    # people and departments
    "There is already a user %(name)s: choose another id.",
    "There is already a group %(name)s: choose another id.",
    "%(value)s is no id of a %(kind)s: 1 to %(most)s characters without spaces, slashes and commas.",
    "%(value)s is no id of a %(kind)s: it looks like %(plain)s, so write that.",
    "%(value)s is no id of a %(kind)s: %(each)s (U+%(code)s) is no letter or digit.",
    "%(value)s is no id of a %(kind)s: it mixes letters of %(scripts)s, which look alike.",
    "%(value)s is no mail address: write it as name@example.org.",
    "The %(what)s is too long or has line breaks in it: at most 255 characters of one line.",
    "%(manager)s cannot be the manager of %(name)s: %(same)s is theirs already.",
    "There is no user %(name)s who could be the manager.",
    "There are more than %(most)s managers above %(name)s.",
    "There is already a group %(name)s, which differs only in the case of its letters.",
    "The flow names %(count)s departments, each of which would exist from now on: %(most)s at most.",
    "This is the last administrator: make somebody else one first.",
    "A guest signs in by a link that is sent to them: take the role guest away first.",
    "A password has 1 to 1024 characters.",
    "A password has %(shortest)s to %(longest)s characters: take a few words of your own.",
    "This password is hardly more than a name of yours: take a few words that nobody expects.",
    "This password is among the first that somebody would try: take a few words of your own.",
    "A department needs a name.",
    "The substitute of a department is another person than its representative.",
    "%(name)s is a role, not a department.",
    "%(value)s is no time zone: write it as Europe/Stockholm.",
    "%(value)s is no country whose holidays are known: write it as SE.",
    "The office opens at %(opens)s and closes at %(closes)s: turn it round.",
    "%(value)s is no time of day: write it as 08:30.",
    "%(value)s are no dates: write them as 2027-12-31, with blanks between.",
    # import
    "The substitute is another person than the representative.",
    "There is no user %(name)s who could be the %(column)s.",
    "Nobody would be an administrator any more.",
    "%(value)s is neither yes nor no.",
    "There is no %(what)s %(name)s.",
    "The column 'id' is missing.",
    "%(key)s stands on line %(line)s already.",
    "There is no column %(name)s: %(known)s are known.",
    "The file is larger than %(limit)s bytes: split it.",
    "The file is empty: its first line names the columns.",
    "This is no UTF-8: save the file as “CSV UTF-8”.",
    "The column %(name)s is there more than once.",
    "There are %(cells)s cells where the heading names %(columns)s columns.",
    # tokens
    "Name the token by what will use it, in at most %(limit)s characters.",
    "You have %(limit)s tokens: remove those that nothing uses any more.",
    # models
    "%(element)s has no owner: nobody will find it.",
    "Choose a department, or draw it in a lane.",
    "%(element)s has no name.",
    "%(element)s does nothing: no handler, topic or expression is given.",
    "Choose a handler or a topic for workers.",
    "%(element)s leads nowhere.",
    "Connect it to what follows, or end with an end event.",
    "%(element)s has a condition on every way out: if none holds, the journey fails.",
    "Mark one way out as the default flow.",
    "%(element)s has a way out, “%(flow)s”, without a condition.",
    "Give it a condition, or mark it as the default flow.",
    "The sequence flow “%(flow)s” %(verb)s “%(end)s”, which is not there.",
    "Connect it to an element, or delete it.",
    "%(element)s is never reached.",
    "Let a flow lead to it, or remove it.",
    "%(element)s has no start event.",
    "Draw a start event and connect it to the first element.",
    "%(element)s is “%(text)s”, which is no date.",
    "Write a day (2026-12-01), a moment (2026-12-01T12:00) or an expression (${workday(now(), 2)}).",
    "The id “%(id)s” is used more than once.",
    "Give each element an id of its own; copying and pasting in a text editor makes such doubles.",
    "This is not well-formed XML: %(error)s.",
    "Open the diagram in a BPMN modeler and save it again; upload that file.",
    "This is XML but no BPMN 2.0: its root is %(root)s.",
    "Save the diagram as BPMN 2.0 XML in your modeler; the root of such a file is <definitions>.",
    "Nobody is in the department “%(name)s” (%(id)s): only administrators will see its tasks.",
    "Add members to it under Administration, or name another department.",
)
_FILLED_IN = re.compile(r"%\((\w+)\)s")
_ELEMENT = re.compile(r"(The [\w\- ]+) “(.*)”", re.DOTALL)


def refusal_in_words(error: object) -> str:
    """An error of the engine, or the text of a problem."""
    said = str(error)
    if language() == "en" or not said:
        return said
    for text, pattern in _patterns():
        if found := pattern.fullmatch(said):
            return gettext(text, **{name: _element(value) for name, value in found.groupdict().items()})
    return gettext(said)


def _element(value: str) -> str:
    """`The user task “Order boxes”`, as rules call an element; anything else stays."""
    found = _ELEMENT.fullmatch(value)
    return f"{gettext(found[1])} ”{found[2]}”" if found else value


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The literal ones first: a text that only fills in would take theirs."""
    return tuple((text, _pattern(text)) for text in sorted(REFUSALS, key=lambda each: len(_FILLED_IN.findall(each))))


def _pattern(text: str) -> re.Pattern[str]:
    literal = iter(_FILLED_IN.split(text))
    parts = [re.escape(next(literal))]
    for name in literal:
        parts += [f"(?P<{name}>.+?)", re.escape(next(literal))]
    return re.compile("".join(parts), re.DOTALL)
