"""What a run leaves on the shelf, so that a later one need not judge the same flows again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.judgement import CODES
from audit.incremental.kept import CATEGORIES, INDEX, FileTold, Index
from audit.incremental.recording import Recorded
from audit.incremental.spooling import Spool
from audit.keeping.key import key_of_flows, key_of_run
from audit.outcome import FLOWS, digest
from audit.records.rejecting import ID, REJECTED
from audit.records.tables import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.asking import Setting
    from audit.evaluation.judging import Judging
    from audit.facts.pairs import Places
    from audit.incremental.kept import KeptFile
    from audit.keeping.shelf import Shelf
    from audit.passing import Pass


@dataclass
class Leaving:
    """The files of flows that a run judges, one after another, as it keeps them.

    Of a file that is kept already, nothing is written unless some flow of it was judged anew.
    """

    setting: Setting
    shelf: Shelf | None
    taken: Mapping[str, KeptFile] = field(default_factory=dict)  # by name
    touched: bool = False  # some flow of those may be judged anew
    recorded: dict[str, Recorded] = field(default_factory=dict)

    def hear(
        self, name: str, rows: tuple[pl.DataFrame, Places] | None, told: pl.DataFrame, *, anew: bool
    ) -> None:
        """A batch of a file was judged, as `Replaying` tells it."""
        if self.shelf is None or (rows is None and not self.touched):
            return
        if name not in self.recorded:
            self.recorded[name] = Recorded(None if rows is None else Spool())
        self.recorded[name].add(rows, told, anew=anew)

    def leave(self, run: str, judging: Judging, flows: Pass, exclude: frozenset[str]) -> bool:
        """Lay what is new on the shelf, and what goes with the run; false where it cannot be."""
        registers = self.setting.known.key
        if self.shelf is None or registers is None:
            return False
        export, packs = self.setting.export, self.setting.packs
        files: dict[str, tuple[str, str]] = {}
        for file, told in zip(export.files(FLOWS), _told(flows, exclude), strict=True):
            key = key_of_flows(export, file, packs, told.input.sha256)
            names = self._laid(key, registers, told, judging)
            files |= {key: names} if names else {}
        index = Spool()
        index.add(INDEX, Index(registers, files))
        return index.put(self.shelf, key_of_run(run))

    def _laid(
        self, key: str, registers: str, told: FileTold, judging: Judging
    ) -> tuple[str, str] | None:
        """Under which names the file lies on the shelf; None where it does not."""
        kept, recorded = self.taken.get(told.input.name), self.recorded.get(told.input.name)
        if kept is not None and not (recorded and recorded.anew):
            return kept.names
        if recorded is None or self.shelf is None:
            return None  # no row of it is valid
        rows = kept.names[0] if kept else digest(["rows", key, sorted(told.excluded)])
        names = rows, digest(["judged", rows, registers])
        return names if recorded.put(judging, self.shelf, names, told) else None


def _told(flows: Pass, exclude: frozenset[str]) -> Iterator[FileTold]:
    """What is told of each file, in their order, but for its batches and sets."""
    rejected = pl.concat([pl.DataFrame(schema=REJECTED), *flows.rejected])
    nothing = np.zeros(0, dtype=np.uint32), pl.Series(CATEGORIES, [], dtype=CODES)
    for read, noticed in zip(flows.batches.inputs, flows.batches.noticed, strict=True):
        own = rejected.filter(pl.col(FILE) == read.name)
        excluded = frozenset(own[ID].drop_nulls()) & exclude
        yield FileTold(read, noticed, own, excluded, 0, *nothing)
