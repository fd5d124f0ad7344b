"""The command on people: three questions, files that the owner alone reads, and every refusal."""

import csv
import io
import json
import shutil
import stat
from pathlib import Path

import pytest

from audit.publishing import verify
from tests.commanding import HOUSE, child, command

EXAMPLE = HOUSE / "examples" / "small_carrier"
LIST = "\ufeffS-0042\n\n  S-0016  \nS-9999\n*\nS-0042\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the example and its run by both packs."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(EXAMPLE, folder / "export")
    packs = ("--pack", "telecom_agreement", "--pack", "cn_statute")
    out = ("--out", folder / "runs" / "run", "--quiet")
    assert command("run", folder / "export", *packs, *out).code == 1
    return folder


@pytest.fixture
def run(home: Path) -> Path:
    return home / "runs" / "run"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("谁收到了信息", "江边快讯", "已撤回")), ("en", ("Who got the data", "withdrawn"))],
)
def test_the_screen_tells_of_the_person_in_short(
    run: Path, language: str, words: tuple[str, ...]
) -> None:
    done = child("subject", run, "S-0042", "--lang", language)
    assert done.code == 0
    assert not [word for word in words if word not in done.out]
    assert "S-0042" not in done.out
    assert "S-0042" in command("subject", run, "S-0042", "--reveal-subjects").out


def test_a_person_is_the_same_by_pseudonym(run: Path, tmp_path: Path) -> None:
    assert command("subject", run, "S-0042", "--out", tmp_path / "a.json").code == 0
    told = json.loads((tmp_path / "a.json").read_bytes())
    name = told["person"]["pseudonym"]
    assert command("subject", run, name, "--out", tmp_path / "b.json").code == 0
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "a.json").read_bytes()


