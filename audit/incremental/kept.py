"""What is kept of a file of flows: what was read of it, and apart from that what was judged.

The rows rest on the file alone, the judgement on the registers, too: where these change, the rows
stay as they lie, and the judgement of a file is kept anew if some of its flows were touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.evaluation.judgement import CODES
from audit.keeping.entry import Damaged
from audit.records.checking import CheckedFile, FlowBatch
from audit.records.rejecting import ID
from audit.records.tables import FLOWS, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from audit.keeping.entry import Entry
    from audit.records.notices import Noticed
    from audit.sources.export import InputFile

    Numbers = NDArray[np.uint32]

INDEX, TOLD, SIGNATURES = "index", "told", "signatures"
KEPT, SIGNED = "kept", "signed"  # of a kept row: the place of its file, the number of its signature
SET, CATEGORIES, FLOW_ID = "set", "data_categories", "flow_id"
ROWS = tuple(
    column.name for column in table(FLOWS).columns if column.name not in {FLOW_ID, CATEGORIES}
)


@dataclass(frozen=True)
class Index:
    """What a run left: under which registers, and of each file (by key) its rows and judgement."""

    registers: str
    files: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class FileTold:
    """What is told of a file besides its valid rows.

    sets: the sets of data categories, and by `set_numbers` how rows name them. excluded: the ids
    that were rejected because another row, of this file or another, carries them.
    """

    input: InputFile
    noticed: Noticed
    rejected: pl.DataFrame
    excluded: frozenset[str]
    batches: int
    set_numbers: Numbers
    sets: pl.Series


@dataclass(frozen=True)
class Signatures:
    """The signatures of a file's flows: number, set of categories, and what `Signing` says of each.

    program: a digest of the conditions whose bits these are.
    """

    program: str
    numbers: Numbers
    sets: pl.Series
    said: pl.Series  # bytes: the claim, then category by category the conditions


@dataclass(frozen=True)
class Judged:
    """What was judged of a batch; few flows have inferred evidence, or consents that carry them."""

    signatures: Numbers
    inferred_at: NDArray[np.int64]
    inferred: pl.Series
    consents_at: NDArray[np.int64]
    consents: pl.Series

    @classmethod
    def of(cls, flows: pl.DataFrame) -> Judged:
        """The same of a frame with `signature`, `inferred` and `consents` of each flow."""
        inferred, consents = flows["inferred"], flows["consents"]
        proven = inferred.is_not_null().arg_true().to_numpy().astype(np.int64)
        carried = (consents.list.len() > 0).arg_true().to_numpy().astype(np.int64)
        signatures = flows["signature"].to_numpy().astype(np.uint32)
        return cls(signatures, proven, inferred.gather(proven), carried, consents.gather(carried))

    @property
    def columns(self) -> dict[str, pl.Series]:
        """A cell for each flow."""
        size = len(self.signatures)
        proven = pl.Series(_places(size, self.inferred_at, -1)).replace(-1, None)
        nobody = pl.Series([[]], dtype=CODES)
        consents = pl.concat([self.consents.cast(CODES).alias(""), nobody])
        carried = _places(size, self.consents_at, len(self.consents))
        return {
            SIGNED: pl.Series(self.signatures),
            "inferred": self.inferred.cast(pl.String).gather(proven),
            "consents": consents.gather(carried),
        }


def _places(size: int, at: NDArray[np.int64], other: int) -> NDArray[np.int64]:
    places = np.full(size, other, dtype=np.int64)
    places[at] = np.arange(len(at))
    return places


@dataclass(frozen=True)
class KeptFile:
    """A file of flows as an earlier run left it; raises Damaged where that is not what was kept."""

    place: int
    names: tuple[str, str]
    rows: Entry
    judged: Entry
    told: FileTold = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", _read(self.rows, TOLD, FileTold))

    def fits(self, exclude: frozenset[str]) -> bool:
        """Whether just those of its ids are repeated now that were then."""
        repeated = pl.Series(sorted(exclude), dtype=pl.String).implode()
        found = (ids.filter(ids.is_in(repeated)) for ids in self.ids()) if exclude else ()
        return frozenset(each for ids in found for each in ids) == self.told.excluded

    def checked(self) -> CheckedFile:
        """What reading it once more would give."""
        return CheckedFile(self.told.input, self.told.noticed, self.batches, self.ids)

    def ids(self) -> Iterator[pl.Series]:
        """The ids of all records that have one."""
        for number in range(self.told.batches):
            yield _read(self.rows, f"ids {number}", pl.Series).alias(FLOW_ID)
        yield self.told.rejected[ID].drop_nulls().alias(FLOW_ID)

    def batches(self) -> Iterator[FlowBatch]:
        """Its valid flows with what was judged of them, and the rejected ones."""
        rejected = self.told.rejected
        for number in range(self.told.batches):
            yield FlowBatch(self._frame(number), rejected)
            rejected = rejected.clear()

    def signatures(self) -> Signatures:
        """The signatures of its flows."""
        found: Signatures = _read(self.judged, SIGNATURES, Signatures)
        return found

    def _frame(self, number: int) -> pl.DataFrame:
        rows: pl.DataFrame = _read(self.rows, f"rows {number}", pl.DataFrame)
        judged = _read(self.judged, f"judged {number}", Judged)
        ids = _read(self.rows, f"ids {number}", pl.Series)
        if not len(ids) == rows.height == len(judged.signatures):
            raise Damaged
        sets = looked_up(self.told.set_numbers, rows[SET].to_numpy())
        return rows.with_columns(
            ids.alias(FLOW_ID),
            pl.Series(SET, sets, dtype=pl.UInt32),
            self.told.sets.cast(CODES).gather(sets).alias(CATEGORIES),
            *(cells.alias(name) for name, cells in judged.columns.items()),
            pl.lit(self.place, pl.UInt32).alias(KEPT),
        )


def _read(entry: Entry, part: str, kind: type) -> Any:  # noqa: ANN401 - of that kind
    value = entry.read(part, {})
    if not isinstance(value, kind):
        raise Damaged
    return value


def looked_up(numbers: Numbers, wanted: Numbers) -> NDArray[np.int64]:
    """The place of each wanted number among these, which are in order; Damaged if it has none."""
    places = np.searchsorted(numbers, wanted)
    if places.max(initial=-1) >= len(numbers) or not (numbers[places] == wanted).all():
        raise Damaged
    return places
