"""The record of processing as a paper, to read, to print and to file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.clauses.clause import Verdict
from audit.outcome import FLOWS
from audit.reports.markup import Markup, element, facts, joined, listed, paragraph, table
from audit.reports.paper import Paper, Section
from audit.reports.run_paper import about, mark_of, packs_named
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.reports.ropa_words import RecordWords, Told

MOST_TOLD = 200  # of each kind; the workbook has all of them
_LISTED = ("contradictions",)
_LIMITS = ("ropa-limits-seen", "ropa-limits-measures", "ropa-limits-grounds", "ropa-limits-country")


def ropa_paper(words: RecordWords) -> Paper:
    """The record; where register and flows disagree comes first."""
    language = words.language
    fields = ("ropa-signed-by", "ropa-signed-on", "ropa-signed-officer")
    return Paper(
        title=phrase("ropa-title", language),
        mark=mark_of(words.audit),
        under=packs_named(words.audit, language),
        conclusion=conclusion_of(words),
        sections=tuple(_sections(words)),
        signed=tuple(phrase(each, language) for each in fields),
        language=language,
    )


def conclusion_of(words: RecordWords) -> tuple[str, Verdict]:
    """How much of what there is; contradictions leave doubt."""
    record = words.record
    counts = {
        "activities": record.activities.height,
        "entrusted": record.entrusted.height,
        "transfers": record.transfers.height,
        "contradictions": record.contradictions.height,
    }
    told = phrase("ropa-conclusion", words.language, **counts)
    doubt = counts["contradictions"] > 0
    return told, Verdict.INDETERMINATE if doubt else Verdict.PERMITTED


def limits_told(words: RecordWords) -> list[str]:
    """What nobody may read into the record; that rows were rejected comes first."""
    rejected = words.audit.rows[FLOWS].rejected
    said = [phrase(each, words.language) for each in _LIMITS]
    lost = phrase("ropa-limits-rejected", words.language, rows=f"{rejected:,}")
    return [lost, *said] if rejected else said


def _sections(words: RecordWords) -> Iterator[Section]:
    language = words.language
    how = [paragraph(phrase(each, language)) for each in ("ropa-how", "ropa-bands")]
    told = Markup(joined(how) + about(words.audit, language))
    yield Section("about", phrase("html-about", language), told)
    for each in words.tables(MOST_TOLD):
        inside = _inside(each, language)
        if inside:
            yield Section(each.name, phrase(f"ropa-{each.name}", language), inside)
    yield Section("limits", phrase("ropa-limits", language), listed(limits_told(words)))


def _inside(told: Told, language: Language) -> Markup:
    """Few columns as a table, many as a frame for each row; of none, that there are none."""
    if not told.rows:
        return _nothing(told.name, language)
    headings = told.headings(language)
    if told.name in _LISTED:
        shown = table(headings, told.rows)
    else:
        shown = joined(_framed(headings, row) for row in told.rows)
    left = told.total - len(told.rows)
    if not left:
        return shown
    more = {"shown": f"{len(told.rows):,}", "left": f"{left:,}"}
    return joined((paragraph(phrase("ropa-more", language, **more), "left-out"), shown))


def _nothing(name: str, language: Language) -> Markup:
    said = {"contradictions": "ropa-no-contradictions", "transfers": "ropa-no-transfers"}
    return paragraph(phrase(said[name], language)) if name in said else Markup()


def _framed(headings: list[str], row: tuple[str, ...]) -> Markup:
    """One activity: who and what for, then the rest of what is recorded."""
    lead = element("h4", element("span", row[0]), element("span", row[1], class_="cite"))
    return element("article", lead, facts(zip(headings[2:], row[2:], strict=True)), class_="low")
