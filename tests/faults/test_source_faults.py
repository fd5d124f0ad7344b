"""Sources that break halfway: a sentence with the place, exit code, nothing left, a rerun works."""

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest

from tests.commanding import HOUSE, command, surroundings
from tests.databases import EXAMPLE, example_tables

SMALL = HOUSE / "examples" / "openlineage"
COMMANDS = ("run", "convert")
WANTS_ROOM = 4  # blocks of 1024 bytes that a file may have


def asked(word: str, export: Path, out: Path) -> list[object]:
    """The arguments of the command: an audit, or a conversion."""
    return (
        ["run", export, "--out", out, "--no-cache"] if word == "run" else ["convert", export, out]
    )


def left(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """The flows of the example in three parts of several row groups."""
    folder = tmp_path / "export" / "flows"
    folder.mkdir(parents=True)
    rows = example_tables(lists=True)["flows"].head(120)
    for number, part in enumerate(rows.iter_slices(40)):
        file = folder / f"part-{number}.parquet"
        pyarrow.parquet.write_table(part.to_arrow(), file, row_group_size=7)
    for name, file in EXAMPLE.items():
        if name != "flows":
            (tmp_path / "export" / file.name).write_bytes(file.read_bytes())
    return tmp_path / "export"


def cut(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-100])


def spoil(part: Path) -> None:
    content = bytearray(part.read_bytes())
    content[4:400] = bytes(396)
    part.write_bytes(content)


def other(part: Path) -> None:
    pl.read_parquet(part).with_columns(pl.lit(1).alias("records")).write_parquet(part)


@pytest.mark.parametrize("word", COMMANDS)
@pytest.mark.parametrize("harm", [cut, spoil, other])
def test_a_part_that_is_broken_is_named_and_once_mended_all_is_well(
    parted: Path, tmp_path: Path, word: str, harm: object
) -> None:
    assert callable(harm)
    part, before = parted / "flows" / "part-1.parquet", left(tmp_path)
    whole = part.read_bytes()
    harm(part)
    done = command(*asked(word, parted, tmp_path / "out"))
    assert (done.code, "flows/part-1.parquet" in done.err) == (3, True)
    assert left(tmp_path) - before <= {".consent-audit.key"}
    part.write_bytes(whole)
    assert command(*asked(word, parted, tmp_path / "out")).code == (word == "run")


def numbered(events: str, number: int) -> str:
    """The events as those of other runs."""
    return events.replace("0197a000", f"{number:08}").replace('"OL-', f'"OL-{number}-')


@pytest.mark.parametrize("word", COMMANDS)
def test_a_disk_that_fills_while_events_become_rows_is_exit_code_5(
    tmp_path: Path, word: str
) -> None:
    folder, before = tmp_path / "export", {"export"}
    shutil.copytree(SMALL, folder)
    for file in (folder / "events").iterdir():
        text = file.read_text(encoding="utf-8")
        file.write_text("".join(map(partial(numbered, text), range(40))), encoding="utf-8")
    export = folder / "export.toml"
    line = " ".join(map(str, asked(word, export, tmp_path / "out")))
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f {WANTS_ROOM}; exec {sys.executable} -m audit {line}"],
        env=surroundings(CONSENT_AUDIT_LANG="en", PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 5
    assert "no room for openlineage: events/*.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert left(tmp_path) == before
    assert command(*asked(word, export, tmp_path / "out")).code == (word == "run")
