"""People under keyed pseudonyms, a million at a time."""

import re

import polars as pl

from audit.records.pseudonyms import SHOWN_BYTES, digester, pseudonym
from audit.vocabulary import WHOLE_BASE

EVERYBODY = 0  # the number of the whole customer base
_PERSON_BYTES = 8
_SPELLING = re.compile(f"[0-9a-f]{{{2 * SHOWN_BYTES}}}")


def named(key: bytes, subjects: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The pseudonym of each subject, and the number that it begins with; the whole base has 0.

    People are told apart by their numbers, which is quicker.
    """
    distinct = subjects.unique()
    digest_of = digester(key)
    digests = pl.Series([digest_of(name.encode()) for name in distinct], dtype=pl.Binary)
    start = pl.col("digest").bin
    person = start.slice(0, _PERSON_BYTES).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    plain = pl.when(pl.col("of") != WHOLE_BASE)
    told = pl.DataFrame({"of": distinct, "digest": digests}).select(
        "of",
        subject=plain.then(start.slice(0, SHOWN_BYTES).bin.encode("hex")).otherwise("of"),
        person=plain.then(person).otherwise(pl.lit(EVERYBODY, pl.UInt64)),
    )
    found = subjects.to_frame("of").join(
        told, on="of", how="left", validate="m:1", maintain_order="left"
    )
    return found["subject"], found["person"]


def person_of(subject: str) -> int:
    """The number that a pseudonym begins with."""
    return EVERYBODY if subject == WHOLE_BASE else int(subject[: 2 * _PERSON_BYTES], 16)


def spelled_as_pseudonym(subject: str) -> bool:
    """Whether this could be a pseudonym."""
    return _SPELLING.fullmatch(subject) is not None


def pseudonyms_of(key: bytes, subject: str) -> tuple[str, ...]:
    """The pseudonyms of whom somebody means who writes this: a pseudonym, or the id itself."""
    if spelled_as_pseudonym(subject):
        return subject, pseudonym(key, subject)
    return (pseudonym(key, subject),)
