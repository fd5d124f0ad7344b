"""A converted export is the export: the same rows rejected, the same verdicts, findings, edges."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random

import polars as pl
import pytest

from audit import converting
from audit.converting import SOURCE_FILE, convert
from audit.outcome import Audit
from audit.problems import InputRefused
from audit.records.tables import FLOWS
from audit.running import Request, audit
from audit.sources.export import TableFile
from audit.sources.raw import Layout, RawBatch
from tests import generate
from tests.commanding import HOUSE, command
from tests.databases import EXAMPLE as EXAMPLE_FILES
from tests.databases import example_tables, source_file
from tests.exporting import Export, Form
from tests.generate import Tables

EXAMPLE = HOUSE / "examples" / "small_carrier"


@cache
def tables(seed: int) -> Tables:
    """Some hundred flows, with rejected rows, lost registers' rows and untidy cells."""
    pack = generate.shipped_pack("telecom_agreement")
    return generate.tables(Random(seed), 400, pack, generate.shipped_vocabulary(), losses=True)


def seen(found: Audit) -> Mapping[str, object]:
    """All that an audit says, less where its rows lay."""
    rejected = found.rejected.drop("file", "position").to_dicts()
    return {
        "verdicts": found.judgement.verdicts.drop("outcome").sort("flow_id").to_dicts(),
        "counts": found.counts,
        "edges": found.edges.to_dicts(),
        "findings": found.findings.to_dicts(),
        "rejected": sorted(map(str, rejected)),
        "rows": found.rows,
        "options": found.options,
        "duties": found.duties.to_dicts(),
    }


def assert_alike(source: Path, out: Path) -> Audit:
    before = audit(Request(source))
    convert(source, out)
    after = audit(Request(out / SOURCE_FILE))
    assert seen(after) == seen(before)
    return before


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_are_judged_alike_before_and_after(
    tmp_path: Path, form: Form, seed: int
) -> None:
    how = Export(form, parts=2, complete=frozenset({"consents", "evidence.arrears"}))
    found = assert_alike(how.write(tmp_path, tables(seed)), tmp_path / "out")
    assert found.rejected.height > 5
    assert len([count for count in found.counts.values() for each in count.values() if each]) > 2


def test_the_example_is_judged_alike(tmp_path: Path) -> None:
    assert_alike(EXAMPLE, tmp_path / "out")


def test_a_database_is_judged_alike(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "carrier.db")) as connection:
        for name, rows in example_tables(lists=False).items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(rows.columns)})")
            marks = ", ".join("?" * rows.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows.rows())  # noqa: S608
        connection.commit()
    where = {name: {"table": name} for name in EXAMPLE_FILES}
    assert_alike(source_file(tmp_path, where, "sqlite:///carrier.db"), tmp_path / "out")


def test_what_could_not_be_laid_out_is_still_rejected(tmp_path: Path) -> None:
    """A short record has lost cells that nobody can tell; it is an empty record afterwards."""
    source = Export(Form.CSV).write(tmp_path, tables(1))
    file = tmp_path / "flows-0.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:9], "F-SHORT,2025\n", *lines[9:]]), encoding="utf-8")
    before = audit(Request(source))
    command("convert", source, tmp_path / "out")
    after = audit(Request(tmp_path / "out" / SOURCE_FILE))
    assert after.rows == before.rows
    assert after.counts == before.counts
    (spoiled,) = before.rejected.filter(code="row-width")["position"]
    assert spoiled - 1 in after.rejected["position"]


def test_headings_zone_and_complete_registers_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "renamed"
    folder.mkdir()
    for file in EXAMPLE.glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text.replace("subject_id", "客户号", 1), encoding="utf-8")
    lines = ['timezone = "-03:00"', 'complete = ["evidence.arrears"]', 'incomplete = ["consents"]']
    for name in ("flows", "parties", "consents", "evidence"):
        lines += [f"[tables.{name}]", f'paths = ["renamed/{name}.csv"]']
        lines += [f"[columns.{name}]", '"客户号" = "subject_id"'] if name != "parties" else []
    (tmp_path / "source.toml").write_text("\n".join(lines), encoding="utf-8")
    found = assert_alike(tmp_path / "source.toml", tmp_path / "out")
    assert (found.options.timezone, found.options.complete) == ("-03:00", ("evidence.arrears",))


def test_the_command_says_what_is_next_and_writes_nothing_twice(tmp_path: Path) -> None:
    done = command("convert", EXAMPLE, tmp_path / "out", "--lang", "en")
    assert done.code == 0
    assert f"consent-audit run {tmp_path / 'out' / SOURCE_FILE}" in done.out
    assert command("verify", tmp_path / "out").code == 0
    assert command("convert", EXAMPLE, tmp_path / "out").code == 2


def test_tables_without_a_row_stay_so(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(EXAMPLE, folder)
    heading = (folder / "evidence.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "evidence.csv").write_text(heading + "\n", encoding="utf-8")
    (folder / "consents.csv").unlink()
    (folder / "consents.json").write_text("[]", encoding="utf-8")
    assert_alike(folder, tmp_path / "out")


def test_a_file_of_records_that_all_lack_cells_is_all_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "short"
    shutil.copytree(EXAMPLE, folder)
    heading = (folder / "flows.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "flows.csv").write_text(heading + "\nF-1,2025\nF-2,2025\n", encoding="utf-8")
    before = audit(Request(folder))
    convert(folder, tmp_path / "out")
    assert audit(Request(tmp_path / "out" / SOURCE_FILE)).rows == before.rows
    assert before.rows["flows"].rejected == 2


def test_a_file_that_changes_between_two_looks_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert(EXAMPLE, tmp_path / "typed")
    (file,) = (tmp_path / "typed").glob("flows*.parquet")
    looked, fewer = converting._records, tmp_path / "fewer.parquet"

    def meanwhile(typed: TableFile, layout: Layout) -> Iterator[RawBatch]:
        yield from looked(typed, layout)
        if typed.table == FLOWS:  # tables are written two at a time
            pl.read_parquet(file).head(100).write_parquet(fewer)
            fewer.replace(file)

    monkeypatch.setattr(converting, "_records", meanwhile)
    with pytest.raises(InputRefused, match="file-changed"):
        convert(tmp_path / "typed" / SOURCE_FILE, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["typed"]


def test_a_damaged_file_leaves_nothing_behind(tmp_path: Path) -> None:
    source = Export(Form.PARQUET).write(tmp_path, tables(1))
    file = tmp_path / "flows-0.parquet"
    content = bytearray(file.read_bytes())
    content[4:400] = bytes(396)
    file.write_bytes(content)
    assert command("convert", source, tmp_path / "out").code == 3
    assert not (tmp_path / "out").exists()
    assert not [*tmp_path.glob(".out*")]
