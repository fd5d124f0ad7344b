"""Rejected records: where they stand, what is wrong with each, and the reason in a language.

Values are masked here, so that personal data stays in: at most the first two characters and the
last one are shown.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from audit.problems import Problem
from audit.records.tables import FILE, Table
from audit.sources.arrows import detached
from audit.sources.raw import POSITION, Spoiled
from audit.wording import Language, sentence

FAULTS, ID = "faults", "id"
REJECTED: dict[str, pl.DataType] = {
    "table": pl.String(),
    ID: pl.String(),  # what the record's own id says; null where it cannot be read
    FILE: pl.String(),
    POSITION: pl.Int64(),  # line or record, from 1
    "column": pl.String(),  # of the first fault; null where the record as a whole is at fault
    "value": pl.String(),  # masked
    "code": pl.String(),  # of the first fault
    FAULTS: pl.List(pl.String),  # every fault, each a problem's code and facts as JSON
}
_SEPARATOR = {Language.zh: "；", Language.en: "; "}
_BREAK = "\n"  # which JSON escapes
_CONTROLS = r"\p{C}"
_SHORT, _LONG = 4, 8  # characters; a shorter value is not shown at all


@dataclass(frozen=True)
class Fault:
    """What is wrong with some records of a frame, in which column, and with which records."""

    column: str
    problem: Problem
    records: pl.Series


def rejected(frame: pl.DataFrame, faults: Sequence[Fault], table: Table) -> pl.DataFrame:
    """The records of a frame (with `file` and `position`) that have any fault, in their order.

    The faults stand in order of gravity: the first that a record has names its column and code.
    """
    if not faults:
        return pl.DataFrame(schema=REJECTED)
    marks = pl.DataFrame(fault.records.alias(str(place)) for place, fault in enumerate(faults))
    struck = marks.select(pl.any_horizontal(pl.all())).to_series().arg_true()
    told = pl.concat([frame[struck], marks[struck]], how="horizontal").select(
        pl.lit(table.name).alias("table"),
        pl.col(table.key).cast(pl.String).alias(ID),
        FILE,
        POSITION,
        _of_first([pl.lit(fault.column) for fault in faults]).alias("column"),
        _of_first([_masked(frame, fault.column) for fault in faults]).alias("value"),
        _of_first([pl.lit(fault.problem.code) for fault in faults]).alias("code"),
        _of_each(faults).alias(FAULTS),
    )
    return detached(told)


def spoiled_records(spoiled: Iterable[Spoiled], table: str, file: str) -> pl.DataFrame:
    """The same of records that could not be laid out in columns."""
    rows = [
        (table, None, file, record.position, None, None, record.problem.code, [said])
        for record in spoiled
        for said in [_as_json(record.problem)]
    ]
    return pl.DataFrame(rows, schema=REJECTED, orient="row")


def reasons(records: pl.DataFrame, language: Language) -> pl.Series:
    """The reason of each rejected record: all its faults as sentences."""
    spelled = records[FAULTS].list.join(_BREAK)
    told = {each: _reason(each, language) for each in spelled.drop_nulls().unique()}
    return _once(spelled, told).alias("reason")


def once_each(texts: pl.Series) -> pl.Series:
    """The same texts, of which equal ones lie in memory once, and nothing beside them."""
    return _once(texts, {each: each for each in texts.drop_nulls().unique()})


def _once(texts: pl.Series, told: Mapping[str, str]) -> pl.Series:
    """What is told of each text; null of null."""
    places = pl.Series(range(len(told)), dtype=pl.UInt32)
    found = texts.replace_strict([*told], places, default=None, return_dtype=pl.UInt32)
    return pl.Series(texts.name, [*told.values()], dtype=pl.String).gather(found)


def _reason(spelled: str, language: Language) -> str:
    faults = spelled.split(_BREAK) if spelled else []
    return _SEPARATOR[language].join(_sentence(fault, language) for fault in faults)


def reasons_by_id(records: pl.DataFrame, table: str) -> pl.DataFrame:
    """Why the rows of each id of this table were rejected: id, and a column per language."""
    own = records.filter(pl.col("table") == table).drop_nulls(ID)
    told = own.select(ID, *(reasons(own, language).alias(language) for language in Language))
    return told.group_by(ID).agg(
        pl.col(language).unique().sort().str.join(_SEPARATOR[language]) for language in Language
    )


def _of_first(said: Sequence[pl.Expr]) -> pl.Expr:
    """What is said of a record's first fault."""
    return pl.coalesce(pl.when(pl.col(str(place))).then(each) for place, each in enumerate(said))


def _of_each(faults: Sequence[Fault]) -> pl.Expr:
    told = [pl.lit(_as_json(fault.problem)) for fault in faults]
    whens = [pl.when(pl.col(str(place))).then(each) for place, each in enumerate(told)]
    return pl.concat_list(whens).list.drop_nulls()


def _masked(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A few characters of the value, the fewer the shorter it is."""
    is_list = isinstance(frame.schema[column], pl.List)
    cell = pl.col(column).list.join(";") if is_list else pl.col(column).cast(pl.String)
    shown, length = cell.str.replace_all(_CONTROLS, "?"), cell.str.len_chars()
    start = shown.str.head(
        pl.when(length >= _LONG).then(2).when(length >= _SHORT).then(1).otherwise(0)
    )
    end = shown.str.tail(pl.when(length >= _LONG).then(1).otherwise(0))
    return pl.concat_str(start, pl.lit("…"), end)


def _as_json(problem: Problem) -> str:
    told = {"code": problem.code, "facts": dict(problem.facts)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _sentence(fault: str, language: Language) -> str:
    return sentence(Problem(**json.loads(fault)), language)
