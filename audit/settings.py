"""The settings of a folder: from the environment, `consent-audit.toml`, or pyproject's own table.

What the command line says comes before all of them. Only the working folder is looked at: a file
further up would change what a run is without anybody who stands here seeing it.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from audit.engine import Engine
from audit.problems import Problem
from audit.wording import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEFAULT_PACKS = ("telecom_agreement",)  # which judge where none is named
OWN_FILE = "consent-audit.toml"
PROJECT_FILE = "pyproject.toml"
PREFIX = "CONSENT_AUDIT_"
MASK = "***"
_TOOL = ("tool", "consent-audit")
_DASHBOARD = "dashboard"  # a table of the file of our own; the dashboard reads it
_YES, _NO = ("1", "true"), ("0", "false")
_NAMED = re.compile(r"(?:\$\{\w+\})?")  # no password, or the name of a variable that holds it
_NAMES = re.compile(r"""consent-audit["']?\s*[\].=](?!=)""")  # our table, and no dependency
_TELLTALE = re.compile(r"(?:password|passwd|pwd|secret|token)=", re.IGNORECASE)


class FailOn(StrEnum):
    """What makes the exit code 1."""

    violation = "violation"
    indeterminate = "indeterminate"
    never = "never"


class Source(StrEnum):
    """Where a setting comes from, the first that has it; the command line comes before them."""

    ENVIRONMENT = "environment"
    OWN = "own"
    PROJECT = "project"
    DEFAULT = "default"


class Kind(StrEnum):
    """What a value is."""

    TEXT = "text"
    LIST = "list"
    FLAG = "flag"


Value = str | bool | tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """A setting that there is; `default` is None where nothing is set."""

    name: str
    default: Value | None = None
    kind: Kind = Kind.TEXT
    words: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper().replace("-", "_")


KEYS = (
    Key("lang", Language.zh.value, words=tuple(Language)),
    Key("packs", ("telecom_agreement",), Kind.LIST),
    Key("timezone"),
    Key("agreement"),
    Key("runs", "runs"),
    Key("formats", (), Kind.LIST),
    Key("fail-on", FailOn.violation.value, words=tuple(FailOn)),
    Key("baseline"),
    Key("store"),
    Key("engine", Engine.local.value, words=tuple(Engine)),
    Key("cache", default=True, kind=Kind.FLAG),
    Key("quiet", default=False, kind=Kind.FLAG),
)
_BY_NAME = {key.name: key for key in KEYS}
_BY_VARIABLE = {key.variable: key for key in KEYS}


@dataclass(frozen=True)
class Setting:
    """A setting in force; `place` is a file and its line, or a variable, and empty for a default.

    A list has one place: nothing is added up from several.
    """

    key: Key
    value: Value | None
    source: Source
    place: str = ""

    @property
    def shown(self) -> Value | None:
        """The value as it may be shown: a password in the environment stays there."""
        return without_password(self.value) if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Settings:
    """Every setting in force by its name, and what is wrong with the places that were read."""

    found: Mapping[str, Setting]
    faults: tuple[Problem, ...] = ()

    def given(self, name: str) -> Setting | None:
        """The setting where somebody set it."""
        setting = self.found[name]
        return None if setting.source is Source.DEFAULT else setting


@dataclass(frozen=True)
class _Told:
    """What one place says: raw values by name, where each stands, and how names are spelled."""

    source: Source
    values: Mapping[str, Any]
    places: Mapping[str, str]
    faults: tuple[Problem, ...] = ()


def settings_in(folder: Path, environment: Mapping[str, str]) -> Settings:
    """The settings for a command that is started in this folder; faults are told, not raised."""
    places = (_environment(environment), _own(folder), _project(folder))
    found = {key.name: Setting(key, key.default, Source.DEFAULT) for key in KEYS}
    faults: list[Problem] = []
    for told in reversed(places):
        faults += [*told.faults, *_faults(told)]
        for name, value in told.values.items():
            if name in _BY_NAME and _fits(_BY_NAME[name], value):
                kept = tuple(value) if isinstance(value, list) else value
                found[name] = Setting(_BY_NAME[name], kept, told.source, told.places[name])
    return Settings(found, tuple(faults))


