"""Broken files of every kind end in a sentence: never a traceback, an abort, a hang or a guess."""

import errno
import gzip
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

import audit
from audit.problems import InputRefused, Refusal, ResourcesExhausted
from audit.records.checking import check_registers, flow_batches, reasons
from audit.sources import delimited, reading
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from audit.wording import Language, sentence

ROWS = [
    {
        "flow_id": f"F-{number}",
        "occurred_at": "2025-03-01T08:30:00+08:00",
        "subject_id": f"13800{number:06}",
        "sender": "CARRIER",
        "recipient": "P-1",
        "data_categories": ["identity.name", "contact.phone"],
        "purpose": "service.notice",
        "operation": "share",
        "records": number,
    }
    for number in range(60)
]
FLAT = [{**row, "data_categories": "identity.name;contact.phone"} for row in ROWS]


def as_csv(file: Path) -> None:
    pl.DataFrame(FLAT).write_csv(file)


def as_gz(file: Path) -> None:
    file.write_bytes(gzip.compress(pl.DataFrame(FLAT).write_csv().encode()))


def as_jsonl(file: Path) -> None:
    file.write_text("\n".join(map(json.dumps, ROWS)))


def as_json(file: Path) -> None:
    file.write_text(json.dumps(ROWS))


def as_parquet(file: Path) -> None:
    pl.DataFrame(ROWS).write_parquet(file, row_group_size=25)


def as_xlsx(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("flows")
        for place, row in enumerate([FLAT[0].keys(), *(row.values() for row in FLAT)]):
            sheet.write_row(place, 0, row)


KINDS: dict[str, Callable[[Path], None]] = {
    "csv": as_csv,
    "csv.gz": as_gz,
    "jsonl": as_jsonl,
    "json": as_json,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
}
TRIES = {"csv": 120, "csv.gz": 60, "jsonl": 60, "json": 60, "parquet": 25, "xlsx": 20}


def read(folder: Path) -> int | None:
    """How many records there were, kept and rejected; None where the export was refused."""
    try:
        return read_all(folder)
    except Refusal as refusal:
        told = [sentence(each, language) for each in refusal.problems for language in Language]
    assert all(told)
    assert told
    return None


def read_all(folder: Path) -> int:
    export, vocabulary = open_export(folder), load_vocabulary()
    check_registers(export, vocabulary)
    batches = flow_batches(export, vocabulary)
    count = 0
    for batch in batches:
        count += batch.frame.height + batch.rejected.height
        for language in Language:
            assert reasons(batch.rejected, language).null_count() == 0
    assert count == sum(file.rows for file in batches.inputs)
    batches.repeated()
    return count


def broken(content: bytes, dice: random.Random) -> bytes:
    """The file with bytes changed, put in, left out or doubled, or cut short."""
    bent = bytearray(content)
    for _ in range(dice.choice([1, 1, 3, 20])):
        place = dice.randrange(len(bent) + 1)
        size = dice.choice([1, 1, 4, 200])
        noise = dice.randbytes(size) if dice.random() < 0.5 else dice.choice(NASTY)
        match dice.randrange(4):
            case 0:
                bent[place : place + len(noise)] = noise
            case 1:
                bent[place:place] = noise
            case 2:
                del bent[place : place + size]
            case _:
                bent[place:place] = bent[place : place + size]
    return bytes(bent[: dice.randrange(len(bent) + 1)] if dice.random() < 0.1 else bent)


NASTY = (
    *(
        b'"',
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"{",
        b"]",
        b";",
        b" ",
    ),
    *(
        b"NaN",
        b"1e999",
        b"\xe2\x80\x8b",
        b"\xb0",
        b'""',
        b"-",
        b"9" * 400,
        b"\xed\xa0\x80",
        b"<",
        b"&",
    ),
)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_broken_at_random_is_read_rejected_or_refused(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"flows.{suffix}"
    KINDS[suffix](file)
    sound = file.read_bytes()
    assert read(tmp_path) == len(ROWS)
    dice = random.Random(suffix)
    for _ in range(TRIES[suffix]):
        file.write_bytes(broken(sound, dice))
        read(tmp_path)
    told = capfd.readouterr()
    assert not told.out
    assert not told.err


@pytest.mark.parametrize("suffix", KINDS)
def test_noise_and_nothing_are_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"flows.{suffix}"
    dice = random.Random(suffix)
    for content in (b"", b"\0", dice.randbytes(5000)):
        file.write_bytes(content)
        assert read(tmp_path) in {None, 0}


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"flows.{suffix}"
    KINDS[suffix](file)
    batches = iter(flow_batches(open_export(tmp_path), load_vocabulary()))
    next(batches)
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(InputRefused) as refused:
        list(batches)
    assert refused.value.problems[0].code == "file-changed"


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_that_changed_since_it_was_found_is_refused(tmp_path: Path, suffix: str) -> None:
    """Also between two passes: ids that are known to be alone are not looked at again."""
    file = tmp_path / f"flows.{suffix}"
    KINDS[suffix](file)
    export = open_export(tmp_path)
    list(flow_batches(export, load_vocabulary()))
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(InputRefused) as refused:
        list(flow_batches(export, load_vocabulary(), frozenset()))
    assert refused.value.problems[0].code == "file-changed"


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    as_csv(tmp_path / "flows.csv")
    export = open_export(tmp_path)
    (tmp_path / "flows.csv").unlink()
    with pytest.raises(InputRefused) as refused:
        list(flow_batches(export, load_vocabulary()))
    assert refused.value.problems[0].code == "file-missing"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (MemoryError(), "memory-exhausted"),
        (OSError(errno.EMFILE, "Too many open files"), "file-unreachable"),
    ],
)
def test_a_machine_that_runs_out_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, code: str
) -> None:
    def fails(*_: Any) -> None:  # noqa: ANN401
        raise fault

    as_csv(tmp_path / "flows.csv")
    export = open_export(tmp_path)
    monkeypatch.setattr(delimited, "survey", fails)
    with pytest.raises(ResourcesExhausted) as refused:
        list(flow_batches(export, load_vocabulary()))
    assert refused.value.problems[0].code == code


def test_a_record_that_is_lost_between_reading_and_checking_is_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_csv(tmp_path / "flows.csv")
    (tmp_path / "flows.csv").write_text(
        (tmp_path / "flows.csv").read_text().replace(",share,", ",,")
    )
    export = open_export(tmp_path)
    monkeypatch.setattr("audit.records.holding.rejected", lambda *_: pl.DataFrame())
    with pytest.raises((RuntimeError, pl.exceptions.PolarsError)):
        list(flow_batches(export, load_vocabulary()))


def test_every_kind_of_file_has_a_reader() -> None:
    assert len(reading.KINDS) == len(KINDS) - 1  # csv.gz is csv


def test_reading_asks_nothing_of_the_network(tmp_path: Path) -> None:
    """With sockets that cannot be made, in a process of its own."""
    for suffix, write in KINDS.items():
        write(tmp_path / f"flows-{suffix.replace('.', '-')}.{suffix}")
    script = (
        "import socket, sys; socket.socket.connect = socket.getaddrinfo = None\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from audit.sources.opening import open_export\n"
        "from audit.records.checking import *; from audit.vocabulary import load_vocabulary\n"
        "export = open_export(Path(sys.argv[1]))\n"
        "print(sum(b.frame.height for b in flow_batches(export, load_vocabulary())))"
    )
    home = str(Path(audit.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), home],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(len(KINDS) * len(ROWS))
