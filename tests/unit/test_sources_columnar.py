"""Parquet: a good file, and one for each way in which it can be bad."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from audit.problems import InputRefused
from audit.records.tables import table
from audit.sources import columnar, confined
from audit.sources.export import Format, TableFile
from audit.sources.vetting import vetted
from tests.reading import refusal, told

TEXT = {"party_id": ["a", "b"], "name": ["甲", None], "role": ["carrier", "carrier"]}
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "parties.parquet"


def write(file: Path, columns: dict[str, Any], **how: Any) -> None:  # noqa: ANN401 - Arrow's options
    pyarrow.parquet.write_table(pa.table(columns), file, **how)


def test_text_lists_and_places(file: Path) -> None:
    write(file, {**TEXT, "purposes": [["a", None], []], "colour": [1, 2]})
    assert told(file).rows == [
        {"position": 1, "party_id": "a", "name": "甲", "role": "carrier", "purposes": ["a", None]},
        {"position": 2, "party_id": "b", "name": None, "role": "carrier", "purposes": []},
    ]
    assert told(file).notices == {"columns-unread"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["x", None]), ["x", None]),
        (pa.array(["x", None], pa.large_string()), ["x", None]),
        (pa.array(["x", "y"]).dictionary_encode(), ["x", "y"]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([Decimal("1.50"), None]), ["1.50", None]),
        (pa.array([dt.date(2025, 3, 1), None]), ["2025-03-01", None]),
        (
            pa.array([2**31 - 1, None], pa.int32()).cast(pa.date32()),
            ["<value out of range: 2147483647>", None],
        ),
        (pa.array([2**64 - 1, None], pa.uint64()), ["18446744073709551615", None]),
        (pa.array([7, None], pa.int8()), [7, None]),
        (pa.array([0.5, None], pa.float32()), [0.5, None]),
        (pa.nulls(2), [None, None]),
    ],
    ids=str,
)
def test_values_become_text_or_numbers(file: Path, values: pa.Array, expected: list[Any]) -> None:
    write(file, {**TEXT, "licence": values})
    assert told(file).column("licence") == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+08:00", "Asia/Shanghai"])
def test_times_stay_times(file: Path, unit: str, zone: str | None) -> None:
    moment = dt.datetime(2025, 3, 1, 8, 30, tzinfo=CHINA if zone else None)
    write(file, {**TEXT, "agreement_from": pa.array([moment, None], pa.timestamp(unit, zone))})
    assert told(file).column("agreement_from") == [moment, None]


def test_the_end_of_the_calendar_survives_the_old_timestamps(file: Path) -> None:
    """As Spark writes them: in 96 bits, which as nanoseconds would wrap around to 1816."""
    until = dt.datetime(9999, 12, 31)  # noqa: DTZ001 - a file that names no zone
    write(file, {**TEXT, "agreement_until": [until, None]}, use_deprecated_int96_timestamps=True)
    assert told(file).column("agreement_until") == [until, None]


@pytest.mark.parametrize(("unit", "count"), [("s", 2**40), ("ms", -(2**62)), ("us", 2**62)])
def test_times_beyond_the_calendar_are_text(file: Path, unit: str, count: int) -> None:
    times = pa.array([count, 0], pa.int64()).cast(pa.timestamp(unit))
    write(file, {**TEXT, "agreement_from": times}, version="2.6", coerce_timestamps=None)
    assert all(isinstance(cell, str) for cell in told(file).column("agreement_from"))


@pytest.mark.parametrize(
    "values",
    [
        [{"a": 1}, None],
        [b"a", None],
        [dt.time(1), None],
        [dt.timedelta(1), None],
        [["a"], None],
    ],
    ids=str,
)
def test_a_type_that_says_nothing_is_refused_by_column(file: Path, values: list[Any]) -> None:
    write(file, {**TEXT, "licence": values})
    assert refusal(file) == {"code": "column-type", "file": "parties.parquet", "column": "licence"}


def test_a_list_column_takes_lists_or_text_yet_to_be_split(file: Path) -> None:
    write(file, {**TEXT, "purposes": ["a;b", None]})
    assert told(file).column("purposes") == ["a;b", None]
    write(file, {**TEXT, "purposes": [[["a"]], None]})
    assert refusal(file)["code"] == "column-type"


def test_columns_of_few_values_are_told_with_these(file: Path) -> None:
    ids = [f"{number:07}" for number in range(2000)]
    columns = {"party_id": ids, "name": ["x", "y"] * 1000, "role": ["甲", None] * 1000}
    write(file, columns, row_group_size=500)
    (batch, *_) = told(file, vetted=True).batches
    assert sorted(batch.distinct["name"]) == ["x", "y"]
    assert batch.distinct["role"].to_list() == ["甲"]
    assert bytes(batch.letters["party_id"]) == "".join(batch.frame["party_id"]).encode()
    for vetted_first in (True, False):
        assert told(file, vetted=vetted_first).column("party_id") == ids
        assert told(file, vetted=vetted_first).column("role") == ["甲", None] * 1000


def test_batches_cover_every_row_group(file: Path) -> None:
    pl.select(
        party_id=pl.int_range(600_000).cast(pl.String), name=pl.lit("x"), role=pl.lit("y")
    ).write_parquet(file, row_group_size=90_000)
    read = told(file)
    assert max(batch.rows for batch in read.batches) <= 250_000
    assert read.column("position") == list(range(1, 600_001))
    assert read.column("party_id") == [str(number) for number in range(600_000)]


def test_memory_does_not_grow_with_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.select(party_id=pl.int_range(200_000).cast(pl.String), role=pl.lit("y"))
    names = rows["party_id"].hash(seed=1).cast(pl.String) + rows["party_id"].hash(seed=2).cast(
        pl.String
    )
    rows.with_columns(name=names).write_parquet(file, row_group_size=10_000)
    monkeypatch.setattr(columnar, "BATCH_ROWS", 10_000)
    known, before = (
        TableFile("parties", file, Format.parquet, "p", few=()),
        pa.total_allocated_bytes(),
    )
    used = [pa.total_allocated_bytes() for _ in columnar.read(known, table("parties").layout({}))]
    assert max(used) - before < file.stat().st_size // 2


def test_text_that_is_no_utf8_is_refused(file: Path) -> None:
    names = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    write(file, {**TEXT, "name": names}, store_schema=False)
    assert refusal(file)["code"] == "file-damaged"


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"party_id,name\n"]
)
def test_what_is_no_parquet_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert refusal(file)["code"] == "file-damaged"
    assert refusal(file, vetted=True)["code"] == "file-damaged"


def test_one_child_looks_at_all_footers_and_blames_the_right_file(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number in range(4)]
    for file in files:
        write(file, TEXT)
    files[2].write_bytes(files[2].read_bytes()[:-20])
    found = [TableFile("parties", file, Format.parquet, file.name) for file in files]
    with pytest.raises(InputRefused) as refused:
        vetted(found)
    assert refused.value.problems[0].facts == {"file": "2.parquet"}
    assert [file.few for file in vetted(found[:2])] == [(), ()]


def test_a_child_that_dies_is_a_refusal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, TEXT)
    monkeypatch.setattr(confined, "_START", "import os; os.abort() # {module}")
    assert refusal(file, vetted=True)["code"] == "file-overwhelms"
