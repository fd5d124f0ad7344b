"""What a report says of duties: how many in which state, and those that were not fulfilled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.sentences import cite_told
from audit.evaluation.duties import DutyState
from audit.reports.duties import duty_table, imposed
from audit.reports.markup import Markup, element, joined, name, paragraph, table
from audit.sources.zones import zone_of
from audit.vocabulary import WHOLE_BASE
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, tzinfo

    from audit.outcome import Audit
    from audit.reports.duties import Key

_MOST = 60
_STATES = tuple(reversed(DutyState))
_OPEN = (DutyState.BREACHED, DutyState.FULFILMENT_UNKNOWN, DutyState.UNDETERMINED)
_COLUMNS = ("duty", "state", "raised", "party", "person", "arisen", "due")


def duties_told(audit: Audit, key: Key, language: Language) -> Markup:
    """The duties as of the run's instant; nothing where no pack imposes any."""
    if not imposed(audit):
        return Markup()
    if not audit.duty_rows.height:
        return paragraph(phrase("run-duties-none", language))
    return joined(_told(audit, key, language))


def _told(audit: Audit, key: Key, language: Language) -> Iterator[Markup]:
    zone = zone_of(audit.options.timezone)
    if audit.as_of:
        as_of = f"{audit.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
        yield paragraph(phrase("html-duties-as-of", language, as_of=as_of))
    if audit.calendar_lacking:
        years = ", ".join(map(str, audit.calendar_lacking))
        yield paragraph(phrase("html-calendar-lacking", language, years=years), "left-out")
    yield _counted(audit, language)
    unfulfilled = _open(audit, key)
    if unfulfilled.is_empty():
        return
    yield element("h3", phrase("html-duties-open", language))
    headings = [phrase(f"html-duty-{column}", language) for column in _COLUMNS]
    rows = [_row(each, zone, language) for each in unfulfilled.head(_MOST).to_dicts()]
    yield table(headings, rows)
    if unfulfilled.height > _MOST:
        left = {"shown": f"{_MOST}", "left": f"{unfulfilled.height - _MOST:,}"}
        yield paragraph(phrase("html-duties-left-out", language, **left), "left-out")


def _counted(audit: Audit, language: Language) -> Markup:
    """A row per duty that arose, with what it is and how many are in which state."""
    counted = audit.duty_rows.counts.rows()
    counts = {(layer, duty, state): count for layer, duty, state, count in counted}
    rows = []
    for pack in audit.packs:
        for duty in pack.duties:
            told = [counts.get((pack.layer.value, duty.id, state.value), 0) for state in _STATES]
            if any(told):
                cite = element("p", cite_told(duty.cite, language), class_="small")
                gist = Markup(paragraph(duty.gist.into(language)) + cite)
                rows.append((duty.id, gist, *(f"{each:,}" if each else "" for each in told)))
    states = [phrase(f"duty-state-{state}", language) for state in _STATES]
    headings = [phrase("html-duty-duty", language), phrase("html-gist", language), *states]
    return table(headings, rows, range(2, len(headings)))


def _open(audit: Audit, key: Key) -> pl.DataFrame:
    """The duties that were not certainly fulfilled, the gravest and oldest first."""
    gravity = {state.value: place for place, state in enumerate(_OPEN)}
    named = duty_table(audit, key).filter(pl.col("state").is_in([*gravity]))
    rank = pl.col("state").replace_strict(gravity, return_dtype=pl.Int8).alias("rank")
    return named.with_columns(rank).sort("rank", "due", nulls_last=True, maintain_order=True)


def _row(row: Mapping[str, Any], zone: tzinfo, language: Language) -> tuple[str, ...]:
    late = row["state"] == DutyState.BREACHED.value and row["done_by"]
    everybody = phrase("people-everybody", language)
    person = everybody if row["subject"] == WHOLE_BASE else row["subject"] or ""
    return (
        row["duty"],
        phrase("duty-late" if late else f"duty-state-{row['state']}", language),
        name(row["event_id"]),
        name(row["party"] or ""),
        element("code", person) if row["subject"] not in {None, WHOLE_BASE} else person,
        _when(row["arisen_at"], zone),
        _when(row["due"], zone),
    )


def _when(when: datetime | None, zone: tzinfo) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M}" if when else ""