@pytest.mark.parametrize("ending", ["html", "json", "csv", "xlsx"])
def test_a_file_is_for_its_owner_alone_and_never_written_over(
    run: Path, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"dossier.{ending}"
    assert command("subject", run, "S-0042", "--out", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    again = command("subject", run, "S-0016", "--out", file, "--lang", "en")
    assert (again.code, "already there" in again.err) == (2, True)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_text_goes_to_the_standard_output_too(run: Path) -> None:
    assert command("subject", run, "S-0042", "--format", "html").out.startswith("<!doctype html>")
    told = json.loads(command("subject", run, "S-0042", "--format", "json").out)
    assert told["schema"] == "urn:consent-audit:dossier:1"


def test_a_batch_has_a_document_each_and_an_index_of_every_line(run: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(LIST, encoding="utf-8")
    out = tmp_path / "out"
    done = command("subject", run, "--batch", tmp_path / "list", "--out", out, "--lang", "en")
    assert (done.code, "2 persons" in done.out, "2 lines" in done.out) == (0, True, True)
    names = {path.name for path in out.iterdir()}
    assert {name[32:] for name in names if len(name) == 37} == {".html"}
    assert {"index.csv", "index.html", "manifest.json"} <= names
    assert len(names) == 5
    assert verify(out) == ()
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    text = (out / "index.csv").read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == "Index"][1:]
    assert [(row[1], row[3]) for row in rows] == [
        ("1", "written"),
        ("3", "written"),
        ("4", "not known to this audit"),
        ("5", "`*` stands for everybody and is no person"),
        ("6", "the same person as on an earlier line"),
    ]
    assert {row[4] for row in rows if row[4]} <= names
    assert "S-" not in "".join(path.read_text(encoding="utf-8") for path in out.glob("index.*"))


def test_a_document_of_a_batch_is_that_of_the_person_alone(run: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("S-0016\nS-0042\n", encoding="utf-8")
    out = tmp_path / "out"
    asked = ("--batch", tmp_path / "list", "--out", out, "--format", "json", "--reveal-subjects")
    assert command("subject", run, *asked).code == 0
    (file,) = (path for path in out.glob("*.json") if b'"S-0042"' in path.read_bytes())
    alone = tmp_path / "alone.json"
    assert command("subject", run, "S-0042", "--reveal-subjects", "--out", alone).code == 0
    assert file.read_bytes() == alone.read_bytes()


def test_the_tail_tells_the_gravest_first_and_goes_into_a_file(run: Path, tmp_path: Path) -> None:
    done = command("subject", run, "--withdrawn", "--lang", "en")
    assert done.code == 0
    assert "C-0122" in done.out
    assert "fulfilment unknown" in done.out
    assert "S-00" not in done.out
    assert "AGENT-HE" not in done.out
    revealed = command("subject", run, "--withdrawn", "--reveal-subjects").out
    assert "S-0042" in revealed
    assert "AGENT-HE" in revealed
    for ending in ("html", "json", "csv", "xlsx"):
        assert command("subject", run, "--withdrawn", "--out", tmp_path / f"w.{ending}").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("S-9999",), 2, "no flow, consent or evidence of this run is about this person"),
        (("*",), 2, "stands for the whole customer base"),
        ((), 2, "exactly one of the three"),
        (("S-0042", "--withdrawn"), 2, "exactly one of the three"),
        (("--batch", "nowhere", "--out", "o"), 2, "the list nowhere cannot be read"),
        (("--batch", "nowhere"), 2, "name a new folder with --out"),
        (("S-0042", "--out", "x.docx"), 2, "does not tell the format"),
        (("S-0042", "--format", "pdf"), 2, "is no choice"),
        (("S-0042", "--format", "xlsx"), 2, "cannot go to the standard output"),
        (("S-0042", "--out", "no/such/folder.html"), 2, "No such file or directory"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("subject", run, *arguments, "--lang", "en")
    assert done.code == code
    assert sentence in done.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(b"\n  \n", "names nobody"), (b"\xff\xfe", "save it as UTF-8"), (b"S-9999\n", "is known")],
)
def test_a_list_of_nobody_is_refused(run: Path, tmp_path: Path, text: bytes, sentence: str) -> None:
    (tmp_path / "list").write_bytes(text)
    asked = ("--batch", tmp_path / "list", "--out", tmp_path / "out", "--lang", "en")
    done = command("subject", run, *asked)
    assert (done.code, sentence in done.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


@pytest.fixture
def moved(home: Path, tmp_path: Path) -> Path:
    """A run of its own, to be changed, without a journal."""
    place = tmp_path / "moved"
    shutil.copytree(home / "export", place / "export")
    shutil.copytree(home / "runs" / "run", place / "runs" / "run")
    return place


def test_an_export_that_is_gone_can_be_named(moved: Path) -> None:
    (moved / "export").rename(moved / "elsewhere")
    done = command("subject", moved / "runs" / "run", "S-0042", "--lang", "en")
    assert (done.code, "--export" in done.err) == (2, True)
    asked = ("S-0042", "--export", moved / "elsewhere", "--lang", "en")
    assert command("subject", moved / "runs" / "run", *asked).code == 0


def test_an_export_that_changed_is_refused(moved: Path) -> None:
    with (moved / "export" / "flows.csv").open("a", encoding="utf-8") as file:
        file.write("F-new,2025-03-20T12:00:00+08:00,S-0042,CARRIER,MEDIA-JB,,,,,,,\n")
    done = command("subject", moved / "runs" / "run", "S-0042", "--lang", "en")
    assert (done.code, "flows.csv has changed since the run" in done.err) == (3, True)


def test_a_run_that_somebody_touched_is_refused(moved: Path) -> None:
    (moved / "runs" / "run" / "findings.parquet").write_bytes(b"")
    done = command("subject", moved / "runs" / "run", "S-0042", "--lang", "en")
    assert (done.code, "findings.parquet" in done.err) == (3, True)


def test_where_there_is_no_run_it_says_so(tmp_path: Path) -> None:
    assert command("subject", tmp_path, "S-0042").code == 2


def test_under_another_key_it_says_that_duties_cannot_be_told(moved: Path) -> None:
    run = moved / "runs" / "run"
    assert "cannot be told" in command("subject", run, "S-0042", "--lang", "en").out
    tail = command("subject", run, "--withdrawn", "--lang", "en").out
    assert "cannot be told to whom notices are owed" in tail
