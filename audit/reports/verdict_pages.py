"""What a report says of verdicts: where the layers disagree, and how often each was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.clauses.clause import Layer, Verdict
from audit.reports.charts import Bar, Part, bars, legend
from audit.reports.grounds import known_grounds, unwritten
from audit.reports.markup import Markup, element, joined, paragraph, table
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from audit.outcome import Audit
    from audit.reports.grounds import Ground, Place

_MOST_CONFLICTS = 30


def conflicts_told(audit: Audit, language: Language) -> Markup:
    """What one layer allows and the other forbids; nothing where one layer judged."""
    if len(audit.counts) < len(Layer):
        return Markup()
    if audit.conflicts.is_empty():
        return paragraph(phrase("html-no-conflicts", language))
    return joined(_conflicts(audit, language))


def _conflicts(audit: Audit, language: Language) -> Iterator[Markup]:
    columns = ("forbidden_by", "allowed_by", "flows", "examples")
    headings = [phrase(f"run-conflict-{column}", language) for column in columns]
    cites = known_grounds(audit)
    for layer in reversed(Layer):
        found = audit.conflicts.filter(violates=layer.value)
        if found.is_empty():
            continue
        flows = f"{int(found['flows'].sum()):,}"
        yield element("h3", phrase(f"run-conflict-{layer}", language, flows=flows))
        rows = [
            (
                _cited(layer, each["forbidden_by"], cites, language),
                _cited(_other(layer), each["allowed_by"], cites, language),
                f"{each['flows']:,}",
                phrase("html-list", language).join(each["examples"]),
            )
            for each in found.head(_MOST_CONFLICTS).to_dicts()
        ]
        yield table(headings, rows, {2})
        if found.height > _MOST_CONFLICTS:
            left = found.height - _MOST_CONFLICTS
            yield paragraph(phrase("run-more-conflicts", language, left=left), "left-out")


def _other(layer: Layer) -> Layer:
    (other,) = (each for each in Layer if each is not layer)
    return other


def _cited(
    layer: Layer, clauses: Iterable[str], cites: Mapping[Place, Ground], language: Language
) -> Markup:
    """The clauses with their citations; of what no document says, what it is."""
    told = []
    for clause in clauses:
        ground = cites.get((layer.value, clause)) or unwritten(layer.value, clause)
        cite = element("span", ground.cited(language), class_="small")
        told.append(element("div", f"{clause} ", cite))
    return joined(told)


def verdicts_told(audit: Audit, language: Language) -> Markup:
    """A bar and a row of figures for each layer, the gravest verdict first."""
    names = {verdict: phrase(f"verdict-{verdict}", language) for verdict in reversed(Verdict)}
    layers = {layer: phrase(f"layer-{layer}", language) for layer in audit.counts}
    drawn = [
        Bar(layers[layer], tuple(Part(counts[each], names[each], each) for each in names))
        for layer, counts in audit.counts.items()
    ]
    rows = [
        (layers[layer], *(_share(counts, each) for each in names), f"{sum(counts.values()):,}")
        for layer, counts in audit.counts.items()
    ]
    headings = [phrase("html-layer", language), *names.values(), phrase("html-all", language)]
    return joined(
        (
            bars(phrase("html-verdicts-chart", language), drawn, shares=True),
            legend([(each.value, name) for each, name in names.items()]),
            table(headings, rows, range(1, len(headings))),
        )
    )


def _share(counts: Mapping[Verdict, int], verdict: Verdict) -> str:
    """A count with its share; a share is never rounded to nothing or to all."""
    count, whole = counts[verdict], sum(counts.values())
    if not count:
        return "0"
    tenths = min(max(round(count * 1000 / whole), 1), 999) if count < whole else 1000
    return f"{count:,} ({tenths // 10}.{tenths % 10}%)"
