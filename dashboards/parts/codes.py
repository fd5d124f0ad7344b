"""Codes as people say them: the label of the vocabulary in the language of the tab."""

from collections.abc import Iterable, Mapping
from functools import cache

import polars as pl

from audit import Language, Listing, load_vocabulary
from dashboards import session
from dashboards.parts import text


def word(listing: Listing, code: str) -> str:
    """What people call the code; an unmapped code is called by itself."""
    return _labels(listing, session.language()).get(code, code)


def words(listing: Listing, codes: Iterable[str] | None) -> str:
    """Several codes, joined as the language joins them."""
    return text.phrase_here("clause-codes").join(word(listing, code) for code in codes or ())


def worded(listing: Listing, column: str) -> pl.Expr:
    """A column of codes as words; what has no label stays as it is, and so does null."""
    return pl.col(column).replace(dict(_labels(listing, session.language())))


@cache
def _labels(listing: Listing, language: Language) -> Mapping[str, str]:
    entries = load_vocabulary().entries[listing]
    return {code: entry.label.into(language) for code, entry in entries.items()}
