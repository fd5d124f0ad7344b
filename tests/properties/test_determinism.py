"""The same inputs give the same bytes, whatever surrounds the run and however rows are laid out.

The real command runs in processes of their own: the seed of hashes and the number of threads are
fixed when a process starts.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest

from tests import generate
from tests.commanding import HOUSE, child
from tests.exporting import Export, Form
from tests.generate import Tables

EXAMPLE = HOUSE / "examples" / "small_carrier"
FORMATS = (
    "csv",
    "json",
    "graphml",
    "html",
    "junit",
    "ropa",
    "ropa-html",
    "ropa-jsonld",
    "sarif",
    "workpaper",
    "xlsx",
)
TABLES = tuple(
    f"{name}.parquet"
    for name in (
        "verdicts",
        "edges",
        "findings",
        "clause_counts",
        "party_counts",
        "relation_counts",
        "stream_counts",
        "signatures",
        "duties",
        "flow_signatures",
    )
)
SURROUNDINGS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "0", "POLARS_MAX_THREADS": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "2", "TZ": "America/New_York", "LANG": "zh_CN"},
    {
        "PYTHONHASHSEED": "77",
        "POLARS_MAX_THREADS": "5",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C.UTF-8",
    },
)


@cache
def tables() -> Tables:
    """A thousand flows, with rejected rows and untidy cells."""
    pack = generate.shipped_pack("telecom_agreement")
    return generate.tables(Random(9), 1000, pack, generate.shipped_vocabulary(), losses=True)


def written(folder: Path, rows: Tables, how: Export) -> Path:
    """A source file and the files that it names, in a folder of their own."""
    folder.mkdir()
    return how.write(folder, rows)


def files_of_a_run(
    export: Path,
    out: Path,
    surroundings: Mapping[str, str],
    formats: Sequence[str] = FORMATS,
) -> dict[str, bytes]:
    """Every file that the command leaves, as bytes."""
    options = [word for name in formats for word in ("--format", name)]
    told = ["--quiet", "--no-cache"]
    done = child("run", export, "--out", out, *options, *told, **surroundings)
    assert done.code == 1, done
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize("source", ["example", "random"])
def test_the_surroundings_of_a_run_leave_no_trace(source: str, tmp_path: Path) -> None:
    export = EXAMPLE if source == "example" else written(tmp_path / "in", tables(), Export())
    first, *others = (
        files_of_a_run(export, tmp_path / f"out-{number}", surroundings)
        for number, surroundings in enumerate(SURROUNDINGS)
    )
    assert {*TABLES, "manifest.json", "rejected.csv"} < first.keys()
    for other in others:
        assert [name for name in first if other.get(name) != first[name]] == []


def test_the_layout_of_rows_leaves_no_trace_in_the_tables(tmp_path: Path) -> None:
    rng = Random(0)
    shuffled = {table: rng.sample(rows, len(rows)) for table, rows in tables().items()}
    layouts = [
        (tables(), Export()),
        (shuffled, Export()),
        (tables(), Export(parts=4)),
        (shuffled, Export(form=Form.PARQUET, parts=2)),
    ]
    first, *others = (
        files_of_a_run(
            written(tmp_path / f"in-{number}", rows, how), tmp_path / f"out-{number}", {}, ()
        )
        for number, (rows, how) in enumerate(layouts)
    )
    for other in others:
        assert [name for name in TABLES if other[name] != first[name]] == []
