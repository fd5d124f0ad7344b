"""Duties on the command line: the summary, why of a flow, other formats, as of an instant."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from audit.cli.failing import exit_code
from audit.cli.screen import plain
from audit.cli.summary import overview
from audit.outcome import Audit
from audit.settings import FailOn
from audit.wording import Language
from tests.commanding import command
from tests.dutiful import EXAMPLE, Case, audited, pack_in

CASES = [
    *(Case(event_id=f"EV-{n}", subject=f"S-{n:04}", day=n) for n in range(12)),
    Case("assess", "undetermined", "F-0301", None, "PTR-CALL", flows=12),
    Case("tell-first", "fulfilled", "F-0703", done_by="evidence:EV-NTC-16"),
    Case("tell-first", "fulfilment_unknown", "F-0704"),
    Case("tell-first", "breached", "F-0705"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@pytest.fixture(scope="module")
def run(folder: Path) -> Path:
    """The run that the engine makes of the example under the same pack."""
    done = command("run", EXAMPLE, "--pack", pack_in(folder), "--out", folder / "run", "--quiet")
    assert done.code == 1, done.err
    return folder / "run"


def text_of(audit: Audit, language: Language) -> str:
    return "\n".join(line for block in overview(audit, language) for line in plain(block))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            Language.en,
            (
                "Duties, as of 2025-11-01 00:00",
                "13 breached, 1 of unknown fulfilment, 1 undetermined; 0 pending, 1 fulfilled",
                "paid but not corrected (25 [correct])",
                "12 people, the oldest since 2025-03-01",
                "1 person, the oldest since 2025-03-01",
            ),
        ),
        (
            Language.zh,
            (
                "义务（截至 2025-11-01 00:00）",
                "逾期未履行 13 项，是否履行不明 1 项，是否发生不明 1 项",
                "付清而未更正（25〔correct〕）",
                "12 人，最早自 2025-03-01 起",
            ),
        ),
    ],
)
def test_the_summary_tells_the_states_and_the_three_gravest(
    folder: Path, language: Language, told: tuple[str, ...]
) -> None:
    shown = text_of(audited(folder, CASES, language), language)
    for each in told:
        assert each in shown
    assert "F-0301" in shown
    assert "F-0704" not in shown  # the fourth


def test_findings_on_verdicts_are_counted_and_shown_as_before(folder: Path) -> None:
    without, told = (text_of(audited(folder, cases), Language.en) for cases in ((), CASES))
    heading = next(line for line in without.splitlines() if line.startswith("The gravest"))
    assert heading in told
    assert "no duty arose" in without


def test_packs_without_duties_say_nothing_of_them(tmp_path: Path) -> None:
    pack = pack_in(tmp_path)
    pack.write_text(pack.read_text().partition("[[duty]]")[0], encoding="utf-8")
    done = command("run", EXAMPLE, "--pack", pack, "--out", tmp_path / "run", "--lang", "en")
    assert "Duties, as of" not in done.out
    assert not (tmp_path / "run" / "duties.parquet").exists()


def test_why_of_a_flow_names_the_duties_it_raised_and_fulfilled(run: Path) -> None:
    raised = command("explain", run, "F-0703", "--lang", "en").out
    assert "Duties of this flow, as of 2025-10-09 10:00" in raised
    assert "raised: Tell the person before adverse data is reported [tell-first, 15]" in raised
    assert "towards BUR-CREDIT: fulfilled, due 2025-06-05 11:00" in raised
    done = command("explain", run, "F-0709", "--lang", "zh").out
    assert "履行：付清后二十日内更正征信记录〔correct，25〕，对 BUR-CREDIT：已履行" in done
    assert "Duties of this flow" not in command("explain", run, "F-0101", "--lang", "en").out


def test_other_formats_give_people_the_pseudonyms_of_the_run(run: Path, tmp_path: Path) -> None:
    left = pl.read_parquet(run / "duties.parquet")
    told = {}
    for name, file in (("csv", "duties.csv"), ("json", "report.json"), ("parquet", None)):
        out = tmp_path / name
        assert command("report", run, "--format", name, "--out", out).code == 0
        assert command("verify", out).code == 0
        told[name] = out / (file or "duties.parquet")
    assert pl.read_parquet(told["parquet"]).equals(left)
    with told["csv"].open(encoding="utf-8-sig", newline="") as opened:
        assert [row["subject"] or None for row in csv.DictReader(opened)] == left[
            "subject"
        ].to_list()
    document = json.loads(told["json"].read_bytes())
    assert [row["subject"] for row in document["duties"]] == left["subject"].to_list()


def test_as_of_an_earlier_day_other_duties_are_told_and_the_run_can_be_recalled(
    folder: Path,
) -> None:
    out = folder / "earlier"
    given = ("--pack", pack_in(folder), "--as-of", "2025-06-20", "--out", out, "--lang", "en")
    shown = command("run", EXAMPLE, *given).out
    assert "Duties, as of 2025-06-21 00:00" in shown
    assert "pending" in shown
    told = pl.read_parquet(out / "duties.parquet")
    assert told.filter(pl.col("event_id") == "EV-ARR-16")["state"].item() == "pending"
    assert command("report", out, "--format", "csv", "--out", folder / "earlier-csv").code == 0
    assert command("explain", out, "F-0703").code == 0


def test_a_missed_duty_does_not_change_the_exit_code(folder: Path) -> None:
    found = audited(folder, CASES)
    for fail_on in FailOn:
        assert exit_code(found, fail_on) == exit_code(audited(folder, ()), fail_on)
