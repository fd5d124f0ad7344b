"""What a report says of findings: how many of each severity, then one by one, gravest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.findings.finding import Severity
from audit.findings.people import people_told
from audit.reports.charts import Bar, Part, bars, legend
from audit.reports.grounds import GRAPH, Ground, Place, grounds
from audit.reports.markup import Markup, element, facts, joined, paragraph, table
from audit.reports.standings import standing_told, standings_of
from audit.sources.zones import zone_of
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from audit.outcome import Audit

MOST_LISTED = 200  # about sixty pages of paper; the others are counted, and stand in the tables
_CHARTED = 12


@dataclass(frozen=True)
class _Background:
    """What findings are told against."""

    grounds: Mapping[Place, Ground]
    standings: Mapping[str, Mapping[str, Any]]
    zone: tzinfo
    language: Language


def findings_told(audit: Audit, language: Language) -> Markup:
    """Counts, a chart, and the gravest findings one by one."""
    if audit.findings.is_empty():
        return paragraph(phrase("html-no-findings", language))
    background = _background(audit, language)
    shown = audit.findings.head(MOST_LISTED)
    parts = [_counted(audit, language), *_chart(audit, background)]
    left = audit.findings.height - shown.height
    if left:
        told = {"shown": f"{shown.height:,}", "left": f"{left:,}"}
        parts.append(paragraph(phrase("html-findings-left-out", language, **told), "left-out"))
    number = 0
    for severity in Severity:
        rows = shown.filter(severity=severity.value).to_dicts()
        if rows:
            count = f"{audit.severities[severity]:,}"
            named = phrase(f"severity-{severity}", language)
            heading = phrase("html-severity", language, severity=named, findings=count)
            parts.append(element("h3", heading, id=f"severity-{severity}"))
        for row in rows:
            number += 1
            parts.append(_finding(number, row, background))
    return joined(parts)


def framing(audit: Audit, language: Language) -> Callable[[int, Mapping[str, Any]], Markup]:
    """What tells a finding, given its number and its row, as the report does."""
    background = _background(audit, language)
    return lambda number, row: _finding(number, row, background)


def _background(audit: Audit, language: Language) -> _Background:
    return _Background(
        grounds(audit), standings_of(audit), zone_of(audit.options.timezone), language
    )


def _counted(audit: Audit, language: Language) -> Markup:
    """How many findings of each severity each layer has."""
    counts = {
        (layer or GRAPH, severity): count
        for layer, severity, count in audit.findings.group_by("layer", "severity").len().rows()
    }
    layers = sorted({layer for layer, _ in counts})
    rows = []
    for layer in layers:
        told = [counts.get((layer, severity.value), 0) for severity in Severity]
        rows.append((_layer(layer, language), *(f"{each:,}" for each in (*told, sum(told)))))
    severities = [phrase(f"severity-{severity}", language) for severity in Severity]
    headings = [phrase("html-layer", language), *severities, phrase("html-all", language)]
    return table(headings, rows, range(1, len(headings)))


def _layer(layer: str | None, language: Language) -> str:
    if layer is None or layer == GRAPH:
        return phrase("html-graph", language)
    return phrase(f"layer-{layer}", language)


def _chart(audit: Audit, background: _Background) -> Iterator[Markup]:
    """The clauses with the most findings, each by severity."""
    language = background.language
    counted = audit.findings.group_by("layer", "clause").agg(
        *((pl.col("severity") == each.value).sum().alias(each.value) for each in Severity),
        pl.len().alias("all"),
    )
    most = counted.sort(
        "all", "layer", "clause", descending=[True, False, False], nulls_last=True
    ).head(_CHARTED)
    names = {each: phrase(f"severity-{each}", language) for each in Severity}
    drawn = [
        Bar(_named(row, language), tuple(Part(row[each], names[each], each) for each in Severity))
        for row in most.to_dicts()
    ]
    title = phrase("html-findings-chart", language, clauses=len(drawn))
    yield element("h3", title)
    yield bars(title, drawn)
    yield legend([(each.value, name) for each, name in names.items()])


def _named(row: Mapping[str, Any], language: Language) -> str:
    """A clause with its layer; of what no clause says, what it is."""
    clause = row["clause"]
    if row["layer"] is None:
        return phrase(f"ground-{clause}", language)
    return f"{_layer(row['layer'], language)} {clause}"


def _finding(number: int, row: Mapping[str, Any], background: _Background) -> Markup:
    language = background.language
    ground = background.grounds[row["layer"], row["clause"]]
    severity = phrase(f"severity-{row['severity']}", language)
    heading = [
        element("span", f"{number}."),
        element("span", severity, class_="tag"),
        _link(ground, _named(row, language)),
        element("span", ground.cited(language), class_="cite"),
    ]
    if row["verdict"]:
        heading.append(element("span", phrase(f"verdict-{row['verdict']}", language), class_="tag"))
    standing = background.standings.get(row["fingerprint"])
    if standing and standing["suppressed"]:
        state = phrase(f"triage-state-{standing['state']}", language)
        heading.append(element("span", state, class_="tag"))
    return element(
        "article",
        element("h4", *heading),
        paragraph(row[f"cause_{language}"]),
        paragraph(phrase("run-remedy", language, remedy=row[f"remedy_{language}"])),
        facts(_facts(row, background)),
        class_=row["severity"],
        id=f"finding-{row['fingerprint'][:16]}",
    )


def _link(ground: Ground, named: str) -> Markup:
    """To where the page says what it rests on; what no document says is only named."""
    if ground.pack is None:
        return element("span", named)
    return element("a", named, href=f"#{_anchor(ground)}")


def _facts(row: Mapping[str, Any], background: _Background) -> Iterator[tuple[str, str]]:
    language, comma = background.language, phrase("html-list", background.language)
    yield (
        phrase("html-operation", language),
        _labels(Listing.operations, row["operation"], language),
    )
    yield phrase("html-purpose", language), _labels(Listing.purposes, row["purpose"], language)
    yield phrase("html-data", language), _labels(Listing.categories, row["categories"], language)
    yield phrase("html-flows", language), f"{row['flows']:,}" if row["flows"] else ""
    people = people_told(row["subjects"], row["whole_base"], language)
    yield phrase("html-people", language), people if row["subjects"] or row["whole_base"] else ""
    yield phrase("html-records", language), f"{row['records']:,}" if row["records"] else ""
    seen = [_day(row[name], background) for name in ("first_seen", "last_seen")]
    yield phrase("html-seen", language), " – ".join(dict.fromkeys(filter(None, seen)))
    yield phrase("html-examples", language), comma.join(row["examples"] or ())
    standing = background.standings.get(row["fingerprint"])
    yield phrase("html-triage", language), standing_told(standing, language) if standing else ""
    yield phrase("html-fingerprint", language), element("code", row["fingerprint"][:16])


def _labels(listing: Listing, codes: Iterable[str] | str | None, language: Language) -> str:
    named = codes.split(";") if isinstance(codes, str) else codes or ()
    label = load_vocabulary().label
    return phrase("html-list", language).join(label(listing, each).into(language) for each in named)


def _day(when: datetime | None, background: _Background) -> str:
    return f"{when.astimezone(background.zone):%Y-%m-%d}" if when else ""


def _anchor(ground: Ground) -> str:
    return f"ground-{ground.name}".replace(" ", "-")


def clauses_told(audit: Audit, language: Language) -> Markup:
    """What each finding rests on: citation, gist and note."""
    known = grounds(audit)
    rows = [
        (
            element(
                "span", _named({"layer": layer, "clause": clause}, language), id=_anchor(ground)
            ),
            ground.cited(language),
            _said(ground, language),
        )
        for (layer, clause), ground in known.items()
        if ground.pack
    ]
    if not rows:
        return Markup()
    names = ("html-clause", "html-cite", "html-gist")
    return table([phrase(name, language) for name in names], rows)


def _said(ground: Ground, language: Language) -> Markup:
    gist = paragraph(ground.gist.into(language))
    note = paragraph(ground.note.into(language), "small") if ground.note else Markup()
    return Markup(gist + note)
