"""The flows of an export cut into shards; the cut depends on the files and on nothing else.

A shard is a file, or neighbouring row groups of one file of Parquet: what a worker is told is where
to read, never the rows. That the cut does not know how many workers there are is what makes the
same bytes come out whatever their number.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet

from audit.problems import InputRefused, Problem
from audit.records.tables import FLOWS
from audit.sources.export import Export, Format, TableFile
from audit.sources.reading import digest, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHARD_ROWS = 1_000_000  # rows a shard has at least, but for the last one of a file


@dataclass(frozen=True)
class Shard:
    """Some flows of one file, as it was when the shards were cut."""

    number: int
    file: TableFile
    rows: int | None  # None where only reading tells


def planned(export: Export, rows: int = SHARD_ROWS) -> tuple[Shard, ...]:
    """The shards of the flows, in the order of the files and of their rows.

    Each knows the digest of its whole file. Raises InputRefused where a file cannot be read.
    """
    found = (each for file in export.files(FLOWS) for each in _of_file(file, rows))
    return tuple(replace(shard, number=number) for number, shard in enumerate(found))


def _of_file(file: TableFile, wanted: int) -> Iterator[Shard]:
    with _blaming(file):
        whole = replace(file, state=state(file), sha256=digest(file), held=None)
        groups = _group_rows(file) if file.format is Format.parquet else None
    if groups is None:
        yield Shard(0, whole, file.rows)
        return
    for first, end in pairwise(_cuts(groups, wanted)):
        yield Shard(0, replace(whole, groups=(first, end)), sum(groups[first:end]))


@contextmanager
def _blaming(file: TableFile) -> Iterator[None]:
    """Refuse the input on account of this file where it cannot be read."""
    try:
        yield
    except FileNotFoundError as fault:
        raise InputRefused(Problem("file-missing", {"file": file.name})) from fault
    except PermissionError as fault:
        raise InputRefused(Problem("file-forbidden", {"file": file.name})) from fault
    except (pa.ArrowException, OSError) as fault:
        raise InputRefused(Problem("file-damaged", {"file": file.name})) from fault


def _group_rows(file: TableFile) -> list[int]:
    """The rows of each row group."""
    with pa.OSFile(str(file.path)) as source:
        footer = pyarrow.parquet.ParquetFile(source).metadata
        return [footer.row_group(place).num_rows for place in range(footer.num_row_groups)]


def _cuts(groups: Sequence[int], wanted: int) -> list[int]:
    """Where shards begin among row groups, and where the last one ends; there is one at least."""
    cuts, held = [0], 0
    for place, size in enumerate(groups, start=1):
        held += size
        if held >= wanted and place < len(groups):
            cuts.append(place)
            held = 0
    return [*cuts, len(groups)]
