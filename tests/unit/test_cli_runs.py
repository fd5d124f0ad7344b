"""A run that is there can be explained, told in other formats, and held to what it was."""

import json
import shutil
from pathlib import Path

import pytest

from audit.reports import TYPESET
from audit.wording import Language, phrase
from tests.agreements import MODEL, changed
from tests.commanding import HOUSE, child, command

EXAMPLE = HOUSE / "examples" / "small_carrier"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the example and its run."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(EXAMPLE, folder / "export")
    assert command("run", folder / "export", "--out", folder / "run", "--quiet").code == 1
    return folder


@pytest.fixture
def moved(home: Path, tmp_path: Path) -> Path:
    """The same in another place, to be changed."""
    return Path(shutil.copytree(home, tmp_path / "moved"))


def test_a_flow_is_explained_clause_by_clause(home: Path) -> None:
    done = child("explain", home / "run", "F-0802", "--lang", "en")
    assert (done.code, done.err) == (0, "")
    assert "Layer agreement (telecom_agreement): violation" in done.out
    assert "3-2-9.1 comes nearest to allowing it" in done.out
    assert "EV-ARR-21" in done.out


def test_whose_flow_it_is_stays_untold_unless_asked(home: Path) -> None:
    assert "S-0021" not in command("explain", home / "run", "F-0802").out
    assert "S-0021" in command("explain", home / "run", "F-0802", "--reveal-subjects").out


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that was given a text in which the ban on passing on was softened."""
    folder = tmp_path_factory.mktemp("cited")
    text = changed("乙方不把信息交给任何其他人", "乙方慎重决定是否交给任何其他人")
    (folder / "agreement.txt").write_text(text, encoding="utf-8")
    given = ("--agreement", folder / "agreement.txt", "--out", folder / "run", "--quiet")
    assert command("run", EXAMPLE, *given).code == 1
    return folder


def test_an_explanation_has_the_words_of_each_clause_and_says_which_were_not_reviewed(
    cited: Path,
) -> None:
    done = command("explain", cited / "run", "F-0802", "--lang", "en")
    lines = done.out.splitlines()
    assert lines[0].startswith("Unreviewed clauses: 3-2-7c, consent.")
    ban = next(
        n for n, line in enumerate(lines) if line.startswith("  3-2-7c (Article 3(2)7, forbid")
    )
    assert lines[ban].endswith("(unreviewed)")
    assert "nearest to them is 第三条(二)7 (line 35)" in lines[ban + 1]
    assert "第三条(二)7, sentence 2, line 35): 这两种情形以外" in lines[ban + 2]
    debt = next(n for n, line in enumerate(lines) if "3-2-9.1 (Article 3(2)9(1), excepts)" in line)
    assert not lines[debt].endswith("(unreviewed)")
    assert "(1)甲方欠费未付" in lines[debt + 1]


def test_a_text_that_changed_since_is_not_quoted(cited: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(cited, tmp_path / "cited"))
    (moved / "agreement.txt").write_text(MODEL.read_text(encoding="utf-8"), encoding="utf-8")
    done = command("explain", moved / "run", "F-0802", "--export", EXAMPLE, "--lang", "en")
    assert done.code == 0
    assert "has changed since the run and can no longer be shown" in done.out
    assert "这两种情形以外" not in done.out
    assert "(unreviewed)" in done.out


def test_other_formats_carry_the_banner_too(cited: Path, tmp_path: Path) -> None:
    out = tmp_path / "csv"
    assert command("report", cited / "run", "--format", "csv", "--out", out).code == 0
    warnings = json.loads((out / "manifest.json").read_bytes())["warnings"]
    assert warnings[0]["facts"] == {"clauses": "3-2-7c, consent"}
    page = tmp_path / "html"
    assert command("report", cited / "run", "--format", "html", "--out", page).code == 0
    assert "下列条款未经复核：3-2-7c, consent" in (page / "report.html").read_text("utf-8")


def test_run_and_export_may_be_moved_together(moved: Path) -> None:
    assert command("explain", moved / "run", "F-0802").code == 0


def test_an_export_that_was_moved_is_asked_for(moved: Path) -> None:
    (moved / "export").rename(moved / "elsewhere")
    done = command("explain", moved / "run", "F-0802")
    assert (done.code, done.out) == (2, "")
    assert "放回原处，或在命令行用 --export" in done.err
    found = command("explain", moved / "run", "F-0802", "--export", moved / "elsewhere")
    assert found.code == 0
    (moved / "elsewhere").rename(moved / "export")
    assert command("explain", moved / "run", "F-0802").code == 0


def test_a_flow_that_was_not_judged_is_refused(home: Path) -> None:
    assert command("explain", home / "run", "NO-SUCH-FLOW").code == 2


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_inputs_that_changed_are_no_longer_those_of_the_run(moved: Path, change: str) -> None:
    export = moved / "export"
    match change:
        case "changed":
            with (export / "parties.csv").open("a", encoding="utf-8") as file:
                file.write("P-NEW,New,carrier,,,,,,,,\n")
        case "added":
            shutil.copy(export / "evidence.csv", export / "evidence-2.csv")
        case _:
            (export / "evidence.csv").unlink()
    for arguments in (("explain", moved / "run", "F-0802"), _report(moved / "run", "csv")):
        done = command(*arguments)
        assert (done.code, done.out) == (3, "")
        assert "parties.csv" in done.err or "evidence" in done.err


def _report(run: Path, name: str, *more: object) -> tuple[object, ...]:
    return ("report", run, "--format", name, *more)


def test_a_report_is_what_the_run_itself_would_have_written(home: Path, tmp_path: Path) -> None:
    command("run", home / "export", "--out", tmp_path / "both", "--format", "csv")
    done = command(*_report(home / "run", "csv", "--out", tmp_path / "report"))
    assert done.code == 0
    for name in ("verdicts.csv", "edges.csv", "findings.csv"):
        report = (tmp_path / "report" / name).read_bytes()
        assert report == (tmp_path / "both" / name).read_bytes()


def test_a_report_lies_beside_the_run_and_overwrites_nothing(moved: Path) -> None:
    assert command(*_report(moved / "run", "json")).code == 0
    assert (moved / "run-json" / "report.json").is_file()
    assert command(*_report(moved / "run", "json")).code == 2
    assert command("verify", moved / "run").code == 0


def test_a_format_must_be_named_and_known(home: Path) -> None:
    assert command("report", home / "run").code == 2
    assert "csv" in command(*_report(home / "run", "docx")).err


def test_a_sound_run_is_said_to_be_sound(home: Path) -> None:
    assert command("verify", home / "run").code == 0


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_what_was_tampered_with_is_named(moved: Path, change: str) -> None:
    run = moved / "run"
    match change:
        case "changed":
            (run / "rejected.csv").write_bytes(b"x")
        case "added":
            (run / "rejected.csv.bak").touch()
        case _:
            (run / "rejected.csv").unlink()
    done = command("verify", run)
    assert (done.code, done.err) == (1, "")
    assert "rejected.csv" in done.out


@pytest.mark.parametrize("name", ["verify", "explain", "report"])
@pytest.mark.parametrize(
    "manifest", [None, b"", b"[]", b"{}", b'{"request": 3}', b"\xff", b"[" * 100_000]
)
def test_a_folder_that_is_no_run_is_refused(
    tmp_path: Path, name: str, manifest: bytes | None
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_bytes(manifest)
    more = {"verify": (), "explain": ("F",), "report": ("--format", "csv")}[name]
    done = command(name, tmp_path, *more)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_a_report_is_written_in_the_language_asked_for(home: Path, tmp_path: Path) -> None:
    said = {"zh": "整改建议：", "en": "Remedy: "}
    for language, word in said.items():
        given = ("--lang", language, "--out", tmp_path / language)
        assert command("report", home / "run", "--format", "sarif", *given).code == 0
        assert word in (tmp_path / language / "report.sarif").read_text(encoding="utf-8")


def test_reasons_of_rejection_are_told_in_the_language_asked_for(
    home: Path, tmp_path: Path
) -> None:
    said = {"zh": "无法读成时间", "en": "is no readable time"}
    for language, words in said.items():
        given = ("--lang", language, "--out", tmp_path / language)
        assert command("report", home / "run", "--format", "html", *given).code == 0
        text = (tmp_path / language / "report.html").read_text(encoding="utf-8")
        assert [each in text for each in said.values()] == [each == words for each in said.values()]
        told = json.loads((tmp_path / language / "manifest.json").read_bytes())
        assert told["options"]["language"] == "zh"


def test_fonts_are_refused_before_the_work_begins(home: Path, tmp_path: Path) -> None:
    (tmp_path / "font.otf").write_text("no font", encoding="utf-8")
    for name, said in (("html", "print-no-print"), ("pdf", "print-bad-font")):
        done = command(*_report(home / "run", name, "--font", tmp_path / "font.otf"))
        facts = {"known": ", ".join(TYPESET), "file": str(tmp_path / "font.otf")}
        assert done.code == 2
        assert phrase(said, Language.zh, **facts) in done.err
        assert "read" not in done.err


def test_customers_have_pseudonyms_in_a_report_unless_their_ids_are_asked_for(
    home: Path, tmp_path: Path
) -> None:
    revealed = ("--reveal-subjects", "--out", tmp_path / "revealed")
    for options in (("--out", tmp_path / "kept"), revealed):
        assert command("report", home / "run", "--format", "csv", *options).code == 0
    kept, told = (tmp_path / name / "duties.csv" for name in ("kept", "revealed"))
    assert ",S-00" not in kept.read_text(encoding="utf-8")
    assert ",S-00" in told.read_text(encoding="utf-8")
    assert json.loads((told.parent / "manifest.json").read_bytes())["duties"]["key"] is None
