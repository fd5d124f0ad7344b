"""What each keyword of JSON Schema means to a column: one keyword, one function.

A function gives an expression that is true where a value breaks the keyword, and never null. Null
is JSON's null here; that a null cell is an absent property is the compiler's affair. As in JSON
Schema, a keyword is silent about values of a type that it does not speak of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from audit.records import patterns

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """What a keyword is asked of: a value of a polars type.

    Text may have been read as a number or a time before. It then is what the reading says, and text
    for which the reading is null remains text.
    """

    cell: pl.Expr
    dtype: pl.DataType
    number: pl.Expr | None = None
    time: pl.Expr | None = None

    @property
    def quantity(self) -> pl.Expr | None:
        """The value as a number, null for text; None where no value can be a number."""
        if self.number is not None:
            return self.number
        return self.cell if self.dtype.is_numeric() else None

    @property
    def is_bare_text(self) -> bool:
        """Whether the values are text that was not read as anything else."""
        return self.is_text and self.time is None

    @property
    def is_text(self) -> bool:
        """Whether the values are text and nothing else."""
        return self.dtype == pl.String and self.number is None


def _type(names: str | list[str], field: Field) -> pl.Expr:
    accepted = [names] if isinstance(names, str) else names
    return ~reduce(or_, (_TYPES[name](field) for name in accepted)).fill_null(False)


def _is_string(field: Field) -> pl.Expr:
    if field.time is not None:
        return field.cell.is_not_null()  # in JSON a time is text, whatever the file makes of it
    if field.dtype != pl.String:
        return pl.lit(False)
    return field.cell.is_not_null() & (True if field.number is None else field.number.is_null())


def _is_number(field: Field) -> pl.Expr:
    return pl.lit(False) if field.quantity is None else field.quantity.is_not_null()


def _is_integer(field: Field) -> pl.Expr:
    quantity = field.quantity
    return pl.lit(False) if quantity is None else quantity == quantity.floor()


def _is_boolean(field: Field) -> pl.Expr:
    return field.cell.is_not_null() & (field.dtype == pl.Boolean)


def _is_array(field: Field) -> pl.Expr:
    return field.cell.is_not_null() & isinstance(field.dtype, pl.List)


def _is_null(field: Field) -> pl.Expr:
    return field.cell.is_null()


_TYPES: Mapping[str, Callable[[Field], pl.Expr]] = {
    "string": _is_string,
    "number": _is_number,
    "integer": _is_integer,
    "boolean": _is_boolean,
    "array": _is_array,
    "null": _is_null,
}


def _enum(members: list[Any], field: Field) -> pl.Expr:
    values = field.cell if field.quantity is None else field.quantity
    equal = (values == member for member in members if _comparable(member, field))
    return ~reduce(or_, equal, pl.lit(False)).fill_null(None in members)


def _comparable(member: object, field: Field) -> bool:
    if isinstance(member, bool):
        return field.dtype == pl.Boolean
    if isinstance(member, int | float):
        return field.quantity is not None
    return isinstance(member, str) and field.is_text


def _const(member: object, field: Field) -> pl.Expr:
    return _enum([member], field)


def _not(schema: Schema, field: Field) -> pl.Expr:
    return ~breaks(schema, field)


def _pattern(pattern: str, field: Field) -> pl.Expr:
    return _text(field, lambda cell: ~cell.str.contains(patterns.in_polars(pattern)))


def _min_length(least: int, field: Field) -> pl.Expr:
    return _text(field, lambda cell: cell.str.len_chars() < least)


def _max_length(most: int, field: Field) -> pl.Expr:
    return _text(field, lambda cell: cell.str.len_chars() > most)


def _format(_: str, field: Field) -> pl.Expr:
    """Of the formats that we know every one is a time; a field that has not been read passes."""
    return pl.lit(False) if field.time is None else field.cell.is_not_null() & field.time.is_null()


def _minimum(least: float, field: Field) -> pl.Expr:
    return _quantity(field, lambda number: number < least)


def _maximum(most: float, field: Field) -> pl.Expr:
    return _quantity(field, lambda number: number > most)


def _exclusive_minimum(bound: float, field: Field) -> pl.Expr:
    return _quantity(field, lambda number: number <= bound)


def _exclusive_maximum(bound: float, field: Field) -> pl.Expr:
    return _quantity(field, lambda number: number >= bound)


def _min_items(least: int, field: Field) -> pl.Expr:
    return _array(field, lambda cell: cell.list.len() < least)


def _max_items(most: int, field: Field) -> pl.Expr:
    return _array(field, lambda cell: cell.list.len() > most)


def _items(schema: Schema, field: Field) -> pl.Expr:
    each = pl.element().is_null() & False  # of every item, were the rest a constant
    broken = each | breaks(schema, item_of(field))
    return _array(field, lambda cell: cell.list.eval(broken).list.any())


def item_of(field: Field) -> Field:
    """An item of the lists in a field."""
    inner = field.dtype.inner if isinstance(field.dtype, pl.List) else pl.Null()
    return Field(pl.element(), pl.Null() if isinstance(inner, type) else inner)


def breaks(schema: Schema, field: Field) -> pl.Expr:
    """True where the value breaks any keyword of the schema."""
    broken = [KEYWORDS[word](limit, field) for word, limit in schema.items() if word in KEYWORDS]
    return reduce(or_, broken, pl.lit(False))


def _text(field: Field, fails: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    return fails(field.cell).fill_null(False) if field.is_text else pl.lit(False)


def _quantity(field: Field, fails: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    return pl.lit(False) if field.quantity is None else fails(field.quantity).fill_null(False)


def _array(field: Field, fails: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    return fails(field.cell).fill_null(False) if isinstance(field.dtype, pl.List) else pl.lit(False)


KEYWORDS: Mapping[str, Callable[[Any, Field], pl.Expr]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "not": _not,
    "pattern": _pattern,
    "minLength": _min_length,
    "maxLength": _max_length,
    "format": _format,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "exclusiveMaximum": _exclusive_maximum,
    "minItems": _min_items,
    "maxItems": _max_items,
    "items": _items,
}
TYPES = frozenset(_TYPES)
