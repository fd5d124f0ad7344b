"""What duties are looked for in, shared out by whom they are owed to: few persons at a time.

An event of a person asks for acts of that person and of nobody by name; an event of nobody asks for
acts of anybody. So a share of persons has beside its own what names nobody, and nobody's has all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from audit.evaluation import nameless
from audit.evaluation.acting import is_nobody
from audit.evaluation.nameless import Heap, Nameless
from audit.evaluation.ordered import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.evaluation.owed import Owed
    from audit.evaluation.seen import Seen
    from audit.evaluation.watching import Watching

MOST = 128 << 20  # packed bytes of flows that are gone through at once
_FEW = 24 << 20  # of which all are unpacked once, and not anew for every duty
_PARTS = 8  # where there are more, a share has so much less of them
_ROWS = 1 << 17  # flows that are shared out at a time
_NOBODY = -1


class Whom(StrEnum):
    """Whose duties are told."""

    ANYBODY = "anybody"
    PERSONS = "persons"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Share:
    """The flows that raise duties of some, and all that may fulfil them."""

    whom: Whom
    raising: Seen
    fulfilling: Seen
    rows: Owed

    def of(self, events: pl.DataFrame) -> pl.DataFrame:
        """Those of these events that are of the share."""
        match self.whom:
            case Whom.ANYBODY:
                return events
            case Whom.PERSONS:
                return events.filter(~is_nobody("subject"))
            case Whom.NOBODY:
                return events.filter(is_nobody("subject"))


def shares(watching: Watching, rows: Owed) -> Iterator[Share]:
    """Everything in one share where it is little, else in as many as keep each one little."""
    size, seen = watching.kept.size, watching.seen
    if size <= MOST:
        kept = [*watching.kept] if size <= _FEW else watching.kept
        everything = replace(seen, kept=(kept,))
        yield Share(Whom.ANYBODY, everything, everything, rows)
        return
    count = 1 + _PARTS * size // max(MOST, 1)
    heaps = _shared_out(watching.kept, count)
    nobody = heaps.pop(_NOBODY)
    for number, heap in heaps.items():
        own = [*heap]  # duty by duty they are asked again
        raising, fulfilling = replace(seen, kept=(own,)), replace(seen, kept=(own, nobody))
        yield Share(Whom.PERSONS, raising, fulfilling, _rows_of(rows, number, count))
    yield Share(Whom.NOBODY, replace(seen, kept=(nobody,)), seen, rows)


def _shared_out(flows: Heap, count: int) -> dict[int, Heap]:
    """The flows of each share, in one file; raises OSError where the disk has no room for them."""
    file, most = Nameless(), nameless.MOST // (4 * count)
    heaps = {number: Heap(most, file=file) for number in (_NOBODY, *range(count))}
    for some in cut(iter(flows), _ROWS):
        told = some.with_columns(share=_share("subject_id", count))
        parts = told.partition_by("share", include_key=False, as_dict=True)
        for (number,), part in parts.items():
            heaps[int(number)].add(part)
    return heaps


def _rows_of(rows: Owed, number: int, count: int) -> Owed:
    """What the registers say of the persons of a share, and of nobody by name."""
    asked = _share("subject_id", count).is_in([number, _NOBODY])
    return type(rows)(rows.consents.filter(asked), rows.evidence.filter(asked))


def _share(column: str, count: int) -> pl.Expr:
    """The number of each person's share."""
    number = (pl.col(column).hash() % count).cast(pl.Int64)
    return pl.when(is_nobody(column)).then(_NOBODY).otherwise(number)
