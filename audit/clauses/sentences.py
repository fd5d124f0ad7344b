"""Conditions as sentences, the same on a terminal and on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.clauses.clause import Condition
from audit.clauses.conditions import WORDS, Argument
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable


def in_words(condition: Condition, language: Language) -> str:
    """The condition as people say it: what is asked, and which codes will do."""
    asked = phrase(f"word-{condition.word}", language)
    kind = WORDS[condition.word].argument
    if kind is Argument.TRUE:
        return asked
    codes = [coded(Listing(kind.value), code, language) for code in condition.argument]
    joined = phrase("clause-codes", language).join(codes)
    return phrase("clause-condition", language, asked=asked, codes=joined)


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
