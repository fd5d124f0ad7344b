"""The findings of a run: filtered, paged and counted as one reader may see them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from audit.casework.indexing import (
    SEPARATOR,
    column_of,
    hidden_of,
    holding,
    ranked,
    roles_of,
    where,
)
from audit.casework.masking import parties_told, sealed, sentences_told, telling_parties
from audit.casework.paging import Page, Sheet, paged
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.searching import telling
from audit.casework.stood import Stand, rests_on, stands
from audit.casework.suppression import masked
from audit.casework.workspace import KeptRun
from audit.problems import Problem, UsageRefused
from audit.reports.as_parquet import FINDINGS_IN_A_GROUP

_FACETS = 32  # answers kept, some 50 KB each
_MASKS = 64  # 125 KB each for a million findings
_MOST_STRETCHES = 200  # read one by one, a few milliseconds each


class Order(StrEnum):
    """What findings are sorted by; the gravest first is the order of the audit itself."""

    gravest = "severity"
    flows = "flows"
    subjects = "subjects"
    records = "records"
    first_seen = "first_seen"
    last_seen = "last_seen"


@dataclass(frozen=True)
class Filter:
    """Which findings; everything is a code, an empty tuple or None asks nothing.

    layers, verdicts, clauses, severities, purposes, categories, causes (cause_code): one of these
    codes (any purpose or category of the finding). parties: sender or recipient. roles: of the
    recipient. `none` is the code for a finding without: the layer and verdict of a check of the
    graph, the role of a party that is not registered. since, until: seen at or after, seen before.
    text: in the names and words of what the finding is about (searching.py). stand: where it stands
    by what was decided, for officers.
    """

    layers: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    stand: Stand | None = None


_COLUMN = {  # field of the filter -> column of the index
    "layers": "layer",
    "verdicts": "verdict",
    "clauses": "clause",
    "roles": "role",
    "purposes": "purposes",
    "categories": "categories",
    "severities": "severity",
    "causes": "cause",
}
_PARTIES = "parties"
_ENDS = ("sender", "recipient")
FACETS = (*_COLUMN, _PARTIES)
ALL = Filter()


@dataclass(frozen=True)
class Turn(Sheet):
    """Which page, and what it is sorted by, the largest or latest first.

    Ties keep the order of the audit, gravest first.
    """

    order: Order = Order.gravest
    falling: bool = True


FIRST = Turn()


def page(run: KeptRun, reader: Reader, asked: Filter = ALL, turn: Turn = FIRST) -> Page:
    """One page of the findings that were asked for, each with recipient_role and suppressed.

    Viewers get no examples, no counts and dates where few people are behind them, and such findings
    after the others of their severity, since their place would tell their size. People who are
    parties are told to them as a role with a pseudonym.
    """
    places = places_of(run, reader, asked, turn)
    return paged(places, turn, lambda shown: _as_seen(rows_at(run, shown), run, reader))


def facets(run: KeptRun, reader: Reader, asked: Filter = ALL) -> Mapping[str, pl.DataFrame]:
    """For every field of the filter how many findings each code has, the most frequent first.

    A frame (code, findings) per name in FACETS; each under the filter but for its own field, so
    that it tells what would be found if the code were chosen.
    """
    return _facets(run, Reader(reader.role), asked, rests_on(run) if asked.stand else None)


@remembered(_FACETS)
def _facets(
    run: KeptRun, reader: Reader, asked: Filter, _decided: Hashable
) -> Mapping[str, pl.DataFrame]:
    masks, counted = _masks(run, reader, asked), {}
    for field in FACETS:
        others = [mask for name, mask in masks.items() if name != field]
        counted[field] = _counted(run, reduce(and_, others) if others else None, field)
    return {**counted, _PARTIES: _told_parties(run, reader, counted[_PARTIES])}


def _told_parties(run: KeptRun, reader: Reader, counted: pl.DataFrame) -> pl.DataFrame:
    told = parties_told(run, reader, counted, "code")
    return told.sort("findings", "code", descending=[True, False])


def _counted(run: KeptRun, mask: pl.Series | None, field: str) -> pl.DataFrame:
    if field == _PARTIES:
        sender, recipient = (column_of(run, name) for name in _ENDS)
        other = sender != recipient
        elsewhere = other if mask is None else other & mask
        return _summed([_values(sender, mask), _values(recipient, elsewhere)])
    return _summed([_values(column_of(run, _COLUMN[field]), mask)])


def _values(codes: pl.Series, mask: pl.Series | None) -> pl.DataFrame:
    """How often each code stands there; one column at a time, which is quick and takes no room."""
    counts = (codes if mask is None else codes.filter(mask)).value_counts(name="findings")
    return counts.select(pl.col(codes.name).cast(pl.String).alias("code"), "findings")


def _summed(counts: list[pl.DataFrame]) -> pl.DataFrame:
    """Joined codes count for each of them."""
    return (
        pl.concat(counts)
        .with_columns(pl.col("code").str.split(SEPARATOR))
        .explode("code")
        .group_by("code")
        .agg(pl.col("findings").sum().cast(pl.Int64))
        .sort("findings", "code", descending=[True, False])
    )


def finding(run: KeptRun, reader: Reader, fingerprint: str) -> Mapping[str, Any]:
    """One finding, all of it, as a row of a page.

    Raises NotAllowed for a viewer, UsageRefused where the run has no finding of this name.
    """
    reader.needs(Role.officer)
    places = _place_of(run, fingerprint)
    return _as_seen(rows_at(run, places), run, reader).row(0, named=True)


def page_of(  # noqa: PLR0913 (the last two as for a page)
    run: KeptRun, reader: Reader, fingerprint: str, asked: Filter = ALL, turn: Turn = FIRST
) -> int | None:
    """On which page of the filter the finding stands; None where it is not among them."""
    reader.needs(Role.officer)
    place = int(_place_of(run, fingerprint)[0])
    places = places_of(run, reader, asked, turn)
    at = (places == place).arg_max()
    found = at is not None and places[at] == place
    return at // turn.size + 1 if found and at is not None else None


def _place_of(run: KeptRun, fingerprint: str) -> pl.Series:
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False).select("fingerprint")
    places = scan.with_row_index("place").filter(pl.col("fingerprint") == fingerprint)
    found = places.select("place").collect(engine="streaming").to_series()
    if found.is_empty():
        raise UsageRefused(Problem("no-such-finding", {"finding": fingerprint}))
    return found


def rows_at(run: KeptRun, places: pl.Series) -> pl.DataFrame:
    """The findings at these places of the run's table, in this order, with their `place`.

    Only the groups of rows in which they lie are read; where these are many, all between is.
    """
    return rows_of(pl.scan_parquet(run.file("findings.parquet"), glob=False), places)


def rows_of(table: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """The rows at these places of a table that was written in groups as findings are."""
    scan = table.with_row_index("place")
    wanted = places.unique().sort()
    stretches = _stretches(wanted)
    parts = [scan.slice(first, last - first + 1) for first, last in stretches.iter_rows()]
    asked = pl.col("place").is_in(wanted.implode())
    found = pl.concat(parts or [scan.head(0)]).filter(asked).collect()
    return found[wanted.search_sorted(places)]


def _stretches(places: pl.Series) -> pl.DataFrame:
    """From which to which place each group is read, or all of them at once."""
    rows = (
        places.to_frame("place")
        .group_by(pl.col("place") // FINDINGS_IN_A_GROUP)
        .agg(first=pl.col("place").min(), last=pl.col("place").max())
    )
    if rows.height > _MOST_STRETCHES:
        return rows.select(pl.col("first").min(), pl.col("last").max())
    return rows.sort("first").select("first", "last")


def _masks(run: KeptRun, reader: Reader, asked: Filter) -> dict[str, pl.Series]:
    """Per field that asks something the findings that answer it."""
    told = {
        field: _holding(run, column, getattr(asked, field))
        for field, column in _COLUMN.items()
        if getattr(asked, field)
    }
    if asked.parties:
        tell, parties = telling_parties(run, reader), frozenset(asked.parties)
        either = [where(run, column, lambda party: tell(party) in parties) for column in _ENDS]
        told[_PARTIES] = reduce(or_, either)
    if asked.since or asked.until:
        told["time"] = _in_time(run, reader, asked)
    if asked.text:
        told["text"] = telling(run, Reader(reader.role), asked.text)
    if asked.stand:
        told["stand"] = stands(run, reader, asked.stand)
    return told


@remembered(_MASKS)
def _holding(run: KeptRun, column: str, codes: tuple[str, ...]) -> pl.Series:
    return holding(run, column, codes)


def _in_time(run: KeptRun, reader: Reader, asked: Filter) -> pl.Series:
    """Seen in the period; what a viewer is not told the dates of is in none."""
    seen = [] if reader.may(Role.officer) else [~hidden_of(run)]
    if asked.since:
        seen.append(column_of(run, "last_seen") >= asked.since)
    if asked.until:
        seen.append(column_of(run, "first_seen") < asked.until)
    return reduce(and_, seen).fill_null(False)


def places_of(run: KeptRun, reader: Reader, asked: Filter, turn: Turn) -> pl.Series:
    """The places of the findings asked for, in the order of the turn."""
    masks = list(_masks(run, reader, asked).values())
    order = ranked(run, turn.order.value, falling=turn.falling, plain=reader.may(Role.officer))
    return order.filter(reduce(and_, masks).gather(order)) if masks else order


def _as_seen(shown: pl.DataFrame, run: KeptRun, reader: Reader) -> pl.DataFrame:
    """The rows with the role of their recipient, without what the reader is not told."""
    role = pl.col("recipient").replace_strict(roles_of(run), default=None, return_dtype=pl.String)
    frame = shown.drop("place").with_columns(recipient_role=role)
    if reader.may(Role.officer):
        return frame.with_columns(suppressed=pl.lit(False))
    few = hidden_of(run).gather(shown["place"])
    told = masked(frame.with_columns(suppressed=few))
    named = told.with_columns(examples=pl.lit([], dtype=frame.schema["examples"]))
    return _without_people(named, run, reader)


def _without_people(frame: pl.DataFrame, run: KeptRun, reader: Reader) -> pl.DataFrame:
    told = sentences_told(run, reader, parties_told(run, reader, frame, *_ENDS))
    people = pl.any_horizontal(pl.col(name).ne_missing(told[name]) for name in _ENDS)
    names = sealed(run, frame["fingerprint"], frame.select(people).to_series())
    return told.with_columns(names)
