"""Whatever the command is given, it answers in sentences and ends with a documented exit code."""

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import consent_schemas
from audit.records.pseudonyms import KEY_FILE
from tests.commanding import Done, child, command, surroundings

CODES = {0, 1, 2, 3, 5}
TABLES = ("flows", "parties", "consents", "evidence")
STARTER = {each.name: each.read_bytes() for each in consent_schemas.path("starter").iterdir()}
NASTY = (
    *("", " ", ";", "\x00", "\r", "\n", '"', "'", "=1+1", "\x1b[31m", "\u202e", "\ufeff", "\ud800"),
    *("NaN", "inf", "-1", "1e400", "9" * 400, "0x10", "*", "CUSTOMER", "carrier", "null", "true"),
    *("2025-02-30", "0000-00-00", "9999-12-31T23:59:59+23:59", "2025-01-01T24:00:00Z", "[]", "{}"),
)
ARGUMENTS = (
    *("run", "check", "explain", "report", "verify", "diff", "whatif", "--change"),
    *("pack", "list", "show", "init", "."),
    *("--help", "--quiet", "--debug=1", "--out", "--format", "csv", "--lang", "zh", "--export"),
)
nasty = st.sampled_from(NASTY) | st.text(max_size=30)
# What a process can be given: bytes without 0, which Python reads as text in its own way.
argument = nasty.map(
    lambda text: os.fsdecode(text.replace("\0", "").encode("utf-8", "surrogatepass"))
)
junk = st.binary(max_size=60) | nasty.map(lambda text: text.encode("utf-8", "surrogatepass"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | nasty,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty, inner, max_size=3),
    max_leaves=8,
)
tried = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),  # explaining would trace every line
)


@contextmanager
def starter() -> Iterator[Path]:
    """A sound export in a folder of its own, to be broken."""
    with tempfile.TemporaryDirectory() as home:
        export = Path(home) / "export"
        export.mkdir()
        for name, text in STARTER.items():
            (export / name).write_bytes(text)
        yield export


def assert_answered(done: Done) -> None:
    told = done.out + done.err
    assert done.code in CODES, told
    assert not re.search("Traceback|panicked|Error:", told)
    assert not re.search(r"[^\n -\x7e\xa0-\U0010ffff]", told), (
        "a control character reached the screen"
    )
    assert bool(done.err) or done.code in {0, 1, 3}


def assert_survives(export: Path, *more: object) -> None:
    """Both commands that read an export answer, and no half of a run is left."""
    assert_answered(command("check", export, *more))
    with tempfile.TemporaryDirectory() as home:
        run = Path(home) / "run"
        assert_answered(command("run", export, "--out", run, *more))
        left = {path.name for path in Path(home).iterdir()}
        assert left in (set(), {"run"}, {"run", KEY_FILE})
        assert not left or command("verify", run).code == 0


@tried
@given(st.sampled_from(TABLES), junk, st.integers(0, 10_000), st.integers(0, 30))
def test_bytes_that_were_damaged(table: str, junk: bytes, at: int, lost: int) -> None:
    with starter() as export:
        file = export / f"{table}.csv"
        sound = file.read_bytes()
        place = at % (len(sound) + 1)
        file.write_bytes(sound[:place] + junk + sound[place + lost :])
        assert_survives(export)


@tried
@given(st.sampled_from(TABLES), st.data())
def test_cells_that_mean_nothing(table: str, data: st.DataObject) -> None:
    with starter() as export:
        file = export / f"{table}.csv"
        heading, first = file.read_text(encoding="utf-8").splitlines()
        cells = first.split(",")
        place = data.draw(st.integers(0, len(cells) - 1))
        cells[place] = '"' + data.draw(nasty).replace('"', '""') + '"'
        text = f"{heading}\n{first}\n{','.join(cells)}\n"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        assert_survives(export)


