"""Clauses in sentences: what they ask, what they rule, and how their cites stand in a text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from audit.clauses.clause import Condition
from audit.clauses.conditions import WORDS, Argument
from audit.clauses.marks import Level, cite_of, path_of
from audit.clauses.reviewing import quoted
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase, sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.clauses.citations import Document
    from audit.clauses.clause import Clause, Pack
    from audit.clauses.reviewing import Citation

_ALL = 100


def in_words(condition: Condition, language: Language) -> str:
    """The condition as people say it: what is asked, and which codes will do."""
    asked = phrase(f"word-{condition.word}", language)
    kind = WORDS[condition.word].argument
    if kind is Argument.TRUE:
        return asked
    codes = [*condition.argument]
    if kind is not Argument.DATE:
        codes = [coded(Listing(kind.value), code, language) for code in codes]
    joined = phrase("clause-codes", language).join(codes)
    return phrase("clause-condition", language, asked=asked, codes=joined)


def ruling(clause: Clause, pack: Pack, language: Language) -> str:
    """The clause as one sentence of controlled language, generated from what judges and no more."""
    asked = [_asked(line, language) for line in clause.when]
    last = phrase("ruling-and", language).join(asked[-2:])
    conditions = phrase("ruling-comma", language).join([*asked[:-2], last])
    judging = [each.id for each in pack.judging]
    overrides = [each for each in clause.exception_to if each in judging]
    yields = [each.id for each in pack.judging if clause.id in each.exception_to]
    told = [phrase(f"ruling-{clause.effect}", language, conditions=conditions)]
    for key, clauses in (("overrides", overrides), ("yields", yields)):
        if clauses:
            listed = phrase("clause-list", language).join(clauses)
            told.append(phrase(f"ruling-{key}", language, clauses=listed))
    if clause.draft:
        told.append(phrase("ruling-draft", language))
    stop = phrase("ruling-stop", language)
    return "".join(f"{each}{stop}" for each in told).strip()


def _asked(condition: Condition, language: Language) -> str:
    """A condition as a part of the sentence, its codes by what people call them.

    A word that has no part of its own in a sentence is told as its condition is.
    """
    kind, key = WORDS[condition.word].argument, f"asks-{condition.word}"
    if key not in sentences():
        return in_words(condition, language)
    if kind is Argument.TRUE:
        return phrase(key, language)
    codes = [*condition.argument]
    if kind is not Argument.DATE:
        label = load_vocabulary().label
        codes = [label(Listing(kind.value), code).into(language) for code in codes]
    either = "ruling-codes" if condition.word == "evidence_after" else "ruling-or"
    last = phrase(either, language).join(codes[-2:])
    listed = phrase("ruling-codes", language).join([*codes[:-2], last])
    return phrase(key, language, codes=listed)


@cache
def cite_told(cite: str, language: Language) -> str:
    """The cite as the language writes it; one that is more than numbers stands as it is."""
    place = path_of(cite)
    if language is Language.zh or place is None or cite_of(place) != cite:
        return cite
    if any(step.insertion for step in place):
        return cite
    bare = {Level.ARTICLE, Level.ENTRY}
    steps = (f"{each.number}" if each.level in bare else f"({each.number})" for each in place)
    return phrase("cite-told", language, place="".join(steps))


def spelled_out(spellings: Iterable[str], language: Language) -> str:
    """Conditions as verdicts spell them (`evidence arrears`), in words."""
    told = []
    for spelling in spellings:
        word, _, kinds = spelling.partition(" ")
        asked = Condition(word, tuple(kinds.split("|"))) if kinds else None
        told.append(in_words(asked, language) if asked else phrase(f"word-{word}", language))
    return phrase("clause-conditions", language).join(told)


def coded(listing: Listing, code: str, language: Language) -> str:
    """A code with what people call it."""
    label = load_vocabulary().label(listing, code).into(language)
    return phrase("clause-code", language, code=code, label=label)


def standing_told(citation: Citation, language: Language) -> str:
    """How the cite of a clause stands in the text, and what is to be done about it."""
    facts: dict[str, str | int] = {
        "place": citation.place or citation.cite,
        "line": citation.line or 0,
        "sentence": citation.sentence or 0,
        "remains": citation.remains or 0,
    }
    told = phrase(f"standing-{_case(citation)}", language, **facts)
    if citation.problem is None:
        return told
    return phrase("clause-conditions", language).join((sentence(citation.problem, language), told))


def _case(citation: Citation) -> str:
    if citation.standing != "stale":
        return citation.standing
    if citation.place is None:
        return "gone"
    return "stale" if citation.remains != _ALL else "added"


def quote_told(citation: Citation, document: Document, language: Language) -> str | None:
    """What stands where the citation found its words: the sentence, else the paragraph."""
    found = quoted(citation, document)
    if found is None:
        return None
    paragraph, words = found
    cite, text = _numbered(citation, paragraph.cite, language), words or paragraph.text
    return phrase("quote", language, cite=cite, line=paragraph.line, text=text)


def _numbered(citation: Citation, cite: str, language: Language) -> str:
    if citation.sentence is None:
        return cite
    return phrase("sentence-of", language, cite=cite, sentence=citation.sentence)


def unreviewed_told(clauses: Iterable[str], language: Language) -> str:
    """The banner over whatever names clauses that nobody has compared with this text."""
    listed = phrase("clause-list", language).join(clauses)
    return phrase("clauses-unreviewed", language, clauses=listed)
