"""What a working paper says of each point of audit, and the findings that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.clause import Source
from audit.outcome import FLOWS
from audit.reports.finding_pages import MOST_LISTED, framing
from audit.reports.grounds import known_grounds, unwritten
from audit.reports.markup import Markup, element, facts, joined, paragraph, table
from audit.reports.paper import Section
from audit.reports.points import Point, audit_points
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.outcome import Audit
    from audit.reports.grounds import Ground, Place

_AT_LEAST = 3  # findings of a point that are told whole, however many are graver elsewhere
_MARKS = {Source.UNVERIFIED: "workpaper-unverified", Source.PARTLY: "workpaper-partly"}
_BY_HAND = ("workpaper-auditor-did", "workpaper-auditor-who", "workpaper-auditor-found")


@dataclass(frozen=True)
class Found:
    """The findings of one point, or of none: those told whole, and how many there are."""

    point: Point | None
    count: int = 0
    rows: Sequence[Mapping[str, Any]] = ()


@dataclass
class PointWriter:
    """Writes the sections of one paper; findings are numbered through."""

    audit: Audit
    language: Language
    number: int = 0
    frame: Callable[[int, Mapping[str, Any]], Markup] = field(init=False)

    def __post_init__(self) -> None:
        self.frame = framing(self.audit, self.language)

    @cached_property
    def grounds(self) -> Mapping[Place, Ground]:
        """Every clause and duty of the run's packs."""
        return known_grounds(self.audit)

    @cached_property
    def drafts(self) -> frozenset[Place]:
        """Those that decided nothing."""
        told: list[Place] = []
        for pack in self.audit.packs:
            drafts = [each.id for each in pack.clauses if each.draft]
            drafts += [each.id for each in pack.duties if each.draft]
            told += ((pack.layer.value, name) for name in drafts)
        return frozenset(told)

    @cached_property
    def sources(self) -> Mapping[Place, Source]:
        """How far the words of each clause and duty were checked, where their pack says."""
        told: dict[Place, Source | None] = {}
        for pack in self.audit.packs:
            layer = pack.layer.value
            told |= {(layer, clause.id): clause.source for clause in pack.clauses}
            told |= {(layer, duty.id): duty.source for duty in pack.duties}
        return {place: source for place, source in told.items() if source is not None}

    @cached_property
    def layers(self) -> frozenset[str | None]:
        """The layers that were judged; checks of the graph always are."""
        return frozenset({None, *(pack.layer.value for pack in self.audit.packs)})

    def asked(self, point: Point) -> list[Place]:
        """What of the point this run asked: clauses and duties of its packs, and checks."""
        return [each for each in point.places if self.loaded(each) and each not in self.drafts]

    def loaded(self, place: Place) -> bool:
        """Whether a pack of the run has it; what no document says is asked in every layer."""
        layer, clause = place
        return layer in self.layers and (place in self.grounds or _unwritten(layer, clause))


def _unwritten(layer: str | None, clause: str) -> bool:
    return layer is None or clause == "no-ground"


def by_point(audit: Audit) -> list[Found]:
    """The findings of each point, in the order of the points; last those that belong to none."""
    points = audit_points()
    names = {place: point.id for place, point in points.of.items()}
    places = audit.findings.select("layer", "clause").rows()
    named = [names.get((layer, clause), "") for layer, clause in places]
    table_ = audit.findings.with_row_index("rank").with_columns(
        point=pl.Series(named, dtype=pl.String)
    )
    within = pl.int_range(pl.len()).over("point")
    told = table_.filter((pl.col("rank") < MOST_LISTED) | (within < _AT_LEAST))
    counts = dict(table_.group_by("point").len().iter_rows())
    rows = {point: part.to_dicts() for (point,), part in told.group_by("point")}
    every = [*((point, point.id) for point in points.points), (None, "")]
    return [Found(point, counts.get(name, 0), rows.get(name, [])) for point, name in every]


def cited(cite: str, source: Source, language: Language) -> str:
    """The cite, marked where its text was not checked in full."""
    mark = _MARKS.get(source)
    return f"{cite}{phrase(mark, language)}" if mark else cite


