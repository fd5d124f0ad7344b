"""The flows of a run, filtered and paged, each with its verdicts and without its person's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from audit.casework.belonging import flows_of
from audit.casework.journal import Journal, holds_any, journal_of, key_of
from audit.casework.naming import person_of, pseudonyms_of
from audit.casework.paging import FIRST_SHEET, Page, Sheet, paged
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer, Verdict

_NUMBERED = ("place", "person", "shape", "said")


@dataclass(frozen=True)
class FlowFilter:
    """Which flows; everything is a code, an empty tuple or None asks nothing.

    senders, recipients, operations, purposes, categories: one of these. parties: at either end.
    layers, verdicts: one of these verdicts in one of these layers; without a layer overall.
    clauses: one of these decided (in one of the layers), or may where the verdict is open.
    since, until: occurred at or after, occurred before. subject: a pseudonym, or the id itself.
    fingerprint: explained by this finding. flow: this flow_id.
    """

    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    fingerprint: str | None = None
    flow: str | None = None


EVERY = FlowFilter()


def flows(
    run: KeptRun, reader: Reader, asked: FlowFilter = EVERY, sheet: Sheet = FIRST_SHEET
) -> Page:
    """One page of the flows asked for, in the order of time; raises NotAllowed for a viewer.

    Columns of the journal's flows, their shape and what was said.
    """
    reader.needs(Role.officer)
    journal = journal_of(run)
    places = _places(run, journal, asked)
    return paged(places, sheet, lambda shown: rows_at(journal, shown))


def rows_at(journal: Journal, places: pl.Series) -> pl.DataFrame:
    """The flows at these ascending places of the journal, with everything that is known of them."""
    if places.is_empty():
        rows = journal.flows.head(0).collect()
    else:
        first, last = int(places[0]), int(places[-1])
        stretch = journal.flows.slice(first, last - first + 1).with_row_index("place", first)
        rows = stretch.filter(pl.col("place").is_in(places.implode())).collect()
    return (
        rows.join(journal.shapes, on="shape", how="left", validate="m:1", maintain_order="left")
        .join(journal.said, on="said", how="left", validate="m:1", maintain_order="left")
        .drop(_NUMBERED, strict=False)
    )


def _places(run: KeptRun, journal: Journal, asked: FlowFilter) -> pl.Series:
    """Where the flows asked for stand in the journal, in the order of time."""
    wanted = journal.flows.with_row_index("place").filter(matching(run, journal, asked))
    found = wanted.select("place").collect().to_series()
    if asked.fingerprint is None:
        return found
    return found.filter(found.is_in(flows_of(run, asked.fingerprint).implode()))


def matching(run: KeptRun, journal: Journal, asked: FlowFilter) -> pl.Expr:
    """Whether a flow of the journal is asked for, but for the finding."""
    masks = [pl.lit(True)]
    if shapes := _shape_masks(asked):
        masks.append(pl.col("shape").is_in(_numbers(journal.shapes, shapes)))
    if said := _said_masks(asked):
        masks.append(pl.col("said").is_in(_numbers(journal.said, said)))
    masks += _own_masks(run, asked)
    return pl.all_horizontal(masks)


def _numbers(table: pl.DataFrame, masks: Sequence[pl.Expr]) -> pl.Expr:
    return pl.lit(table.filter(*masks).to_series().implode())


def _shape_masks(asked: FlowFilter) -> list[pl.Expr]:
    columns = {
        "sender": asked.senders,
        "recipient": asked.recipients,
        "operation": asked.operations,
        "purpose": asked.purposes,
    }
    masks = [pl.col(name).is_in(codes) for name, codes in columns.items() if codes]
    if asked.parties:
        ends = [pl.col(end).is_in(asked.parties) for end in ("sender", "recipient")]
        masks.append(pl.any_horizontal(ends))
    if asked.categories:
        masks.append(holds_any("data_categories", asked.categories))
    return masks


def _said_masks(asked: FlowFilter) -> list[pl.Expr]:
    if not asked.verdicts and not asked.clauses and not asked.layers:
        return []
    if not asked.layers and not asked.clauses:
        return [pl.col("overall").is_in(asked.verdicts)]
    told = [_said_in(Layer(layer), asked) for layer in asked.layers or tuple(Layer)]
    masks = [pl.any_horizontal(told)]
    if not asked.layers and asked.verdicts:
        masks.append(pl.col("overall").is_in(asked.verdicts))
    return masks


def _said_in(layer: Layer, asked: FlowFilter) -> pl.Expr:
    """Whether this layer said so: its verdict, and that one of the clauses decided or may."""
    verdict = pl.col(f"{layer}_verdict")
    told = verdict.is_not_null()
    if asked.layers and asked.verdicts:
        told &= verdict.is_in(asked.verdicts)
    if asked.clauses:
        may = (verdict == Verdict.INDETERMINATE.value) & holds_any(
            f"{layer}_possible", asked.clauses
        )
        told &= holds_any(f"{layer}_decided_by", asked.clauses) | may.fill_null(False)
    return told.fill_null(False)


def _own_masks(run: KeptRun, asked: FlowFilter) -> list[pl.Expr]:
    masks = []
    if asked.since:
        masks.append(pl.col("occurred_at") >= asked.since)
    if asked.until:
        masks.append(pl.col("occurred_at") < asked.until)
    if asked.subject:
        names = pseudonyms_of(key_of(run), asked.subject)
        persons = pl.Series([person_of(name) for name in names], dtype=pl.UInt64)
        masks.append(pl.col("person").is_in(persons.implode()))
    if asked.flow:
        masks.append(pl.col("flow_id") == asked.flow)
    return masks
