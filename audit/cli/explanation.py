"""Why a flow got its verdict, as a page: each layer, each category, each clause."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from itertools import filterfalse
from typing import TYPE_CHECKING

from audit.clauses.clause import Layer, Verdict
from audit.clauses.sentences import coded, in_words
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.quoting import Quotes
from audit.evaluation.requesting import requests
from audit.evaluation.telling import (
    TRUTHS,
    clause_told,
    draft_told,
    found_told,
    had_a_say,
    open_question,
    overridden,
    reasons,
    set_aside,
)
from audit.vocabulary import Listing, Truth
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.evaluation.explaining import CategorySaid, ClauseSaid, Explanation, LayerSaid

_TONES = {
    Verdict.PERMITTED: Tone.good,
    Verdict.EXCEPTED: Tone.good,
    Verdict.INDETERMINATE: Tone.doubt,
    Verdict.VIOLATION: Tone.bad,
}
_TRUTH_TONES = {Truth.TRUE: Tone.good, Truth.UNKNOWN: Tone.doubt, Truth.FALSE: Tone.plain}


def explanation_page(
    explanation: "Explanation", zone: tzinfo, language: Language, quotes: Quotes | None = None
) -> Iterator[Block]:
    """The flow with its times in the zone of the run, then what each layer said of it.

    `quotes` are what the agreement's clauses cite.
    """
    cites = {Layer.CONTRACT: quotes or Quotes()}
    yield from cites[Layer.CONTRACT].page(language)
    yield from _flow(explanation.flow, zone, language)
    for layer in explanation.layers:
        yield from _layer(layer, cites.get(layer.layer, Quotes()), language)


def _flow(flow: Mapping[str, object], zone: tzinfo, language: Language) -> Iterator[Block]:
    yield Heading(phrase("explain-flow", language, flow=str(flow["flow_id"])))
    told = [(name, _cell(value, zone)) for name, value in flow.items() if value not in (None, [])]
    headings = (phrase("explain-column", language), phrase("explain-value", language))
    yield Table(headings, tuple(told))


def _cell(value: object, zone: tzinfo) -> str:
    match value:
        case datetime():
            return value.astimezone(zone).isoformat()
        case list():
            return ";".join(map(str, value))
        case _:
            return str(value)


def _layer(layer: "LayerSaid", quotes: Quotes, language: Language) -> Iterator[Block]:
    facts = {
        "layer": phrase(f"layer-{layer.layer}", language),
        "pack": layer.pack,
        "verdict": phrase(f"verdict-{layer.verdict}", language),
    }
    yield Heading(phrase("explain-layer", language, **facts))
    for category in layer.categories:
        yield from _category(category, quotes, language)


def _category(said: "CategorySaid", quotes: Quotes, language: Language) -> Iterator[Block]:
    facts = {
        "category": coded(Listing.categories, said.category, language),
        "verdict": phrase(f"verdict-{said.verdict}", language),
    }
    yield Line("")
    yield Line(phrase("explain-category", language, **facts), _TONES[said.verdict])
    yield from (Line(reason, indent=1) for reason in reasons(said, language))
    if question := open_question(said, language):
        yield Line(question, Tone.doubt, indent=1)
    yield from (Line(request, indent=1) for request in requests(said, language))
    for clause in filter(partial(had_a_say, said), said.clauses):
        yield from _clause(clause, quotes, language)
    for clause in filterfalse(partial(had_a_say, said), said.clauses):
        told = quotes.mark(clause.clause.id, set_aside(clause, language), language)
        yield Line(told, Tone.faint, indent=1)
    for draft in said.drafts:
        yield Line(draft_told(draft, said, language), Tone.faint, indent=1)
        if draft.said.met is not Truth.FALSE:
            yield from _conditions(draft.said, language)


def _clause(said: "ClauseSaid", quotes: Quotes, language: Language) -> Iterator[Block]:
    """The clause with each of its conditions: what it asked, what was found, what came of it."""
    told = quotes.mark(said.clause.id, clause_told(said, language), language)
    yield Line(told, _TRUTH_TONES[said.in_force], indent=1)
    yield from (replace(line, indent=2) for line in quotes.lines(said.clause.id, language))
    if beaten := overridden(said, language):
        yield Line(beaten, indent=2)
    yield from _conditions(said, language)


def _conditions(said: "ClauseSaid", language: Language) -> Iterator[Block]:
    for each in said.asked:
        facts = {
            "truth": phrase(TRUTHS[each.truth], language),
            "asked": in_words(each.condition, language),
            "found": found_told(each, language),
        }
        yield Line(phrase("explain-asked", language, **facts), _TRUTH_TONES[each.truth], indent=2)
