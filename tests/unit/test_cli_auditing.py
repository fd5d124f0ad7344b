"""`run` leaves a run and says what counts, `check` says what would be rejected."""

import json
import re
import shutil
from pathlib import Path

import pytest

import consent_schemas
from audit.records.pseudonyms import KEY_FILE
from audit.wording import Language
from tests.agreements import MODEL, changed
from tests.commanding import HOUSE, child, command

EXAMPLE = HOUSE / "examples" / "small_carrier"
LAST_ZH = re.compile(r"^结论：\d+ 条流转中，违规 [1-9]\d* 条.*结果文件夹：(.+)$")


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """An export of one flow that is permitted."""
    folder = tmp_path / "clean"
    command("init", folder)
    return folder


def with_flow(export: Path, **cells: str) -> Path:
    """The export with one more flow, the first one but for these cells."""
    heading, first = (export / "flows.csv").read_text(encoding="utf-8").splitlines()[:2]
    row = dict(zip(heading.split(","), first.split(","), strict=True)) | {"flow_id": "FLOW-0002"}
    with (export / "flows.csv").open("a", encoding="utf-8") as file:
        file.write(",".join({**row, **cells}.values()) + "\n")
    return export


def test_the_example_is_audited_in_a_real_process(tmp_path: Path) -> None:
    done = child("run", EXAMPLE, "--out", tmp_path / "run")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("结论：")
    assert LAST_ZH.fullmatch(lines[-1])
    assert (tmp_path / "run" / "manifest.json").is_file()
    assert f"  consent-audit explain {tmp_path / 'run'} F-" in done.out
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("language", Language)
def test_quiet_leaves_the_last_line_alone(tmp_path: Path, language: Language) -> None:
    done = command("run", EXAMPLE, "--out", tmp_path / "run", "--quiet", "--lang", language)
    assert (done.code, done.err) == (1, "")
    assert done.out.count("\n") == 1
    assert str(tmp_path / "run") in done.out


def test_steps_are_told_beside_the_answer(clean: Path, tmp_path: Path) -> None:
    done = command("run", clean, "--out", tmp_path / "run", "--lang", "en")
    assert "judging flows, 1 rows read" in done.err
    assert "judging flows" not in done.out


