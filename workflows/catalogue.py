"""The catalogue: flows as people see them. One folder a flow, with its `service.toml`; nobody is ever asked which
department.

    key = "onboarding"            the id of the process
    source = "onboarding.bpmn"    its file, in this folder or among the examples
    [en] / [sv]                   title, summary and the words people search by
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "sv")
#: How alike two words must be (0 to 1) to be taken for one with a slip of the finger.
ALIKE = 0.75


class CatalogueError(Exception):
    """A service.toml that cannot be used; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    summary: str
    search: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """One flow that may be started. `words` by language; `typical_working_days` from start to end."""

    key: str
    resource_name: str
    path: Path
    icon: str
    anchor: str | None
    typical_working_days: int
    goals: tuple[str, ...]
    words: Mapping[str, Words]

    def in_language(self, language: str) -> Words:
        return self.words.get(language) or self.words["en"]


class _WordsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    words: list[str] = Field(min_length=1)


class _ServiceFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: str = Field(min_length=1)
    source: str = Field(pattern=r"^[\w.-]+\.bpmn$")
    icon: str = "flow"
    anchor: str | None = None
    typical_working_days: int = Field(ge=0)
    goals: list[str] = []
    en: _WordsFile
    sv: _WordsFile


@lru_cache(maxsize=1)
def load_services() -> tuple[Service, ...]:
    """Every service, by key. CatalogueError for a file that cannot be used."""
    return tuple(sorted((read_service(path) for path in HERE.glob("*/service.toml")), key=lambda each: each.key))


def read_service(path: Path) -> Service:
    """One service.toml. CatalogueError, naming the file, for one that cannot be used."""
    try:
        found = _ServiceFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.parent.name}/{path.name}: {error}") from error
    return Service(
        key=found.key,
        resource_name=found.source,
        path=_source_path(path.parent, found.source),
        icon=found.icon,
        anchor=found.anchor,
        typical_working_days=found.typical_working_days,
        goals=tuple(found.goals),
        words={
            language: Words(words.title, words.summary, tuple(words.words))
            for language, words in (("en", found.en), ("sv", found.sv))
        },
    )


def _source_path(folder: Path, name: str) -> Path:
    """In the flow's folder (so in a wheel), or among the examples of a checkout."""
    for place in (folder / name, HERE.parent / "examples" / name):
        if place.is_file():
            return place
    raise CatalogueError(f"{folder.name}/service.toml: there is no {name} beside it or in examples/.")


def bpmn_source(service: Service) -> bytes:
    return service.path.read_bytes()


# ---------------------------------------------------------------- finding


def find_services(query: str, services: Sequence[Service] | None = None) -> list[Service]:
    """Services that fit plain words in any language, the best first; a slip of the finger is forgiven. All for no
    words."""
    wanted = _words_of(query)
    every = list(load_services() if services is None else services)
    if not wanted:
        return every
    scored = [(min(_best(word, _vocabulary(service)) for word in wanted), service) for service in every]
    return [service for score, service in sorted(scored, key=lambda pair: (-pair[0], pair[1].key)) if score >= ALIKE]


def _vocabulary(service: Service) -> frozenset[str]:
    return frozenset(
        word
        for words in service.words.values()
        for text in (words.title, words.summary, *words.search)
        for word in _words_of(text)
    )


def _best(word: str, vocabulary: frozenset[str]) -> float:
    """How well the word fits its nearest; the beginning of a word, from three letters on, fits well."""
    if word in vocabulary:
        return 1.0
    if len(word) > 2 and any(each.startswith(word) for each in vocabulary):
        return 0.95
    return max((SequenceMatcher(None, word, each).ratio() for each in vocabulary), default=0.0)


def _words_of(text: str) -> list[str]:
    """Lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return ["".join(c for c in word if c.isalnum()) for word in plain.split() if any(c.isalnum() for c in word)]
