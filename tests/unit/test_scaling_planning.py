"""Shards cover every row once, whatever the files; their cut depends on the files alone."""

import os
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest

from audit.problems import InputRefused
from audit.records.checking import flow_batches
from audit.records.tables import FLOWS
from audit.scaling.planning import planned
from audit.sources.export import Export
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary

FLOW = {
    "operation": "share",
    "purpose": "marketing",
    "sender": "a",
    "recipient": "b",
    "subject_id": "s",
    "data_categories": "phone_number",
    "occurred_at": "2025-01-01T00:00:00Z",
}


def flows(count: int, start: int = 0) -> pl.DataFrame:
    rows = [{"flow_id": f"f{start + number}", **FLOW} for number in range(count)]
    return pl.DataFrame(rows, schema=["flow_id", *FLOW])


def export(folder: Path, groups: int = 10) -> Export:
    pyarrow.parquet.write_table(
        flows(95).to_arrow(), folder / "flows-1.parquet", row_group_size=groups
    )
    flows(7, 95).write_csv(folder / "flows-2.csv")
    return open_export(folder)


def places(export: Export, rows: int) -> list[tuple[str, int, int]]:
    """Every row that the shards read, with the place that it is told at."""
    found = []
    for shard in planned(export, rows):
        own = Export({FLOWS: (shard.file,)}, columns=export.columns)
        for batch in flow_batches(own, load_vocabulary()):
            told = pl.concat(
                [
                    each.select("file", "position", pl.lit(len(each)))
                    for each in (batch.frame, batch.rejected)
                ]
            )
            found += [
                (*place, shard.number) for place in told.select("file", "position").iter_rows()
            ]
    return found


@pytest.mark.parametrize(("rows", "shards"), [(1, 11), (25, 5), (1000, 2)])
def test_shards_cover_every_row_once_and_in_order(tmp_path: Path, rows: int, shards: int) -> None:
    read = places(export(tmp_path), rows)
    assert [place[:2] for place in read] == [
        *(("flows-1.parquet", position) for position in range(1, 96)),
        *(("flows-2.csv", position) for position in range(2, 9)),
    ]
    assert sorted({place[2] for place in read}) == list(range(shards))


def test_a_shard_has_whole_row_groups_until_it_has_rows_enough(tmp_path: Path) -> None:
    shards = planned(export(tmp_path), 25)
    assert [shard.file.groups for shard in shards] == [(0, 3), (3, 6), (6, 9), (9, 10), None]
    assert [shard.rows for shard in shards] == [30, 30, 30, 5, None]
    assert len({shard.file.sha256 for shard in shards}) == 2


def test_a_file_without_rows_is_a_shard(tmp_path: Path) -> None:
    flows(0).write_parquet(tmp_path / "flows.parquet")
    assert [shard.rows for shard in planned(open_export(tmp_path))] == [0]


def test_a_file_cut_short_before_it_is_planned_is_refused(tmp_path: Path) -> None:
    found = export(tmp_path)
    file = tmp_path / "flows-1.parquet"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(InputRefused, match="file-changed"):
        planned(found)


def test_a_file_damaged_without_a_trace_before_it_is_planned_is_refused(tmp_path: Path) -> None:
    found = export(tmp_path)
    file = tmp_path / "flows-1.parquet"
    (sound, _) = found.files(FLOWS)
    assert sound.state
    size, written = sound.state
    file.write_bytes(bytes(size))
    os.utime(file, ns=(written, written))
    with pytest.raises(InputRefused, match="file-damaged"):
        planned(found)
