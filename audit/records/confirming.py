"""What `jsonschema` itself says of a record: the exact word on what the compiled rules struck.

A few of the records that break a rule are put to it while the audit runs, since it takes hundreds
of times longer. The sentence that people read is the one of its error; a compiled rule that says
otherwise is a bug of ours, and stops the run.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry

from audit.problems import Problem
from audit.records.compiling import Rule, problem_of
from audit.records.reading import read_as
from audit.records.tables import Column, Kind, Table, table

Record = Mapping[str, Any]

CONFIRMED = 3  # records of a rule and batch
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]((?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?"
)
_FORMATS = FormatChecker(formats=())


def confirm(rule: Rule, struck: pl.DataFrame, about: Table) -> None:
    """Hold records that a rule struck against jsonschema; RuntimeError where it differs.

    Not times: which of them exist depends on the zone of the run, of which a schema knows nothing.
    """
    if rule.keyword == "format":
        return
    for row in struck.iter_rows(named=True):
        if rule.problem not in problems(record(row, about), about.name):
            raise RuntimeError(f"jsonschema does not strike {rule.column} for its {rule.keyword}")


def problems(told: Record, name: str) -> list[Problem]:
    """Everything that jsonschema finds wrong with a record of the table of this name."""
    return [_problem(error) for error in validator(name).iter_errors(told)]


def record(row: Mapping[str, Any], about: Table) -> Record:
    """A row of a batch that has been understood, as JSON: null cells are absent."""
    return {
        column.name: _value(row, column) for column in about.columns if row[column.name] is not None
    }


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a table, which fetches nothing and knows our formats."""
    schema = dict(table(name).schema)
    return Draft202012Validator(schema, registry=Registry(), format_checker=_FORMATS)


def _value(row: Mapping[str, Any], column: Column) -> object:
    cell = row[column.name]
    if isinstance(cell, datetime):
        return cell.isoformat()
    if column.kind not in {Kind.integer, Kind.decimal}:
        return cell
    number = row[read_as(column.name)]
    return cell if number is None else number


def _problem(error: ValidationError) -> Problem:
    keyword = str(error.validator)
    if keyword == "required":
        # The error names the property that is missing nowhere but in its message.
        missing = error.message.partition("'")[2].partition("'")[0]
        return problem_of(missing, keyword, "", in_items=False)
    column, *place = error.absolute_path
    return problem_of(str(column), keyword, error.validator_value, in_items=bool(place))


@_FORMATS.checks("instant")
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or _is_time(value, or_day=False)


@_FORMATS.checks("day-start")
@_FORMATS.checks("day-end")
def _is_day_or_instant(value: object) -> bool:
    return not isinstance(value, str) or _is_time(value, or_day=True)


def _is_time(text: str, *, or_day: bool) -> bool:
    written = _TIME.fullmatch(text)
    if written is None or (written[2] is None and not or_day):
        return False
    try:
        datetime.fromisoformat(f"{written[1]}T{written[2] or '00:00'}")
    except ValueError:
        return False
    return True
