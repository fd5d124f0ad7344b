"""Writing a journal: one pass over the flows of the export, joined with what was said of each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Event
from typing import TYPE_CHECKING

import polars as pl
from pyarrow import parquet

from audit.casework.naming import named
from audit.evaluation.judgement import INSTANT
from audit.problems import InputRefused, Problem
from audit.records.checking import flow_batches
from audit.running import Progress, Request, Stage, Tell
from audit.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from audit.casework.workspace import KeptRun
    from audit.publishing import Writer

SHAPE = ("sender", "recipient", "operation", "purpose", "basis", "channel", "data_categories")
_APART = ("flow_id", "inferred", "consents")  # columns of verdicts that differ flow by flow
_ROWS = 131_072  # of verdicts at a time
_GROUP_ROWS = 65_536  # of the journal's row groups: a page reads one
_READ = {
    "flow_id": pl.String(),
    "occurred_at": INSTANT,
    "subject": pl.String(),
    "person": pl.UInt64(),
    "shape": pl.UInt32(),
    "evidence_id": pl.String(),
    "records": pl.Int64(),
}


@dataclass
class Numbering:
    """Distinct rows of some columns, each under a number of its own; grows as they are met."""

    name: str
    known: pl.DataFrame = field(default_factory=pl.DataFrame)

    def numbers(self, rows: pl.DataFrame) -> pl.Series:
        """The number of each row; equal rows have the same, nulls included."""
        columns = rows.columns
        distinct = rows.unique(maintain_order=True)
        fresh = self._unmet(distinct) if self.known.width else distinct
        added = fresh.with_row_index(self.name, self.known.height)
        self.known = pl.concat([self.known, added]) if self.known.width else added
        told = rows.join(
            self.known,
            on=columns,
            how="left",
            nulls_equal=True,
            validate="m:1",
            maintain_order="left",
        )
        return told[self.name]

    def _unmet(self, distinct: pl.DataFrame) -> pl.DataFrame:
        return distinct.join(
            self.known, on=distinct.columns, how="anti", nulls_equal=True, maintain_order="left"
        )


@dataclass
class Draft:
    """A journal under way; its writers may be called at once, the flows no later than the rest."""

    run: KeptRun
    request: Request
    key: bytes = field(repr=False)
    tell: Tell
    shapes: Numbering = field(default_factory=lambda: Numbering("shape"))
    said: Numbering = field(default_factory=lambda: Numbering("said"))
    numbered: Event = field(default_factory=Event, repr=False)

    @property
    def writers(self) -> Mapping[str, Writer]:
        """The files and what writes them: the flows first, which number the rest."""
        return {
            "flows.parquet": self._write_flows,
            "said.parquet": partial(self._write_numbered, self.said),
            "shapes.parquet": partial(self._write_numbered, self.shapes),
        }

    def _write_numbered(self, numbering: Numbering, path: Path) -> None:
        """What the flows numbered, once they are through, for better or worse."""
        self.numbered.wait()
        write_private(numbering.known, path)

    def _write_flows(self, path: Path) -> None:
        try:
            self._write_by_parts(path)
        finally:
            self.numbered.set()

    def _write_by_parts(self, path: Path) -> None:
        parts = path.with_name("parts")
        parts.mkdir(mode=0o700)
        try:
            self._write_parts(parts)
            self._join_into(path, parts)
        finally:
            shutil.rmtree(parts, ignore_errors=True)
        self._demand_all(parquet.read_metadata(path).num_rows)

    def _write_parts(self, parts: Path) -> None:
        """Every valid flow of the export, batch by batch."""
        write_private(pl.DataFrame(schema=_READ), parts / "0.parquet")
        request, rows = self.request, 0
        batches = flow_batches(request.open(), load_vocabulary())
        for number, batch in enumerate(batches, start=1):
            write_private(self._unnamed(batch.frame), parts / f"{number}.parquet")
            rows += batch.frame.height + batch.rejected.height
            self.tell(Progress(Stage.FLOWS, rows))
        self._refuse_changed({file.name: file.sha256 for file in batches.inputs})

    def _unnamed(self, flows: pl.DataFrame) -> pl.DataFrame:
        """The flows of a batch as the journal keeps them, but for what was said of them."""
        subject, person = named(self.key, flows["subject_id"])
        text = pl.col(pl.Categorical).cast(pl.String)  # as some files are read
        shape = self.shapes.numbers(flows.select(SHAPE).with_columns(text))
        told = flows.with_columns(subject.alias("subject"), person.alias("person"), shape)
        return told.select(pl.col(name).cast(kind) for name, kind in _READ.items())

    def _join_into(self, path: Path, parts: Path) -> None:
        """The flows that were judged, each with what was said of it, in the order of time."""
        make_private(path)
        read = pl.scan_parquet([*parts.iterdir()], glob=False)
        judged = read.join(self._verdicts.lazy(), on="flow_id", how="inner", validate="m:1")
        judged.sort("occurred_at", "flow_id").sink_parquet(
            path, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS
        )

    @cached_property
    def _verdicts(self) -> pl.DataFrame:
        """What was said of each flow, as a number, beside what is its own."""
        scan = pl.scan_parquet(self.run.file("verdicts.parquet"), glob=False)
        rows = scan.select(pl.len()).collect().item()
        parts = []
        for start in range(0, max(rows, 1), _ROWS):
            part = scan.slice(start, _ROWS).collect()
            said = self.said.numbers(part.select(pl.exclude(_APART)))
            parts.append(part.select(_APART).with_columns(said))
        return pl.concat(parts)

    def _refuse_changed(self, digests: Mapping[str, str]) -> None:
        """The files as they were when they were read, not only when they were looked at."""
        said = {each["name"]: each["digest"] for each in self.run.manifest["inputs"]}
        if changed := sorted(name for name, found in digests.items() if said.get(name) != found):
            raise InputRefused(*(Problem("recall-changed", {"name": name}) for name in changed))

    def _demand_all(self, rows: int) -> None:
        judged = self.run.manifest["rows"]["flows"]["judged"]
        if rows != judged:
            raise InputRefused(Problem("journal-incomplete", {"found": rows, "judged": judged}))


def write_private(table: pl.DataFrame, path: Path) -> None:
    """Write the table to a file that its owner alone may read."""
    make_private(path)
    table.write_parquet(path, compression_level=1)


def make_private(path: Path) -> None:
    """An empty file that its owner alone may read; what is written to it later stays so."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