@tried
@given(
    st.sampled_from(TABLES),
    st.sampled_from(["csv", "csv.gz", "json", "jsonl", "parquet", "xlsx"]),
    junk | values.map(lambda value: json.dumps(value).encode()),
    st.booleans(),
)
def test_files_that_are_not_what_their_name_says(
    table: str,
    ending: str,
    content: bytes,
    packed: bool,  # noqa: FBT001 (hypothesis draws it)
) -> None:
    with starter() as export:
        (export / f"{table}.csv").unlink()
        content = gzip.compress(content)[: -3 if len(content) % 2 else None] if packed else content
        (export / f"{table}.{ending}").write_bytes(content)
        assert_survives(export)


@tried
@given(st.sampled_from(TABLES), st.lists(st.dictionaries(nasty, values, max_size=4), max_size=4))
def test_records_of_any_shape(table: str, records: list[dict[str, object]]) -> None:
    with starter() as export:
        (export / f"{table}.csv").unlink()
        lines = "\n".join(json.dumps(record) for record in records)
        (export / f"{table}.jsonl").write_text(lines, encoding="utf-8")
        assert_survives(export)


def become_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def become_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def lead_nowhere(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def lead_to_itself(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def lead_to_a_device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def become_empty(file: Path) -> None:
    file.write_bytes(b"")


def lose_every_row(file: Path) -> None:
    file.write_bytes(file.read_bytes().splitlines()[0])


def have_a_twin(file: Path) -> None:
    file.with_suffix(".CSV").write_bytes(file.read_bytes())


def become_utf_16(file: Path) -> None:
    file.write_bytes(file.read_bytes().decode().encode("utf-16"))


def have_a_name_that_is_no_text(file: Path) -> None:
    lines = [*file.read_bytes().splitlines(), b"a row, too short"]
    file.unlink()
    file.with_name(os.fsdecode(file.stem.encode() + b"-\xff.csv")).write_bytes(b"\n".join(lines))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "happen",
    [
        Path.unlink,
        become_folder,
        become_pipe,
        lead_nowhere,
        lead_to_itself,
        lead_to_a_device,
        become_empty,
        lose_every_row,
        have_a_twin,
        become_utf_16,
        have_a_name_that_is_no_text,
    ],
)
def test_files_that_are_strange(table: str, happen: Callable[[Path], object]) -> None:
    with starter() as export:
        happen(export / f"{table}.csv")
        assert_survives(export)


def test_an_export_whose_path_is_no_text() -> None:
    with starter() as export:
        odd = export.rename(export.with_name(os.fsdecode(b"\xff")))
        run = odd.parent / "run"
        assert command("run", odd, "--out", run).code == 0
        assert command("explain", run, "FLOW-0001").code == 0


@tried
@given(
    st.lists(
        st.tuples(st.sampled_from(["timezone", "complete", "tables", "columns", "x"]), values),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ),
    nasty,
)
def test_source_files_that_say_nonsense(pairs: list[tuple[str, object]], tail: str) -> None:
    with starter() as export:
        said = "\n".join(f"{word} = {json.dumps(value)}" for word, value in pairs)
        source = export / "export.toml"
        source.write_bytes(f"{said}\n{tail}".encode("utf-8", "surrogatepass"))
        assert_survives(source)


@tried
@given(st.lists(nasty, min_size=1, max_size=2), nasty, nasty)
def test_sources_that_lie_anywhere(paths: list[str], heading: str, column: str) -> None:
    with starter() as export:
        written = json.dumps({"paths": paths, "heading": heading, "column": column})
        told = json.loads(written)
        source = export / "export.toml"
        source.write_bytes(
            f"[tables.flows]\npaths = {json.dumps(told['paths'])}\n"
            f"[columns.flows]\n{json.dumps(heading)} = {json.dumps(column)}\n".encode()
        )
        assert_survives(source)


@tried
@given(argument, argument, junk)
def test_options_that_mean_nothing(timezone: str, pack: str, content: bytes) -> None:
    with starter() as export:
        assert_survives(export, f"--timezone={timezone}")
        assert_survives(export, f"--pack={pack}")
        (export / "pack.toml").write_bytes(content)
        assert_survives(export, "--pack", export / "pack.toml")
        for option in ("--format", "--fail-on", "--lang"):
            assert_answered(command("run", export, f"{option}={pack}"))


@tried
@given(st.lists(st.sampled_from([*ARGUMENTS, "--"]) | argument, max_size=5))
def test_command_lines_that_mean_nothing(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as empty, contextlib.chdir(empty):
        assert_answered(command(*arguments))


@pytest.mark.parametrize(
    "place", ["file", "file/below", "a" * 300, "export/../run\n", "/proc/run", "link"]
)
def test_places_where_no_run_can_lie(place: str) -> None:
    with starter() as export:
        (export.parent / "file").touch()
        (export.parent / "link").symlink_to("nowhere/at/all")
        assert_answered(command("run", export, "--out", export.parent / place))
        assert_answered(command("init", export.parent / place))


@tried
@given(junk, st.integers(0, 100_000), st.integers(0, 30))
def test_runs_that_were_damaged(junk: bytes, at: int, lost: int) -> None:
    with sound_run() as run:
        manifest = run / "manifest.json"
        text = manifest.read_bytes()
        place = at % len(text)
        manifest.write_bytes(text[:place] + junk + text[place + lost :])
        assert_answered(command("verify", run))
        assert_answered(command("explain", run, "FLOW-0001"))
        assert_answered(command("report", run, "--format", "json"))


@tried
@given(st.sampled_from(["request", "options", "inputs", "packs", "files", "run_id"]), values)
def test_manifests_that_lie(word: str, value: object) -> None:
    with sound_run() as run:
        said = json.loads((run / "manifest.json").read_bytes())
        (run / "manifest.json").write_text(json.dumps({**said, word: value}), encoding="utf-8")
        for arguments in (("verify", run), ("explain", run, "FLOW-0001")):
            assert_answered(command(*arguments))


@contextmanager
def sound_run() -> Iterator[Path]:
    """A copy of a run, beside its export."""
    with tempfile.TemporaryDirectory() as home:
        for name, text in run_of_the_starter().items():
            (Path(home) / name).parent.mkdir(exist_ok=True)
            (Path(home) / name).write_bytes(text)
        yield Path(home) / "run"


@cache
def run_of_the_starter() -> Mapping[str, bytes]:
    """Every file of the starter and of its run, made once."""
    with starter() as export:
        home = export.parent
        assert command("run", export, "--out", home / "run", "--quiet").code == 0
        files = [file for file in home.rglob("*") if file.is_file()]
        return {str(file.relative_to(home)): file.read_bytes() for file in files}


@pytest.mark.parametrize("ending", ["csv.gz", "parquet", "xlsx"])
def test_a_real_process_says_no_more(ending: str) -> None:
    """What libraries print by themselves, past Python's streams, shows only here."""
    with starter() as export:
        (export / "flows.csv").unlink()
        (export / f"flows.{ending}").write_bytes(b"PAR1\x1f\x8b PK\x03\x04 {]\xff" * 40)
        done = child("run", export, "--out", export.parent / "run")
        assert_answered(done)
        assert done.code == 3


@pytest.mark.parametrize("limit", ["-v 100000", "-v 300000", "-v 1000000", "-f 1"])
def test_little_memory_and_little_disk_are_exit_code_5(limit: str) -> None:
    with starter() as export:
        run = export.parent / "run"
        line = f"ulimit {limit}; exec {sys.executable} -m audit run {export} --out {run} --quiet"
        done = subprocess.run(
            ["bash", "-c", line],
            env=surroundings(),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (5, "")
        assert done.stderr.count("\n") == 1
        left = {each.name for each in export.parent.iterdir()}
        assert left in ({"export"}, {"export", KEY_FILE})
