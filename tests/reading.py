"""Files read the way the audit reads them, and what came of it in plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.problems import InputRefused
from audit.records.tables import table
from audit.sources.export import TableFile, format_of
from audit.sources.raw import RawBatch
from audit.sources.reading import read


@dataclass(frozen=True)
class Told:
    """What reading a file gave: cells by row, where and why records were spoiled, notices."""

    batches: Sequence[RawBatch]

    @property
    def rows(self) -> list[dict[str, Any]]:
        frames = [batch.frame for batch in self.batches if batch.frame.height]
        return pl.concat(frames, how="diagonal_relaxed").to_dicts() if frames else []

    @property
    def spoiled(self) -> dict[int, str]:
        found = (each for batch in self.batches for each in batch.spoiled)
        return {record.position: record.problem.code for record in sorted(found, key=_place)}

    @property
    def notices(self) -> set[str]:
        return {notice.code for batch in self.batches for notice in batch.notices}

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def _place(record: Any) -> int:  # noqa: ANN401 - a spoiled record
    return int(record.position)


def told(
    path: Path, name: str = "parties", *, sheet: str | None = None, vetted: bool = False
) -> Told:
    """What the file says as a table of this name; `vetted` lets a child look at it first."""
    kind = format_of(path)
    assert kind is not None
    layout = table(name).layout({})
    file = TableFile(name, path, kind, path.name, sheet, None if vetted else ())
    return Told(list(read(file, layout)))


def refusal(
    path: Path, name: str = "parties", *, sheet: str | None = None, vetted: bool = False
) -> Mapping[str, Any]:
    """The facts of the one problem for which the file is refused, with its `code`."""
    try:
        told(path, name, sheet=sheet, vetted=vetted)
    except InputRefused as refused:
        (problem,) = refused.problems
        return {"code": problem.code, **problem.facts}
    raise AssertionError(f"{path.name} was not refused")
