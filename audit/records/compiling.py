"""JSON Schema compiled to polars: each keyword of each column becomes a named rule.

The meaning is that of JSON Schema 2020-12 (`keywords`); a null cell is an absent property. A
keyword that the compiler does not know is refused, never ignored, unless it begins with `x-`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from audit.problems import Problem, UsageRefused
from audit.records import keywords, patterns
from audit.records.keywords import KEYWORDS, Field, Schema

_SILENT = frozenset({"$schema", "$id", "$comment", "title", "description", "examples"})
_OF_RECORDS = frozenset({"type", "required", "properties"})
_FORMATS = frozenset({"instant", "day-start", "day-end"})


@dataclass(frozen=True)
class Rule:
    """One keyword of one column, or of the items of its lists.

    `fails` is true, never null, where a record breaks the rule. `value_fails` says the same of the
    column's bare values (of its items, as one column) under the name of the column; it is None
    where more than the value has a say.
    """

    column: str
    keyword: str
    limit: Any
    fails: pl.Expr
    value_fails: pl.Expr | None = None
    in_items: bool = False

    @property
    def problem(self) -> Problem:
        """What is wrong where the rule is broken."""
        return problem_of(self.column, self.keyword, self.limit, in_items=self.in_items)


def problem_of(column: str, keyword: str, limit: Any, *, in_items: bool) -> Problem:  # noqa: ANN401
    """What is wrong with a value of a column, or an item of a list there, that breaks a keyword."""
    said = limit if keyword in {"type", "format"} and isinstance(limit, str) else keyword.lower()
    facts = {"column": column, "limit": _told(limit)}
    return Problem(f"{'item' if in_items else 'cell'}-{said}", facts)


def _told(limit: object) -> str | int:
    match limit:
        case {"const": member}:
            return str(member)
        case list():
            return ", ".join(map(str, limit))
        case int():
            return limit
        case _:
            return str(limit)


def compile_rules(schema: Schema, fields: Mapping[str, Field]) -> tuple[Rule, ...]:
    """The rules of a schema of records, in its order; `fields` has every property.

    Raises UsageRefused, naming every place, where the schema says what the compiler does not know.
    """
    problems = [Problem("schema-unknown", {"place": place}) for place in unknown(schema)]
    if problems:
        raise UsageRefused(*problems)
    return tuple(
        rule for name in schema["properties"] for rule in _rules(schema, name, fields[name])
    )


def _rules(schema: Schema, name: str, field: Field) -> Iterator[Rule]:
    if name in schema.get("required", ()):
        yield Rule(name, "required", "", field.cell.is_null())
    for keyword, limit in _spoken(schema["properties"][name]):
        if keyword == "items":
            yield from _item_rules(limit, name, field)
        else:
            fails = field.cell.is_not_null() & KEYWORDS[keyword](limit, field)
            yield Rule(name, keyword, limit, fails, fails if field.is_bare_text else None)


def _item_rules(schema: Schema, name: str, field: Field) -> Iterator[Rule]:
    item = keywords.item_of(field)
    for keyword, limit in _spoken(schema):
        of_value = KEYWORDS[keyword](limit, replace(item, cell=pl.col(name)))
        fails = KEYWORDS["items"]({keyword: limit}, field)
        yield Rule(name, keyword, limit, fails, of_value, in_items=True)


def _spoken(schema: Schema) -> Iterator[tuple[str, Any]]:
    return ((word, limit) for word, limit in schema.items() if word in KEYWORDS)


def unknown(schema: Schema) -> Iterator[str]:
    """Every place of a schema of records that the compiler cannot turn into a rule."""
    yield from (
        f"required: {name}"
        for name in schema.get("required", ())
        if name not in schema.get("properties", {})
    )
    for word, limit in schema.items():
        if word == "properties":
            for name, value in limit.items():
                yield from (f"{name}: {place}" for place in _unknown_in_value(value))
        elif not (_is_silent(word) or word in _OF_RECORDS) or (
            word == "type" and limit != "object"
        ):
            yield _place(word, limit)


def _unknown_in_value(schema: object) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        yield _place("schema", schema)
        return
    for word, limit in schema.items():
        if word in {"items", "not"}:
            yield from (f"{word}: {place}" for place in _unknown_in_value(limit))
        elif not (_is_silent(word) or _is_known(word, limit)):
            yield _place(word, limit)


def _is_silent(word: str) -> bool:
    return word in _SILENT or word.startswith("x-")


def _is_known(word: str, limit: Any) -> bool:  # noqa: ANN401 - whatever a schema may say
    match word:
        case "type":
            return keywords.TYPES.issuperset([limit] if isinstance(limit, str) else limit)
        case "pattern":
            return patterns.is_portable(limit)
        case "format":
            return limit in _FORMATS
        case "enum":
            return all(isinstance(member, str | int | float | None) for member in limit)
        case "const":
            return isinstance(limit, str | int | float | None)
        case _:
            return word in KEYWORDS


def _place(word: str, limit: object) -> str:
    return f"{word} = {limit!r}"[:80]
