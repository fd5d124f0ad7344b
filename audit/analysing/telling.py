"""What an analysis found, as data and in words: what flows may be, and what packs say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.analysing.bonds import OCCURS, Value
from audit.analysing.codes import BELOW, ITSELF, told
from audit.analysing.confirming import expected
from audit.clauses.clause import AFTER, Condition
from audit.clauses.conditions import PROOF, WORDS
from audit.clauses.sentences import coded, in_words
from audit.vocabulary import Listing, Truth
from audit.wording import Language, phrase, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.analysing.analysis import Found
    from audit.analysing.confirming import Said
    from audit.analysing.space import Space, Variable
    from audit.analysing.widening import Witness

_BASIS = "basis"


@dataclass(frozen=True)
class Fact:
    """What a fact may be: any of these, or with `but` any other than these."""

    name: str
    may_be: tuple[str, ...]
    but: bool = False


@dataclass(frozen=True)
class Shown:
    """A flow that shows an answer: what it may be, what each pack says, what the engine says."""

    flow: str
    facts: tuple[Fact, ...]
    said: tuple[Said, ...]
    confirmed: bool


def shown(found: Found) -> Mapping[int, Shown]:
    """Every witness of an analysis by its identity; flows are numbered as the tables have them."""
    return {
        id(witness): Shown(
            flow=f"W{number:04}",
            facts=tuple(facts(found.space, witness)),
            said=tuple(
                expected(found.space, witness.world, pack) for pack in range(len(found.packs))
            ),
            confirmed=sure,
        )
        for number, (witness, sure) in enumerate(zip(found.witnesses, found.confirmed, strict=True))
    }


def facts(space: Space, witness: Witness) -> Iterator[Fact]:
    """What the box of a witness says; a fact that may be whatever it can be is left out."""
    for variable, allowed, whole in zip(space.variables, witness.box, space.whole, strict=True):
        if allowed != whole:
            values = [value for place in sorted(allowed) for value in variable.classes[place]]
            yield _fact(space, variable, values)


def _fact(space: Space, variable: Variable, values: list[Value]) -> Fact:
    if variable.name == OCCURS:
        return Fact(OCCURS, tuple(_span(space, int(value)) for value in values))
    if variable.name not in space.program.domains:
        return Fact(variable.name, tuple(Truth(int(value)).name.lower() for value in values))
    domain = [value for value in space.program.domains[variable.name] if value is not None]
    codes = told(variable.name, values, domain)
    return Fact(variable.name, codes.codes, codes.but)


def _span(space: Space, interval: int) -> str:
    """A span between dates asked about, its first day included, its last one not."""
    ends = ["", *space.days, ""]
    return f"{ends[interval]}/{ends[interval + 1]}"


def as_data(flow: Shown) -> dict[str, Any]:
    """The flow for a machine."""
    return {
        "flow": flow.flow,
        "facts": {
            fact.name: {"none_of" if fact.but else "any_of": list(fact.may_be)}
            for fact in flow.facts
        },
        "said": [
            {"verdict": said.verdict.value, "in_force": list(said.standing)} for said in flow.said
        ],
        "confirmed": flow.confirmed,
    }


def in_short(flow: Shown, language: Language) -> str:
    """What the flow may be, on one line."""
    told = [_told(fact, language) for fact in flow.facts]
    return phrase("clause-conditions", language).join(told) or phrase("lint-any-flow", language)


def ruled(said: Said, language: Language) -> str:
    """The verdict and the clauses in force."""
    verdict = phrase(f"verdict-{said.verdict}", language)
    standing = phrase("clause-list", language).join(said.standing)
    if not standing:
        return verdict
    return phrase("lint-ruled", language, verdict=verdict, clauses=standing)


def _told(fact: Fact, language: Language) -> str:
    listed = phrase("clause-codes", language).join(
        _value(fact, each, language) for each in fact.may_be
    )
    if fact.but:
        listed = phrase("lint-but", language, codes=listed)
    return phrase("clause-condition", language, asked=_name(fact.name, language), codes=listed)


def _name(name: str, language: Language) -> str:
    """What people call a fact."""
    if name.startswith(PROOF):
        later, _, earlier = name.removeprefix(PROOF).partition(AFTER)
        kinds = (later, earlier) if earlier else (later,)
        return in_words(Condition("evidence_after" if earlier else "evidence", kinds), language)
    key = f"word-{name}" if f"word-{name}" in sentences() else f"lint-{name}"
    return phrase(key, language) if key in sentences() else name


def _value(fact: Fact, value: str, language: Language) -> str:
    if f"truth-{value}" in sentences():
        return phrase(f"truth-{value}", language)
    if fact.name == OCCURS:
        first, _, last = value.partition("/")
        return phrase("lint-span", language, first=first or "…", last=last or "…")
    if fact.name == _BASIS:
        return value or phrase("lint-no-claim", language)
    return _code(fact.name, value, language)


def _code(name: str, value: str, language: Language) -> str:
    """A code with what people call it, and how much of its branch is meant."""
    code = value.removeprefix(ITSELF).removesuffix(BELOW)
    listing = next((word.argument.value for word in WORDS.values() if word.fact == name), "")
    known = listing in set(Listing)
    spelt = coded(Listing(listing), code, language) if known else code
    if value.startswith(ITSELF):
        return phrase("lint-itself", language, code=spelt)
    return phrase("lint-below", language, code=spelt) if value.endswith(BELOW) else spelt
