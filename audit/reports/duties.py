"""The duties of a run as its files tell them: people under keyed pseudonyms, and the counts."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.evaluation.duties import DutyState
from audit.evaluation.duty_rows import in_order
from audit.records.pseudonyms import KEY_FILE, SHOWN_BYTES, digester, pseudonym, pseudonym_key
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from audit.outcome import Audit


class Persons(Enum):
    """How persons are told of where no key is used."""

    REVEALED = "revealed"  # by their own ids, for which somebody asked


# The key under which persons have pseudonyms; without one nobody is told of by any.
Key = bytes | Persons | None
_MARK = "whose key"  # what the key makes of it tells runs of the same key, and nothing else


def imposed(audit: Audit) -> bool:
    """Whether a pack of the run imposes duties at all."""
    return any(not duty.draft for pack in audit.packs for duty in pack.duties)


def key_beside(folder: Path, audit: Audit) -> bytes | None:
    """The key that lies beside this run, made on first use; None where no duty names a person.

    Raises UsageRefused where it cannot be used.
    """
    if not audit.duty_rows.name_persons:
        return None
    return pseudonym_key(folder.absolute().parent / KEY_FILE)


def duty_table(audit: Audit, key: Key) -> pl.DataFrame:
    """The duties as DUTIES, sorted by all columns; without a key nobody's pseudonym is told."""
    return pl.concat(duty_pieces(audit, key))


def duty_pieces(audit: Audit, key: Key) -> Iterator[pl.DataFrame]:
    """The same table in pieces, one at least: all of it at once may be very much."""
    for piece in audit.duty_rows.pieces():
        yield in_order(_told(piece, key))


def _told(duties: pl.DataFrame, key: Key) -> pl.DataFrame:
    if key is Persons.REVEALED:
        return duties
    if key is None:
        return duties.with_columns(
            pl.when(pl.col("subject") == WHOLE_BASE).then("subject").alias("subject")
        )
    return duties.with_columns(_pseudonyms(duties, key))


def _pseudonyms(duties: pl.DataFrame, key: bytes) -> pl.Series:
    persons = _persons(duties)
    digest_of = digester(key)
    told = {each: digest_of(each.encode())[:SHOWN_BYTES].hex() for each in persons}
    return duties["subject"].replace(told)


def _persons(duties: pl.DataFrame) -> pl.Series:
    """Everybody whom a duty is owed to by name."""
    subjects = duties["subject"].drop_nulls().unique()
    return subjects.filter(subjects != WHOLE_BASE)


def duties_told(audit: Audit, key: Key) -> dict[str, Any]:
    """What the manifest says: as of when, how many in which state, and what was missing for it.

    key: the same mark in every run whose pseudonyms were made with the same key.
    """
    found = Counter[tuple[str, str]]()
    for layer, _, state, count in audit.duty_rows.counts.iter_rows():
        found[layer, state] += count
    layers = [layer.value for layer in audit.counts]
    return {
        "as_of": audit.as_of.isoformat() if audit.as_of else None,
        "states": {
            layer: {state.value: found[layer, state.value] for state in DutyState}
            for layer in layers
        },
        "calendar_lacking": list(audit.calendar_lacking),
        "key": mark_of(key) if isinstance(key, bytes) else None,
    }


def mark_of(key: bytes) -> str:
    """What tells this key from others without telling it."""
    return pseudonym(key, _MARK)
