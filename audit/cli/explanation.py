"""Why a flow got its verdict, as a page: each layer, each category, each clause."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from itertools import filterfalse
from typing import TYPE_CHECKING

from audit.clauses.clause import Condition, Verdict
from audit.cli.packs import in_words
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.vocabulary import WHOLE_BASE, Listing, Truth, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.evaluation.explaining import CategorySaid, ClauseSaid, Explanation, LayerSaid

_WITHHELD = "…"
_TONES = {
    Verdict.PERMITTED: Tone.good,
    Verdict.EXCEPTED: Tone.good,
    Verdict.INDETERMINATE: Tone.doubt,
    Verdict.VIOLATION: Tone.bad,
}
_TRUTHS = {Truth.TRUE: "truth-true", Truth.UNKNOWN: "truth-unknown", Truth.FALSE: "truth-false"}
_TRUTH_TONES = {Truth.TRUE: Tone.good, Truth.UNKNOWN: Tone.doubt, Truth.FALSE: Tone.plain}


def explanation_page(
    explanation: "Explanation", zone: tzinfo, language: Language
) -> Iterator[Block]:
    """The flow with its times in the zone of the run, then what each layer said of it."""
    yield from _flow(explanation.flow, zone, language)
    for layer in explanation.layers:
        yield from _layer(layer, language)


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


def _layer(layer: "LayerSaid", language: Language) -> Iterator[Block]:
    facts = {
        "layer": phrase(f"layer-{layer.layer}", language),
        "pack": layer.pack,
        "verdict": phrase(f"verdict-{layer.verdict}", language),
    }
    yield Heading(phrase("explain-layer", language, **facts))
    for category in layer.categories:
        yield from _category(category, language)


def _category(said: "CategorySaid", language: Language) -> Iterator[Block]:
    label = load_vocabulary().label(Listing.categories, said.category).into(language)
    facts = {
        "category": phrase("cli-code", language, code=said.category, label=label),
        "verdict": phrase(f"verdict-{said.verdict}", language),
    }
    yield Line("")
    yield Line(phrase("explain-category", language, **facts), _TONES[said.verdict])
    yield from _reasons(said, language)
    for clause in filter(partial(_matters, said), said.clauses):
        yield from _clause(clause, language)
    for clause in filterfalse(partial(_matters, said), said.clauses):
        yield _set_aside(clause, language)


def _reasons(said: "CategorySaid", language: Language) -> Iterator[Block]:
    """What decided; else what is missing, and what would decide."""
    listed = phrase("cli-list", language)
    if said.decided_by:
        clauses = listed.join(said.decided_by)
        yield Line(phrase("explain-decided", language, clauses=clauses), indent=1)
    if said.nearest and said.lacking:
        facts = {"clause": said.nearest, "lacking": _spelled(said.lacking, language)}
        yield Line(phrase("explain-nearest", language, **facts), indent=1)
    elif said.nearest:
        yield Line(phrase("explain-beaten", language, clause=said.nearest), indent=1)
    if said.may_become:
        outcomes = [phrase(f"verdict-{verdict}", language) for verdict in said.may_become]
        facts = {
            "unknown": _spelled(said.unknown, language),
            "clauses": listed.join(said.possible),
            "verdicts": phrase("explain-or", language).join(outcomes),
        }
        yield Line(phrase("explain-open", language, **facts), Tone.doubt, indent=1)


def _spelled(conditions: Iterable[str], language: Language) -> str:
    """Conditions as verdicts spell them ("evidence arrears"), in words."""
    told = []
    for spelled in conditions:
        word, _, kinds = spelled.partition(" ")
        asked = Condition(word, tuple(kinds.split("|"))) if kinds else None
        told.append(in_words(asked, language) if asked else phrase(f"word-{word}", language))
    return phrase("explain-and", language).join(told)


def _matters(said: "CategorySaid", clause: "ClauseSaid") -> bool:
    """Whether the clause had a say, or came nearest to having one."""
    return clause.met is not Truth.FALSE or clause.clause.id == said.nearest


def _clause(said: "ClauseSaid", language: Language) -> Iterator[Block]:
    """The clause with each of its conditions: what it asked, what was found, what came of it."""
    told = phrase("explain-clause", language, **_facts(said, language))
    yield Line(told, _TRUTH_TONES[said.in_force], indent=1)
    if said.beaten_by:
        beaten = phrase("cli-list", language).join(said.beaten_by)
        yield Line(phrase("explain-beaten-by", language, clauses=beaten), indent=2)
    for each in said.asked:
        facts = {
            "truth": phrase(_TRUTHS[each.truth], language),
            "asked": in_words(each.condition, language),
            "found": each.found,
        }
        yield Line(phrase("explain-asked", language, **facts), _TRUTH_TONES[each.truth], indent=2)


def _set_aside(said: "ClauseSaid", language: Language) -> Line:
    """A clause that had no say, and the conditions for which it had none."""
    wrong = (each.condition.spelling for each in said.asked if each.truth is Truth.FALSE)
    facts = {**_facts(said, language), "lacking": _spelled(wrong, language)}
    return Line(phrase("explain-not-met", language, **facts), Tone.faint, indent=1)


def _facts(said: "ClauseSaid", language: Language) -> dict[str, str]:
    return {
        "clause": said.clause.id,
        "cite": said.clause.cite,
        "effect": phrase(f"effect-{said.clause.effect}", language),
        "met": phrase(_TRUTHS[said.met], language),
        "force": phrase(_TRUTHS[said.in_force], language),
    }


def without_subject(explanation: "Explanation") -> "Explanation":
    """The explanation without the id of the person; the whole customer base is nobody's id."""
    subject = str(explanation.flow["subject_id"])
    if subject == WHOLE_BASE:
        return explanation
    flow = {**explanation.flow, "subject_id": _WITHHELD}
    return replace(
        explanation,
        flow=flow,
        layers=tuple(_layer_without(subject, each) for each in explanation.layers),
    )


def _layer_without(subject: str, layer: "LayerSaid") -> "LayerSaid":
    categories = (
        replace(each, clauses=tuple(_clause_without(subject, clause) for clause in each.clauses))
        for each in layer.categories
    )
    return replace(layer, categories=tuple(categories))


def _clause_without(subject: str, said: "ClauseSaid") -> "ClauseSaid":
    asked = (
        replace(each, found=_WITHHELD) if each.found == subject else each for each in said.asked
    )
    return replace(said, asked=tuple(asked))
