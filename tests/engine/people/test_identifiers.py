"""No two ids of a house look alike, and nothing in one is unseen."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import insert

from engine import (
    SYSTEM,
    Conflict,
    GroupQuery,
    InvalidInput,
    ProcessEngine,
    add_comment,
    create_group,
    create_user,
    find_groups,
    start_instance,
)
from engine.database.tables import department
from engine.people.identifiers import identifier
from tests.engine.play import TWO_TASKS, deploy

NO_IDS = {
    "nothing": "",
    "a space": "h r",
    "a slash": "h/r",
    "a backslash": "h\\r",
    "a comma": "hr,it",
    "here": ".",
    "above": "..",
    "too long": "a" * 65,
    "a line break": "hr\n",
    "NUL": "h\0r",
    "a no-break space": "h\u00a0r",
    "zero width space": "h\u200br",
    "zero width joiner": "h\u200dr",
    "word joiner": "h\u2060r",
    "byte order mark": "\ufeffhr",
    "soft hyphen": "h\u00adr",
    "right-to-left override": "\u202erh",
    "isolate": "\u2066hr\u2069",
    "left-to-right mark": "hr\u200e",
    "Hangul filler": "h\u3164r",
    "Hangul choseong filler": "h\u115fr",
    "Braille blank": "h\u2800r",
    "variation selector": "hr\ufe0f",
    "grapheme joiner": "h\u034fr",
    "Khmer inherent vowel": "h\u17b4r",
    "tag": "hr\U000e0061",
    "full width": "\uff48\uff52",
    "ligature": "o\ufb03ce",
    "long s": "\u017fales",
    "Kelvin": "\u212aim",
    "mathematical": "\U0001d421\U0001d42b",
    "circled": "\u24d7r",
    "superscript": "hr\u00b2",
    "decomposed": "a\u030asa",
    "one dot leader": "a\u2024b",
    "division slash": "h\u2215r",
    "fraction slash": "h\u2044r",
    "hyphen": "h\u2010r",
    "minus": "h\u2212r",
    "quote": "o\u2019brien",
    "emoji": "hr\U0001f600",
    "a mark on nothing": "\u0301hr",
    "a mark on a hyphen": "h-\u0338r",
    "a lone surrogate": "h\ud800r",
    "private use": "h\ue000r",
    "unassigned": "h\u0378r",
    "Cyrillic a": "p\u0430yroll",
    "Cyrillic o and Greek": "\u043e\u03bfo",
    "Greek o": "\u03bfffice",
    "Armenian o": "\u0585ffice",
    "Cherokee": "\u13a0dmin",
    "Devanagari zero in Latin": "user\u09661",
    "Arabic zero in Latin": "user\u06601",
    "Persian one in Latin": "l\u06f1",
    "Devanagari zero among ASCII digits": "1\u0966",
    "Bengali four in Devanagari": "\u0935\u093f\u0924\u09ea",
    "Devanagari visarga in Latin": "hr\u0903",
    "Latin in Cyrillic": "\u043e\u0442\u0434e\u043b",
}


@pytest.mark.parametrize("value", NO_IDS.values(), ids=NO_IDS)
def test_what_could_be_taken_for_another_is_no_id(value: str) -> None:
    for kind in ("user", "group"):
        with pytest.raises(InvalidInput, match="is no id of a"):
            identifier(kind, value)


@pytest.mark.parametrize(
    "value",
    [
        "hr",
        "HR-2",
        "a.b+c@example.org",
        "o'brien",
        "x_1",
        "a",
        "a" * 64,
        "m\u00e4nniskor",
        "\u00c5sa",
        "\u0441\u0431\u044b\u0442",
        "\u03c0\u03c9\u03bb\u03ae\u03c3\u03b5\u03b9\u03c2",
        "\u4eba\u4e8b\u90e8",
        "it\u90e8\u9580",
        "\u5e83\u5831\u30c1\u30fc\u30e0",
        "\u0645\u0627\u0644\u064a\u0629",
        "\u0935\u093f\u0924\u094d\u0924",
        "\ud68c\uacc4",
        "\u0935\u093f\u0924\u094d\u0924\u0967",
        "\u0645\u0627\u0644\u064a\u0629\u0662",
        "\u0645\u0627\u0644\u06cc\u06f2",
        "\u0e04\u0e25\u0e31\u0e07\u0e51",
        "nguy\u1ec5n",
    ],
)
def test_a_word_of_any_language_is_one(value: str) -> None:
    assert unicodedata.is_normalized("NFKC", value)
    assert identifier("group", value) == value


def test_people_and_departments_have_no_other_ids(engine: ProcessEngine) -> None:
    for make in (create_user, lambda context, key: create_group(context, key, "Payroll")):
        with (
            pytest.raises(InvalidInput, match="mixes letters of Cyrillic and Latin"),
            engine.command(SYSTEM) as context,
        ):
            make(context, NO_IDS["Cyrillic a"])
        with pytest.raises(InvalidInput, match="without spaces, slashes and commas"), engine.command(SYSTEM) as context:
            make(context, "hr,it")


@pytest.mark.parametrize(("known", "given"), [("hr", "HR"), ("\u00c5sa", "\u00e5SA"), ("\u00f6RE", "\u00d6re")])
def test_ids_that_differ_in_case_alone_are_taken(engine: ProcessEngine, known: str, given: str) -> None:
    for make in (create_user, lambda context, key: create_group(context, key, "Some")):
        with engine.command(SYSTEM) as context:
            make(context, known)
        with pytest.raises(Conflict), engine.command(SYSTEM) as context:
            make(context, given)


def test_a_model_makes_no_department_that_looks_like_another(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        create_group(context, "payroll", "Payroll")
    deploy(engine, TWO_TASKS.replace(b'"hr"', '"p\u0430yroll"'.encode()))
    with engine.query(SYSTEM) as context:
        assert sorted(each.id for each in find_groups(context, GroupQuery())) == ["it", "payroll"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_department_whose_id_is_two_of_a_list_is_told_nothing(engine: ProcessEngine) -> None:
    """One of an earlier release; a comment for it would be read by members of `hr`."""
    deploy(engine, TWO_TASKS)
    with engine.command(SYSTEM) as context:
        made = {"id": "x,hr", "name": "Odd", "type": "WORKFLOW", "created_at": context.now}
        context.connection.execute(insert(department).values(made))
        instance = start_instance(context, key="p")
        with pytest.raises(InvalidInput, match="no department x,hr"):
            add_comment(context, instance.id, "hush", departments=["x,hr"])
