"""`run --baseline` tells what is new or worse, and its exit code is about nothing else."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft4Validator
from referencing import Registry

from tests.commanding import HOUSE, Done, command

EXAMPLE = HOUSE / "examples" / "small_carrier"
SARIF = HOUSE / "tests" / "sarif_schema" / "sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`export`, and `run`: its run with a baseline; `sound`: nothing of it is rejected."""
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(EXAMPLE, folder / "export")
    command("run", folder / "export", "--out", folder / "run", "--format", "baseline")
    shutil.copytree(EXAMPLE, folder / "sound")
    rejected = pl.read_csv(folder / "run" / "rejected.csv", infer_schema=False)
    for table, rows in rejected.group_by("table"):
        drop_rows(folder / "sound" / f"{table[0]}.csv", {int(n) for n in rows["position"]})
    command("run", folder / "sound", "--out", folder / "sound-run", "--format", "baseline")
    return folder


def drop_rows(file: Path, numbers: set[int]) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines, start=1) if number not in numbers]
    file.write_text("".join(kept), encoding="utf-8")


@pytest.fixture
def export(runs: Path, tmp_path: Path) -> Path:
    """The sound export, to be changed."""
    return Path(shutil.copytree(runs / "sound", tmp_path / "export"))


def again(export: Path, baseline: Path, *more: object) -> Done:
    out = export.parent / "again"
    shutil.rmtree(out, ignore_errors=True)
    given = ("--out", out, "--baseline", baseline, "--lang", "en", *more)
    return command("run", export, *given)


def flows(export: Path, like: str = "F-0802", **changes: str) -> None:
    """One more flow: F-0802, a violation, or another, but for what is changed."""
    table = pl.read_csv(export / "flows.csv", infer_schema=False)
    row = table.filter(flow_id=like).with_columns(
        flow_id=pl.lit("F-NEW"), **{name: pl.lit(value) for name, value in changes.items()}
    )
    pl.concat([table, row]).write_csv(export / "flows.csv")


@pytest.mark.parametrize(
    ("kind", "fail_on"),
    [("sound-run", "violation"), ("sound-run/baseline.json", "indeterminate")],
)
def test_what_is_known_is_counted_and_fails_nothing(
    runs: Path, export: Path, kind: str, fail_on: str
) -> None:
    done = again(export, runs / kind, "--fail-on", fail_on)
    assert done.code == 0
    told = json.loads((runs / "sound-run" / "manifest.json").read_bytes())
    total = sum(told["findings"].values())
    assert f"findings: {total} known, 0 new, 0 worse, 0 gone" in done.out
    assert "The gravest" not in done.out


def test_a_new_violation_is_reported_alone_and_fails(runs: Path, export: Path) -> None:
    flows(export, recipient="PTR-DATA", purpose="marketing")
    done = again(export, runs / "sound-run")
    assert done.code == 1
    assert " 0 worse, 0 gone" in done.out
    assert "F-NEW" in done.out
    assert "F-1503" not in done.out, "it is known, however grave"


def test_more_of_a_known_violation_is_worse_and_fails(runs: Path, export: Path) -> None:
    flows(export)
    done = again(export, runs / "sound-run")
    assert done.code == 1
    assert "1 worse, 0 gone" in done.out
    assert "flows 3, now 4" in done.out


def test_a_new_doubt_fails_where_doubts_are_to_fail(runs: Path, export: Path) -> None:
    flows(export, "F-0102", purpose="unheard.of")
    assert again(export, runs / "sound-run").code == 0
    assert again(export, runs / "sound-run", "--fail-on", "indeterminate").code == 1


def test_what_was_mended_is_gone(runs: Path, export: Path) -> None:
    table = pl.read_csv(export / "flows.csv", infer_schema=False)
    table.filter(pl.col("flow_id") != "F-1503").write_csv(export / "flows.csv")
    done = again(export, runs / "sound-run", "--fail-on", "indeterminate")
    assert done.code == 0
    assert "0 new, 0 worse, 1 gone" in done.out
    assert "may only not have been seen" not in done.out


def test_rejected_rows_never_become_known(runs: Path) -> None:
    """Both runs have the same rejected rows; accepting the first accepts none of them."""
    done = again(runs / "export", runs / "run", "--fail-on", "indeterminate")
    assert done.code == 1
    assert "0 new, 0 worse, 0 gone" in done.out
    assert "Rows rejected and not judged: 11." in done.out
    assert again(runs / "export", runs / "run").code == 0


def test_one_rejected_row_of_a_register_is_enough(runs: Path, export: Path) -> None:
    register = export / "consents.csv"
    text = register.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = text[-1].split(",")
    cells[0], cells[1] = "C-TORN", "NOBODY-SEEN"
    given = text[0].strip().split(",").index("given_at")
    cells[given] = "2025-04-31"
    register.write_text("".join(text) + ",".join(cells), encoding="utf-8")
    done = again(export, runs / "sound-run", "--fail-on", "indeterminate")
    assert done.code == 1
    assert "Rows rejected and not judged: 1." in done.out


def test_a_register_that_was_lost_never_becomes_known(runs: Path, export: Path) -> None:
    heading = (export / "evidence.csv").read_text(encoding="utf-8").splitlines()[0]
    (export / "evidence.csv").write_text(f"{heading}\n", encoding="utf-8")
    done = again(export, runs / "sound-run", "--fail-on", "indeterminate")
    assert done.code == 1
    assert "Of the registers evidence" in done.out
    assert "may only not have been seen" in done.out


