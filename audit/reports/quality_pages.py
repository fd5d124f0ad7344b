"""What a report says of the data and of itself: drafts, rejected rows, notices, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.evaluation.telling import moves_told
from audit.findings.people import people_told
from audit.reports.drafts import drafts_told
from audit.reports.duties import Persons, imposed
from audit.reports.markup import Markup, element, joined, listed, paragraph, table
from audit.reports.rejections import rejections
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.outcome import Audit
    from audit.reports.duties import Key

_MOST_REASONS = 40
_MOST_NOTICES = 60


def drafts_shown(audit: Audit, language: Language) -> Markup:
    """What each draft clause would change; nothing where none would."""
    moving = [each for each in drafts_told(audit) if each["flows"]]
    if not moving:
        return Markup()
    names = ("html-layer", "html-clause", "html-flows", "html-people", "html-moves")
    rows = [
        (
            phrase(f"layer-{each['layer']}", language),
            each["clause"],
            f"{each['flows']:,}",
            people_told(each["subjects"], each["whole_base"], language),
            moves_told(each["changes"], language),
        )
        for each in moving
    ]
    lead = paragraph(phrase("html-drafts-lead", language))
    return joined((lead, table([phrase(name, language) for name in names], rows, {2})))


def quality(audit: Audit, language: Language) -> Markup:
    """What became of every row, why rows were rejected, and what else to know of the data."""
    return joined(
        (*_rows(audit, language), *_rejected(audit, language), *_notices(audit, language))
    )


def _rows(audit: Audit, language: Language) -> Iterator[Markup]:
    names = ("rows-table", "rows-read", "rows-used", "rows-rejected", "rows-repeated")
    rows = [
        (name, *(f"{n:,}" for n in (each.rows, each.judged, each.rejected, each.repeated)))
        for name, each in audit.rows.items()
    ]
    yield element("h3", phrase("rows-accounted", language))
    yield table([phrase(name, language) for name in names], rows, range(1, len(names)))
    registers = sum(each.rejected for name, each in audit.rows.items() if name != "flows")
    if registers:
        yield paragraph(phrase("rows-tainting", language, rows=registers), "left-out")


def _rejected(audit: Audit, language: Language) -> Iterator[Markup]:
    counted = rejections(audit.rejected)
    if not counted:
        return
    yield element("h3", phrase("html-rejected", language))
    told = [phrase("run-reason", language, **each) for each in counted[:_MOST_REASONS]]
    yield listed(told)
    if len(counted) > _MOST_REASONS:
        left = len(counted) - _MOST_REASONS
        yield paragraph(phrase("run-more-reasons", language, reasons=left), "left-out")


def _notices(audit: Audit, language: Language) -> Iterator[Markup]:
    notices = (*audit.notices, *audit.graph.notices)
    told = [*dict.fromkeys(sentence(notice, language) for notice in notices)]
    if not told:
        return
    yield element("h3", phrase("notices", language))
    yield listed(told[:_MOST_NOTICES])
    if len(told) > _MOST_NOTICES:
        left = len(told) - _MOST_NOTICES
        yield paragraph(phrase("notices-more", language, notices=left), "left-out")


def limits(audit: Audit, key: Key, language: Language) -> Markup:
    """What nobody may read into the report."""
    named = "revealed" if key is Persons.REVEALED else "pseudonyms"
    said = [phrase("html-limits-recorded", language), phrase("html-limits-undecided", language)]
    if audit.rows["flows"].rejected:
        said.append(phrase("html-limits-rejected", language))
    if imposed(audit):
        said += [phrase("html-limits-duties", language), phrase(f"html-limits-{named}", language)]
    said += [phrase("html-limits-advice", language), phrase("html-limits-verify", language)]
    return listed(said)
