"""A table in the parts of a folder: all alike, all whole, and no folder's name believed."""

import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from audit.problems import InputRefused
from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables

PART = "operation={}/part-{}.parquet"


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """The example, flows as a partitioned folder whose parts have several row groups."""
    for name, file in EXAMPLE.items():
        if name != "flows":
            shutil.copy(file, tmp_path)
    for number, rows in enumerate(example_tables(lists=True)["flows"].iter_slices(40)):
        place = tmp_path / "flows" / PART.format("share" if number % 2 else "collect", number)
        place.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(rows.to_arrow(), place, row_group_size=7)
    (tmp_path / "flows" / "_SUCCESS").touch()
    return tmp_path


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "flows").rglob("*.parquet"))


def test_a_partitioned_folder_is_judged_as_one_file(parted: Path) -> None:
    assert len(parts(parted)) > 2
    assert audited(parted) == audited(EXAMPLE["flows"].parent)


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "say operation (as in column=value)"), ("zh", "文件夹名中写有 operation")],
)
def test_what_the_folders_names_say_is_not_believed_and_said(
    parted: Path, language: str, told: str
) -> None:
    done = command("check", parted, "--lang", language)
    assert told in done.out + done.err


def test_a_column_that_only_folders_have_is_lacking(parted: Path) -> None:
    for part in parts(parted):
        pl.read_parquet(part, hive_partitioning=False).drop("operation").write_parquet(part)
    done = command("check", parted, "--lang", "en")
    assert done.code == 3
    assert "flows/operation=collect/part-0.parquet lacks required columns: operation" in done.err


def test_a_part_cut_short_in_the_middle_is_named(parted: Path) -> None:
    part = parts(parted)[1]
    part.write_bytes(part.read_bytes()[:-100])
    done = command("run", parted, "--out", parted / "run", "--lang", "en")
    assert done.code == 3
    assert f"flows/{part.relative_to(parted / 'flows')} is damaged or cut short" in done.err
    assert not (parted / "run").exists()


def test_a_part_spoilt_inside_is_named_and_publishes_nothing(parted: Path) -> None:
    """The footer is whole, so it is found only while the part's pages are read."""
    part = parts(parted)[1]
    content = bytearray(part.read_bytes())
    content[4:400] = bytes(396)
    part.write_bytes(content)
    done = command("run", parted, "--out", parted / "run", "--lang", "en")
    assert done.code == 3
    assert f"flows/{part.relative_to(parted / 'flows')} is damaged or cut short" in done.err
    assert not (parted / "run").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows.drop("basis"), "basis"),
        (lambda rows: rows.with_columns(note=pl.lit("x")), "note"),
        (lambda rows: rows.with_columns(pl.lit(1).alias("records")), "records"),
    ],
    ids=["lacking", "added", "another kind"],
)
def test_a_part_of_another_schema_is_named(parted: Path, change: object, told: str) -> None:
    part = parts(parted)[2]
    rows = pl.read_parquet(part, hive_partitioning=False)
    change(rows).write_parquet(part)  # type: ignore[operator]
    with pytest.raises(InputRefused) as refusal:
        open_export(parted)
    (problem,) = refusal.value.problems
    assert problem.code == "part-unlike"
    assert problem.facts["file"] == f"flows/{part.relative_to(parted / 'flows')}"
    assert problem.facts["columns"] == told


def test_a_part_in_which_a_column_is_empty_is_like_the_others(parted: Path) -> None:
    part = parts(parted)[0]
    rows = pl.read_parquet(part, hive_partitioning=False).to_arrow()
    place = rows.schema.get_field_index("evidence_id")
    empty = rows.set_column(place, "evidence_id", pa.nulls(len(rows)))
    pyarrow.parquet.write_table(empty, part)
    assert open_export(parted).files("flows")
