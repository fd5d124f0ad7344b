"""Findings by a piece of text: in the names, codes and words of what they are about."""

import re
from collections.abc import Callable, Mapping
from functools import cache, reduce
from operator import or_

import polars as pl

from audit.casework.indexing import where
from audit.casework.masking import telling_parties
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.vocabulary import Listing, load_vocabulary

_TEXTS = 16
_ENDS = ("sender", "recipient")
_FINGERPRINT = re.compile("[0-9a-f]{8,64}")
_LISTINGS = {
    "purposes": Listing.purposes,
    "operations": Listing.operations,
    "categories": Listing.categories,
    "role": Listing.roles,
}


@remembered(_TEXTS)
def telling(run: KeptRun, reader: Reader, text: str) -> pl.Series:
    """Whether a finding is about this text, whatever its case.

    It is in the id or the name of one of its parties, in its clause, in the code or a label of its
    purposes, operations, categories or the recipient's role, or begins its fingerprint. A viewer
    finds people who are parties by what is told of them only.
    """
    sought = " ".join(text.split()).casefold()
    words = {**{column: _labels(listing) for column, listing in _LISTINGS.items()}, "clause": {}}
    found = [where(run, column, _saying(sought, told)) for column, told in words.items()]
    parties = [where(run, end, _called(run, reader, sought)) for end in _ENDS]
    return reduce(or_, [*found, *parties, *_named(run, reader, sought)])


def _saying(sought: str, words: Mapping[str, str]) -> Callable[[str], bool]:
    return lambda code: sought in code.casefold() or sought in words.get(code, "")


def _called(run: KeptRun, reader: Reader, sought: str) -> Callable[[str], bool]:
    """Whether a party is called so, as the reader is told of it."""
    tell, names = telling_parties(run, reader), _names(run)
    saying = _saying(sought, {party: name for party, name in names.items() if tell(party) == party})
    return lambda party: saying(tell(party))


def _names(run: KeptRun) -> dict[str, str]:
    parties = pl.scan_parquet(run.file("parties.parquet"), glob=False)
    named = parties.select("party_id", "name").drop_nulls().collect()
    return {party: name.casefold() for party, name in named.iter_rows()}


@cache
def _labels(listing: Listing) -> dict[str, str]:
    entries = load_vocabulary().entries[listing]
    return {code: f"{each.label.zh}\n{each.label.en}".casefold() for code, each in entries.items()}


def _named(run: KeptRun, reader: Reader, sought: str) -> list[pl.Series]:
    """The findings of which this begins the fingerprint, where it could be one."""
    if not _FINGERPRINT.fullmatch(sought) or not reader.may(Role.officer):
        return []
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    begins = scan.select(pl.col("fingerprint").str.starts_with(sought))
    return [begins.collect(engine="streaming").to_series()]
