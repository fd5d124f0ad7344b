"""The four tables and their columns: the one place in the code that names a column.

What a column holds is said once, in the JSON Schemas under `consent_schemas/records`; this module
reads it there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import consent_schemas
from audit.problems import Problem, UsageRefused
from audit.sources.export import TABLES
from audit.sources.raw import Layout, folded

FILE = "file"
FLOWS, PARTIES, CONSENTS, EVIDENCE = TABLES
REGISTERS = (PARTIES, CONSENTS, EVIDENCE)


class Kind(StrEnum):
    """How the cells of a column are understood."""

    text = "text"
    codes = "codes"
    instant = "instant"
    day_start = "day-start"  # a bare date means 00:00 of that day
    day_end = "day-end"  # a bare date means 24:00 of that day
    decimal = "decimal"
    integer = "integer"

    @property
    def is_time(self) -> bool:
        """Whether the cells are points in time."""
        return self in {Kind.instant, Kind.day_start, Kind.day_end}


@dataclass(frozen=True)
class Column:
    """One column: its name, how it is understood, what headings call it."""

    name: str
    kind: Kind
    required: bool
    aliases: tuple[str, ...]
    listing: str | None = None  # the vocabulary's list that its codes come from
    clears_if_lost: bool = False  # read as empty it could clear a flow that it should not
    told_by: tuple[str, ...] = ()  # what headings of it have in them, however they are worded
    few: bool = False  # of its words there are few, so that categories may stand for them


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, the first of which is its id."""

    name: str
    columns: tuple[Column, ...]
    schema: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The column whose values are unique."""
        return self.columns[0].name

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def layout(self, renames: Mapping[str, str]) -> Layout:
        """How headings spell the columns; `renames` (heading -> column) go before the aliases.

        Raises UsageRefused where a rename aims at a column that the table does not have.
        """
        names = tuple(column.name for column in self.columns)
        astray = [column for column in renames.values() if column not in names]
        if astray:
            facts = {"table": self.name, "known": ", ".join(names)}
            raise UsageRefused(
                *(Problem("rename-astray", {**facts, "column": column}) for column in astray)
            )
        return Layout(
            table=self.name,
            spellings={
                **{folded(name): column.name for column in self.columns for name in _names(column)},
                **{folded(heading): column for heading, column in renames.items()},
            },
            lists=frozenset(column.name for column in self.columns if column.kind is Kind.codes),
            required=tuple(column.name for column in self.columns if column.required),
            clearing={each.name: each.told_by for each in self.columns if each.clears_if_lost},
        )


@cache
def table(name: str) -> Table:
    """The table of this name, as its schema says."""
    text = consent_schemas.path("records", f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    required = frozenset(schema["required"])
    columns = (
        _column(name, value, name in required) for name, value in schema["properties"].items()
    )
    return Table(name, tuple(columns), schema)


def _column(name: str, schema: Mapping[str, Any], required: bool) -> Column:  # noqa: FBT001
    aliases = tuple(schema["x-aliases"])
    clears, told_by = schema.get("x-clears-if-lost", False), tuple(schema.get("x-told-by", ()))
    listing, few = schema.get("x-codes"), schema.get("x-few-words", False)
    return Column(name, _kind(schema), required, aliases, listing, clears, told_by, few)


def _kind(schema: Mapping[str, Any]) -> Kind:
    match schema:
        case {"type": "array"}:
            return Kind.codes
        case {"type": "integer"}:
            return Kind.integer
        case {"type": "number"}:
            return Kind.decimal
        case {"format": str(name)}:
            return Kind(name)
        case _:
            return Kind.text


def _names(column: Column) -> tuple[str, ...]:
    return (column.name, *column.aliases)