def test_a_run_that_judged_nothing_is_not_cleared_by_a_baseline(runs: Path, export: Path) -> None:
    heading = (export / "flows.csv").read_text(encoding="utf-8").splitlines()[0]
    (export / "flows.csv").write_text(f"{heading}\n", encoding="utf-8")
    assert again(export, runs / "sound-run", "--fail-on", "never").code == 3


def test_an_empty_baseline_knows_nothing(runs: Path, export: Path, tmp_path: Path) -> None:
    from audit.outcome import digest

    told = json.loads((runs / "sound-run" / "baseline.json").read_bytes())
    del told["digest"]
    told["findings"] = []
    empty = tmp_path / "empty.json"
    empty.write_text(json.dumps({**told, "digest": digest(told)}), encoding="utf-8")
    for fail_on in ("violation", "indeterminate"):
        assert again(export, empty, "--fail-on", fail_on).code == 1


def test_a_baseline_of_other_packs_is_refused_before_anything_is_done(
    runs: Path, export: Path
) -> None:
    done = again(export, runs / "run", "--pack", "telecom_agreement", "--pack", "cn_statute")
    assert (done.code, done.out) == (2, "")
    assert "contract/telecom_agreement, statute/cn_statute" in done.err
    assert not (export.parent / "again").exists()


def test_another_version_of_a_pack_is_refused_unless_it_is_asked_for(
    runs: Path, export: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "ours.toml"
    text = (HOUSE / "consent_schemas" / "packs" / "telecom_agreement.toml").read_text("utf-8")
    assert text.count('"1.0.0"') == 1
    pack.write_text(text.replace('"1.0.0"', '"1.0.1"'), encoding="utf-8")
    done = again(export, runs / "sound-run", "--pack", pack)
    assert (done.code, done.out) == (2, "")
    assert "--baseline-any-version" in done.err
    taken = again(export, runs / "sound-run", "--pack", pack, "--baseline-any-version")
    assert taken.code == 0
    assert "The content of telecom_agreement is not what" in taken.out


def test_a_damaged_baseline_is_usage(runs: Path, export: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "b.json"
    text = (runs / "run" / "baseline.json").read_text(encoding="utf-8")
    damaged.write_text(text.replace('"flows":1,', '"flows":9,', 1), encoding="utf-8")
    for place in (damaged, tmp_path / "nowhere.json"):
        done = again(export, place)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert "--format baseline" in done.err
    assert again(export, damaged, "--no-baseline").code == 1


def test_the_folder_of_the_run_is_whole_and_names_its_baseline(runs: Path, export: Path) -> None:
    again(export, runs / "sound-run", "--lang", "zh")
    plain, held = runs / "sound-run", export.parent / "again"
    assert command("verify", held).code == 0
    for name in ("findings.parquet", "verdicts.parquet", "edges.parquet", "rejected.csv"):
        assert (held / name).read_bytes() == (plain / name).read_bytes()
    told, before = (json.loads((each / "manifest.json").read_bytes()) for each in (held, plain))
    assert told["request"]["baseline"] == {"run": before["run_id"]}
    assert told["run_id"] == before["run_id"]


def sarif(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "report.sarif").read_bytes())
    official = Draft4Validator(json.loads(SARIF.read_bytes()), registry=Registry())
    assert list(official.iter_errors(document)) == []
    return dict(document["runs"][0])


def test_sarif_says_of_every_result_what_became_of_it(runs: Path, export: Path) -> None:
    table = pl.read_csv(export / "flows.csv", infer_schema=False)
    table.filter(pl.col("flow_id") != "F-1503").write_csv(export / "flows.csv")
    flows(export)
    again(export, runs / "sound-run", "--format", "sarif")
    run = sarif(export.parent / "again")
    states = [each["baselineState"] for each in run["results"]]
    told = run["properties"]["baseline"]
    assert states.count("absent") == told["gone"] == 1
    assert states.count("updated") == told["worse"] == 1
    assert states.count("new") == told["new"]
    assert states.count("unchanged") == told["known"] > 100
    absent = run["results"][states.index("absent")]
    before = json.loads((runs / "sound-run" / "baseline.json").read_bytes())["findings"]
    assert (absent["kind"], absent["level"]) == ("informational", "none")
    fingerprint = absent["partialFingerprints"]["consentAudit/v1"]
    assert fingerprint in {each["fingerprint"] for each in before}


def test_a_report_of_a_kept_run_takes_a_baseline_too(runs: Path, tmp_path: Path) -> None:
    given = ("--format", "sarif", "--out", tmp_path / "told", "--baseline", runs / "run")
    assert command("report", runs / "run", *given).code == 0
    states = {each["baselineState"] for each in sarif(tmp_path / "told")["results"]}
    assert states == {"unchanged"}


def test_without_a_baseline_no_state_is_told(runs: Path, tmp_path: Path) -> None:
    command("report", runs / "run", "--format", "sarif", "--out", tmp_path / "told")
    assert not [each for each in sarif(tmp_path / "told")["results"] if "baselineState" in each]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_quiet_line_has_the_counts(runs: Path, export: Path, language: str) -> None:
    done = again(export, runs / "sound-run", "--quiet", "--lang", language)
    (line,) = done.out.splitlines()
    assert ("已知" if language == "zh" else "known") in line