def _faults(told: _Told) -> Iterator[Problem]:
    """What is wrong with the settings of one place; no value is shown, it may be a secret."""
    for name, value in told.values.items():
        place = told.places[name]
        if name not in _BY_NAME:
            near = get_close_matches(name, _BY_NAME, n=1, cutoff=0.5) or list(_BY_NAME)
            facts = {"place": place, "name": name, "known": ", ".join(near)}
            yield Problem("setting-unknown", facts)
        elif not _fits(_BY_NAME[name], value):
            key = _BY_NAME[name]
            wanted = ", ".join(key.words) or _WANTED[key.kind]
            yield Problem("setting-wrong", {"place": place, "name": name, "wanted": wanted})
        elif told.source is not Source.ENVIRONMENT and any(map(_has_password, _texts(value))):
            yield Problem("setting-secret", {"place": place, "name": name})


_WANTED = {Kind.TEXT: '"…"', Kind.LIST: '["…", "…"]', Kind.FLAG: "true, false"}


def _fits(key: Key, value: object) -> bool:
    match key.kind:
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.LIST:
            return isinstance(value, list) and all(isinstance(each, str) and each for each in value)
        case Kind.TEXT:
            return isinstance(value, str) and bool(value) and value in (key.words or (value,))


def _texts(value: object) -> Sequence[str]:
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]


# ---- passwords


def without_password(url: str) -> str:
    """The text with what would be a password of a URL masked."""
    if not _has_password(url):
        return url
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    user = login.partition(":")[0]
    return f"{scheme}://{user}{':' + MASK if at else ''}{at}{_TELLTALE.split(place)[0]}"


def _has_password(text: str) -> bool:
    """Whether a URL holds one, and not the name of a variable (`${NAME}`) that does."""
    if "://" not in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    password = parts.netloc.rpartition("@")[0].partition(":")[2]
    return not _NAMED.fullmatch(password) or bool(_TELLTALE.search(parts.query))


# ---- the environment


def _environment(environment: Mapping[str, str]) -> _Told:
    """What variables say; lists are parted by commas, and an empty one says nothing."""
    named = {name: text for name, text in sorted(environment.items()) if name.startswith(PREFIX)}
    values, places = {}, {}
    for variable, text in named.items():
        key = _BY_VARIABLE.get(variable)
        name = key.name if key else variable.removeprefix(PREFIX).lower().replace("_", "-")
        if text or key is None:
            values[name] = _spoken(key, text)
            places[name] = variable
    return _Told(Source.ENVIRONMENT, values, places)


def _spoken(key: Key | None, text: str) -> Value | list[str]:
    """The text as a value of this kind; what is none stays text, and is told as wrong."""
    if key and key.kind is Kind.LIST:
        return [each.strip() for each in text.split(",")]
    if key and key.kind is Kind.FLAG and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    return text


# ---- files


def _own(folder: Path) -> _Told:
    """The file of our own: every key of it but the dashboard's table."""
    return _from_file(folder / OWN_FILE, Source.OWN, ())


def _project(folder: Path) -> _Told:
    """Our table of the project's file."""
    return _from_file(folder / PROJECT_FILE, Source.PROJECT, _TOOL)


def _from_file(file: Path, source: Source, table: tuple[str, ...]) -> _Told:
    if not os.path.lexists(file):
        return _Told(source, {}, {})
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else "="  # a pipe never ends
        values = dict(_table(tomllib.loads(text), table))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        facts = {"file": file.name, "detail": " ".join(str(error).split()) or type(error).__name__}
        return _Told(source, {}, {}, (Problem("setting-unreadable", facts),))
    if source is Source.OWN:
        values.pop(_DASHBOARD, None)
    lines = _lines(text, table, values)
    places = {name: f"{file.name}:{lines[name]}" for name in values}
    return _Told(source, values, places)


def _table(document: Any, table: tuple[str, ...]) -> Mapping[str, Any]:  # noqa: ANN401
    """The table of this name, empty where there is none; TypeError where it is no table."""
    for name in table:
        document = document.get(name, {})
        if not isinstance(document, dict):
            raise TypeError(".".join(table))
    found: Mapping[str, Any] = document
    return found


def _lines(text: str, table: tuple[str, ...], wanted: Mapping[str, Any]) -> Mapping[str, int]:
    """The line on which each key begins, however TOML lets it be spelled.

    A key stands in the first part of the file that can be read and has it, after the last part that
    could be read and had it not.
    """
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if not table or _NAMES.search(line)), 0)
    found: dict[str, int] = {}
    begins = first
    for end in range(first + 1, len(lines) + 1):
        if found.keys() == wanted.keys():
            break
        try:
            seen = _table(tomllib.loads("\n".join(lines[:end])), table)
        except (ValueError, TypeError):
            continue
        found |= {name: begins + 1 for name in seen if name in wanted and name not in found}
        begins = end
    return {name: found.get(name, 1) for name in wanted}