def overview(writer: PointWriter, found: Sequence[Found]) -> Markup:
    """A row per point: what came of it."""
    language = writer.language
    rows = [
        (_titled(number, each, language), _result(writer, each))
        for number, each in enumerate(found, start=1)
        if each.point is not None or each.count
    ]
    headings = [phrase(f"workpaper-column-{each}", language) for each in ("point", "result")]
    return table(headings, rows)


def _titled(number: int, found: Found, language: Language) -> Markup:
    if found.point is None:
        return element("a", phrase("workpaper-outside", language), href="#point-outside")
    title = phrase(
        "workpaper-point", language, number=number, title=found.point.title.into(language)
    )
    return element("a", title, href=f"#point-{found.point.id}")


def _result(writer: PointWriter, found: Found) -> str:
    """What came of the point in words; where nothing was found, never that all is well."""
    language = writer.language
    if found.count:
        return phrase("workpaper-found", language, findings=f"{found.count:,}")
    if found.point is None or not found.point.places:
        return phrase("workpaper-not-by-flows", language)
    if not writer.asked(found.point):
        return phrase("workpaper-nothing-asked", language)
    if not writer.audit.rows[FLOWS].judged:
        return phrase("workpaper-nothing-judged", language)
    return phrase("workpaper-nothing", language)


def point_told(writer: PointWriter, number: int, found: Found) -> Section:
    """One point: statute, what was asked and tested, what could not be, and its findings."""
    point, language = found.point, writer.language
    if point is None:
        raise ValueError("findings of no point have a section of their own")
    title = phrase("workpaper-point", language, number=number, title=point.title.into(language))
    told = [
        facts(_facts(writer, point)),
        paragraph(_result(writer, found), "result"),
        *_findings(writer, found),
        element(
            "div", *(element("span", phrase(each, language)) for each in _BY_HAND), class_="sign"
        ),
    ]
    return Section(f"point-{point.id}", title, joined(told))


def _facts(writer: PointWriter, point: Point) -> Iterator[tuple[str, str]]:
    language = writer.language
    lacking = [each for each in point.places if not writer.loaded(each)]
    drafts = [each for each in point.places if each in writer.drafts]
    asked = writer.asked(point)
    yield phrase("workpaper-cite", language), cited(point.cite, point.source, language)
    yield phrase("workpaper-asked", language), _named(asked, writer)
    yield phrase("workpaper-drafts", language), _named(drafts, writer)
    yield phrase("workpaper-not-loaded", language), _named(lacking, writer)
    if asked and point.tested is not None:
        yield phrase("workpaper-tested", language), point.tested.into(language)
    yield phrase("workpaper-untested", language), point.untested.into(language)


def _named(places: Sequence[Place], writer: PointWriter) -> str:
    """Clauses by layer and id, as findings name them; of what no document says, what it is."""
    return phrase("html-list", writer.language).join(_place(each, writer) for each in places)


def _place(place: Place, writer: PointWriter) -> str:
    layer, clause = place
    said = unwritten(layer, clause).gist.into(writer.language) if _unwritten(*place) else clause
    said = cited(said, writer.sources.get(place, Source.VERIFIED), writer.language)
    return said if layer is None else f"{phrase(f'layer-{layer}', writer.language)} {said}"


def _findings(writer: PointWriter, found: Found) -> Iterator[Markup]:
    if found.count > len(found.rows):
        shown = len(found.rows)
        counts = {"findings": found.count, "shown": shown, "left": found.count - shown}
        told = {name: f"{count:,}" for name, count in counts.items()}
        yield paragraph(phrase("workpaper-left-out", writer.language, **told), "left-out")
    for row in found.rows:
        writer.number += 1
        yield writer.frame(writer.number, row)


def outside_told(writer: PointWriter, found: Found) -> Section:
    """The findings of clauses that no point names."""
    lead = paragraph(phrase("workpaper-outside-why", writer.language))
    title = phrase("workpaper-outside", writer.language)
    return Section("point-outside", title, joined((lead, *_findings(writer, found))))