def test_without_out_a_run_bears_its_id_and_may_be_made_again(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("run", clean).code == 0
    assert command("run", clean).code == 0
    (run,) = (each for each in (tmp_path / "runs").iterdir() if each.name != KEY_FILE)
    assert json.loads((run / "manifest.json").read_bytes())["run_id"].startswith(run.name)


def test_a_folder_that_is_there_is_refused_before_the_work(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    done = command("run", clean, "--out", tmp_path / "taken")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_formats_come_beside_the_tables(clean: Path, tmp_path: Path) -> None:
    done = command("run", clean, "--out", tmp_path / "run", "--format", "csv", "--format", "json")
    assert done.code == 0
    assert {"verdicts.csv", "report.json"} <= {each.name for each in (tmp_path / "run").iterdir()}


@pytest.mark.parametrize(
    ("cells", "fail_on", "code"),
    [
        ({}, "violation", 0),
        ({}, "indeterminate", 0),
        ({"purpose": "marketing"}, "violation", 1),
        ({"purpose": "marketing"}, "indeterminate", 1),
        ({"purpose": "marketing"}, "never", 0),
        ({"purpose": "unheard.of"}, "violation", 0),
        ({"purpose": "unheard.of"}, "indeterminate", 1),
        ({"occurred_at": "yesterday"}, "violation", 0),
        ({"occurred_at": "yesterday"}, "indeterminate", 1),
        ({"occurred_at": "yesterday"}, "never", 0),
    ],
)
def test_the_exit_code_is_what_fail_on_says(
    clean: Path, tmp_path: Path, cells: dict[str, str], fail_on: str, code: int
) -> None:
    export = with_flow(clean, **cells)
    done = command("run", export, "--out", tmp_path / "run", "--fail-on", fail_on, "--quiet")
    assert done.code == code


@pytest.mark.parametrize("fail_on", ["violation", "never"])
def test_a_run_that_judged_nothing_is_never_clean(
    clean: Path, tmp_path: Path, fail_on: str
) -> None:
    flows = clean / "flows.csv"
    flows.write_text(flows.read_text(encoding="utf-8").replace("2025-03-01T", ""), encoding="utf-8")
    done = command("run", clean, "--out", tmp_path / "run", "--fail-on", fail_on, "--lang", "en")
    assert done.code == 3
    assert "not one flow could be judged" in done.out


def test_an_export_that_is_not_there_is_input_refused(tmp_path: Path) -> None:
    for name in ("run", "check"):
        done = command(name, tmp_path / "nowhere")
        assert (done.code, done.out.strip()) == (3, "")


def test_a_pack_or_a_zone_that_is_not_there_is_usage(clean: Path) -> None:
    assert command("run", clean, "--pack", "nowhere").code == 2
    assert command("check", clean, "--timezone", "Nowhere/At_All").code == 2


def test_check_says_what_would_be_rejected_and_why_and_writes_nothing(
    clean: Path, tmp_path: Path
) -> None:
    for number in range(25):
        with_flow(clean, flow_id=f"LATE-{number}", occurred_at="31.12.2024")
    before = sorted(tmp_path.rglob("*"))
    done = command("check", clean, "--lang", "en")
    assert done.code == 0
    told = [line for line in done.out.splitlines() if line.startswith("  flows.csv, row ")]
    assert len(told) == 20
    assert "  and 5 more" in done.out.splitlines()
    assert "rows that would be rejected and not judged: 25" in done.out.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_text_of_the_data_steers_nothing(clean: Path, tmp_path: Path) -> None:
    shutil.copy(clean / "flows.csv", clean / "flows-[red]x\x1b[31m.csv")
    done = command("check", clean, "--lang", "en")
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert "flows-[red]x" in done.out
    assert not (tmp_path / "runs").exists()


def test_a_run_with_the_agreement_says_which_paragraphs_are_not_found(
    clean: Path, tmp_path: Path
) -> None:
    text = tmp_path / "agreement.txt"
    text.write_text("第一条 总则\n(一)登记资料。\n", encoding="utf-8")
    done = command("run", clean, "--out", tmp_path / "run", "--agreement", text, "--lang", "en")
    assert done.code == 0
    assert "1-1: the text has no" not in done.out
    assert "3-2-9.1: the text has no 第三条(二)9(1)" in done.out
    request = json.loads((tmp_path / "run" / "manifest.json").read_bytes())["request"]
    assert request["agreement"]["path"] == "../agreement.txt"


def test_clauses_that_the_text_leaves_unreviewed_are_marked_and_judge_as_they_did(
    clean: Path, tmp_path: Path
) -> None:
    text = tmp_path / "agreement.txt"
    text.write_text(changed("乙方不把信息交给", "乙方可以把信息交给"), encoding="utf-8")
    with (clean / "parties.csv").open("a", encoding="utf-8") as file:
        file.write("PTR,Buyer,third_party,,,,,CN,,,\n")
    with_flow(clean, flow_id="V-1", sender="CARRIER", recipient="PTR", operation="share")
    plain = command("run", clean, "--out", tmp_path / "plain", "--lang", "en")
    done = command("run", clean, "--out", tmp_path / "run", "--agreement", text, "--lang", "en")
    assert done.code == plain.code == 1
    assert done.out.splitlines()[0].startswith("Unreviewed clauses: 3-2-7c, consent.")
    assert "3-2-7c  Article 3(2)7 (unreviewed)" in done.out
    assert "not the words that were reviewed; nearest to them is 第三条(二)7 (line 35)" in done.out
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_bytes())
    before = json.loads((tmp_path / "plain" / "manifest.json").read_bytes())
    assert manifest["verdicts"] == before["verdicts"]
    assert manifest["run_id"] == before["run_id"]
    assert manifest["warnings"][0]["code"] == "clauses-unreviewed"
    assert manifest["warnings"][0]["facts"] == {"clauses": "3-2-7c, consent"}
    assert manifest["warnings"][1:] == before["warnings"]
    cites = manifest["request"]["cited"]["citations"]
    assert {each["clause"] for each in cites if each["unreviewed"]} == {"3-2-7c", "consent"}


def test_a_run_says_nothing_of_a_review_that_still_holds(clean: Path, tmp_path: Path) -> None:
    done = command("run", clean, "--out", tmp_path / "run", "--agreement", MODEL, "--lang", "en")
    assert done.code == 0
    assert "nreviewed" not in done.out
    assert "as it was 23, edited elsewhere 0" in done.out
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_bytes())
    assert "clauses-unreviewed" not in {each["code"] for each in manifest["warnings"]}


def test_anchors_that_cannot_be_read_are_refused_before_the_work(
    clean: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "own.toml"
    text = consent_schemas.path("packs", "telecom_agreement.toml").read_text(encoding="utf-8")
    pack.write_text(text, encoding="utf-8")
    (tmp_path / "own.anchors.json").write_text("{}", encoding="utf-8")
    places = ("--out", tmp_path / "run", "--pack", pack, "--agreement", MODEL)
    done = command("run", clean, *places)
    assert (done.code, done.out) == (2, "")
    assert "own.anchors.json" in done.err
    assert not (tmp_path / "run").exists()


def test_an_agreement_that_cannot_be_read_is_refused_before_the_work(
    clean: Path, tmp_path: Path
) -> None:
    done = command("run", clean, "--out", tmp_path / "run", "--agreement", tmp_path / "nowhere")
    assert (done.code, done.out) == (2, "")
    assert not (tmp_path / "run").exists()
