"""The working paper of a compliance audit: every finding under the point of audit it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Source
from audit.outcome import FLOWS
from audit.reports.conclusion import conclusion
from audit.reports.finding_pages import clauses_told
from audit.reports.markup import Markup, facts, listed, paragraph
from audit.reports.paper import Paper, Section
from audit.reports.points import audit_points
from audit.reports.quality_pages import limits, quality
from audit.reports.run_paper import about, mark_of, packs_named
from audit.reports.workpaper_points import (
    PointWriter,
    by_point,
    cited,
    outside_told,
    overview,
    point_told,
)
from audit.sources.zones import zone_of
from audit.vocabulary import ROLE_CARRIER
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.outcome import Audit
    from audit.reports.duties import Key

_SIGNED = (
    "workpaper-prepared-by",
    "workpaper-prepared-on",
    "workpaper-led-by",
    "workpaper-reviewed-by",
    "workpaper-reviewed-on",
    "workpaper-answered-by",
)


def workpaper(audit: Audit, key: Key, language: Language) -> Paper:
    """The paper; a point without findings says what was and what could not be tested."""
    return Paper(
        title=phrase("workpaper-title", language),
        mark=mark_of(audit),
        under=packs_named(audit, language),
        conclusion=conclusion(audit, language),
        sections=tuple(_sections(audit, key, language)),
        signed=tuple(phrase(each, language) for each in _SIGNED),
        language=language,
    )


def _sections(audit: Audit, key: Key, language: Language) -> Iterator[Section]:
    writer = PointWriter(audit, language)
    found = by_point(audit)
    for name, inside in (
        ("about", _about(audit, language)),
        ("method", _method(audit, language)),
        ("overview", overview(writer, found)),
    ):
        yield Section(name, phrase(f"workpaper-{name}", language), inside)
    for number, each in enumerate(found, start=1):
        if each.point is not None:
            yield point_told(writer, number, each)
        elif each.count:
            yield outside_told(writer, each)
    for name, inside in (
        ("quality", quality(audit, language)),
        ("clauses", clauses_told(audit, language)),
        ("limits", Markup(_silence(language) + limits(audit, key, language))),
    ):
        if inside:
            yield Section(name, phrase(f"workpaper-{name}", language), inside)


def _about(audit: Audit, language: Language) -> Markup:
    """Who was audited, over which period, and by what the points are ordered."""
    points = audit_points()
    carriers = audit.parties.filter(pl.col("role") == ROLE_CARRIER).select("name", "party_id")
    named = [f"{name} ({party})" for name, party in carriers.sort("party_id").iter_rows()]
    comma = phrase("html-list", language)
    told = facts(
        (
            (phrase("workpaper-paper-number", language), audit.run_id[:16]),
            (
                phrase("workpaper-audited", language),
                comma.join(named) or phrase("workpaper-not-registered", language),
            ),
            (phrase("workpaper-period", language), _period(audit)),
            (phrase("workpaper-measures", language), cited(points.cite, points.source, language)),
        )
    )
    note = paragraph(phrase("workpaper-order-unverified", language), "left-out")
    return Markup(
        told + (note if points.source is not Source.VERIFIED else "") + about(audit, language)
    )


def _period(audit: Audit) -> str:
    if audit.edges.is_empty():
        return ""
    zone = zone_of(audit.options.timezone)
    ends = audit.edges.select(pl.col("first_seen").min(), pl.col("last_seen").max()).row(0)
    return " – ".join(dict.fromkeys(f"{each.astimezone(zone):%Y-%m-%d}" for each in ends))


def _method(audit: Audit, language: Language) -> Markup:
    flows = audit.rows[FLOWS]
    counts = {
        name: f"{getattr(flows, name):,}" for name in ("rows", "judged", "rejected", "repeated")
    }
    said = [phrase("workpaper-scope", language, **counts)]
    said += [
        phrase(each, language)
        for each in ("workpaper-tested-how", "workpaper-sampling", "workpaper-severity")
    ]
    return listed(said)


def _silence(language: Language) -> Markup:
    said = ("workpaper-limits-silence", "workpaper-limits-annex")
    return listed([phrase(each, language) for each in said])
