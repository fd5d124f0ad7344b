"""Decisions at the command line: made, listed, held against the log, and heeded where named."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.cli.decisions import all_set_aside
from audit.findings.triaged import Triaged
from audit.triage.ledger import Log
from audit.triage.place import STORE_FILE
from audit.triage.standing import Background, standings
from tests.commanding import Done, command, surroundings
from tests.reported import EXAMPLE, example
from tests.servers import PASSWORD, READER, postgresql

LATER = "2999-12-31"
ALL_DECISIONS = [
    ("accepted_risk", ["--until", LATER]),
    ("false_positive", []),
    ("under_review", []),
    ("remediating", []),
    ("open", []),
]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with the example's, which no test changes."""
    runs = tmp_path_factory.mktemp("first")
    assert command("run", EXAMPLE, "--out", runs / "a", "--quiet").code == 1
    return runs


@pytest.fixture
def runs(first: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    shutil.copytree(first, folder, copy_function=shutil.copy2)
    return folder


def listed(run: Path, *more: object) -> Mapping[str, Any]:
    done = command("triage", "list", run, "--format", "json", *more)
    assert done.code == 0, done.err
    told: Mapping[str, Any] = json.loads(done.out)
    return told


def decided(run: Path, *more: object, state: str = "false_positive", author: str = "李") -> Done:
    said = ("--state", state, "--reason", "因为", "--author", author, "--lang", "en")
    return command("triage", "decide", run, *said, *more)


def names(run: Path, **having: object) -> list[str]:
    rows = listed(run)["findings"]
    return [row["fingerprint"] for row in rows if having.items() <= row.items()]


def each(option: str, values: list[str]) -> Iterator[str]:
    for value in values:
        yield from (option, value)


@pytest.mark.parametrize(("state", "more"), ALL_DECISIONS)
def test_a_decision_is_listed_as_it_was_made(runs: Path, state: str, more: list[str]) -> None:
    run = runs / "a"
    finding = names(run)[0]
    done = decided(run, "--finding", finding[:12], *more, state=state)
    assert done.code == 0, done.err
    told = listed(run, "--state", state)
    row = told["findings"][0]
    assert (row["fingerprint"], row["state"], row["author"]) == (finding, state, "李")
    assert row["verdict"] == "violation", "the verdict stands"
    assert told["log"]["entries"] == 1
    assert sum(told["states"].values()) == len(names(run))


def test_a_cause_and_an_edge_take_all_their_findings_at_once(runs: Path) -> None:
    run = runs / "a"
    row = next(row for row in listed(run)["findings"] if row["edge"])
    assert decided(run, "--cause", row["cause"], state="remediating").code == 0
    alike = names(run, cause=row["cause"])
    assert len(alike) > 1
    assert names(run, state="remediating") == alike
    assert decided(run, "--edge", row["edge"], "--seen", 1).code == 0
    assert names(run, state="false_positive") == names(run, edge=row["edge"])


def test_what_is_indeterminate_is_attested_with_evidence_and_else_not(runs: Path) -> None:
    run = runs / "a"
    undecided, violation = (
        names(run, verdict=verdict)[0] for verdict in ("indeterminate", "violation")
    )
    attest = {"state": "attested_permitted"}
    refused = decided(run, "--finding", undecided, **attest)
    assert (refused.code, "evidence" in refused.err) == (2, True)
    refused = decided(run, "--finding", violation, "--evidence", "EV-1", **attest)
    assert (refused.code, "indeterminate" in refused.err) == (2, True)
    assert not (runs / STORE_FILE).exists(), "what is refused makes no store"
    assert decided(run, "--finding", undecided, "--evidence", "EV-1", **attest).code == 0
    (row,) = listed(run, "--state", "attested_permitted")["findings"]
    assert (row["verdict"], row["evidence"]) == ("indeterminate", ["EV-1"])


REFUSED: dict[str, tuple[list[str], str]] = {
    "a risk for ever": (["--state", "accepted_risk"], "needs an end"),
    "an end that is past": (["--until", "2020-01-01"], "is past"),
    "a day that is none": (["--until", "2020-02-30"], "cannot be read"),
    "what a run alone says": (["--state", "resolved"], "told by runs"),
    "a state nobody knows": (["--state", "forgiven"], "forgiven"),
    "its own approver": (["--approver", "李 "], "somebody else"),
    "another run's finding": (["--finding", "f" * 64], "names"),
    "a name too short": (["--finding", "65"], "names"),
    "a cause of two parts": (["--cause", "contract/3-2-7c"], "cannot be read"),
    "an edge of five parts": (["--edge", "a:b:c:d:e"], "cannot be read"),
    "no reason": (["--reason", " "], "reason"),
    "a version to come": (["--seen", "7"], "no version"),
}


@pytest.mark.parametrize(("more", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_decided_is_refused_in_a_sentence(
    runs: Path, more: list[str], told: str
) -> None:
    done = decided(runs / "a", "--finding", names(runs / "a")[0], *more)
    assert done.code == 2
    assert told in done.err
    assert listed(runs / "a")["log"]["entries"] == 0


def test_who_has_not_seen_the_last_decision_is_told(runs: Path) -> None:
    finding = names(runs / "a")[0]
    assert decided(runs / "a", "--finding", finding, "--seen", 0).code == 0
    late = decided(runs / "a", "--finding", finding, "--seen", 0, author="王")
    assert late.code == 2
    assert "Changed by 李 meanwhile" in late.err
    assert decided(runs / "a", "--finding", finding, "--seen", 1, author="王").code == 0


def test_a_run_heeds_decisions_only_where_their_store_is_named(runs: Path) -> None:
    run, store = runs / "a", runs / STORE_FILE
    violations = names(run, verdict="violation")
    assert decided(run, *each("--finding", violations)).code == 0
    quiet = ("--quiet", "--lang", "en", "--format", "sarif")
    plain = command("run", EXAMPLE, "--out", runs / "b", *quiet)
    heeded = command("run", EXAMPLE, "--out", runs / "c", *quiet, "--store", store)
    doubtful = command(
        *("run", EXAMPLE, "--out", runs / "d", *quiet, "--store", store),
        *("--fail-on", "indeterminate"),
    )
    assert [plain.code, heeded.code, doubtful.code] == [1, 0, 1]
    told = f"{len(violations)} of {len(names(run))} findings are set aside by decisions"
    assert all(told in done.out for done in (plain, heeded, doubtful))
    for name in "bcd":
        manifest = json.loads((runs / name / "manifest.json").read_bytes())
        assert manifest["triage"]["entries"] == 1
        assert manifest["verdicts"]["contract"]["violation"] > 0
        assert b'"status":"accepted"' in (runs / name / "report.sarif").read_bytes()
    aside = names(run, state="false_positive")[0]
    assert decided(run, "--finding", aside, state="open", author="王").code == 0
    again = command("run", EXAMPLE, "--out", runs / "e", *quiet, "--store", store)
    assert again.code == 1, "one violation that is not set aside is enough"


def test_a_violation_that_is_in_no_finding_is_set_aside_by_none() -> None:
    found = example()
    marks = standings(found.findings, Log(), Background(found.run_id, date(2026, 1, 1)))
    aside = Triaged(marks.with_columns(suppressed=pl.lit(value=True)), "", 0, date(2026, 1, 1))
    told = replace(found, triaged=aside)
    assert [all_set_aside(told, each) for each in (Verdict.VIOLATION, Verdict.INDETERMINATE)] == [
        True,
        True,
    ]
    lost = found.findings["verdict"].eq_missing("violation").arg_max()
    kept = [number for number in range(found.findings.height) if number != lost]
    fewer = replace(told, findings=found.findings[kept])
    assert not all_set_aside(fewer, Verdict.VIOLATION)
    assert not all_set_aside(found, Verdict.VIOLATION), "there is no log"


def test_a_decision_that_has_ended_fails_the_run_again(runs: Path) -> None:
    run, store = runs / "a", runs / STORE_FILE
    violations = names(run, verdict="violation")
    until = ("--until", LATER)
    assert decided(run, *each("--finding", violations), *until, state="accepted_risk").code == 0
    asked = ("run", EXAMPLE, "--quiet", "--store", store)
    assert command(*asked, "--out", runs / "b").code == 0
    assert command(*asked, "--out", runs / "c", "--on", "3000-01-01").code == 1
    told = listed(run, "--on", "3000-01-01")
    assert {row["why"] for row in told["findings"] if row["author"]} == {"expired"}


def test_nothing_is_heeded_of_a_log_that_was_altered(runs: Path) -> None:
    run, store = runs / "a", runs / STORE_FILE
    assert decided(run, *each("--finding", names(run, verdict="violation"))).code == 0
    asked = ("run", EXAMPLE, "--quiet", "--lang", "en", "--store", store)
    assert command(*asked, "--out", runs / "b").code == 0
    assert command("verify", runs / "b").code == 0
    assert command("triage", "log", runs, "--verify").code == 0
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE triage_entries SET body = replace(body, '李', '王')")
    done = command(*asked, "--out", runs / "c")
    assert (done.code, "tampered" in done.out) == (1, True)
    assert {row["why"] for row in listed(run)["findings"]} == {"log_broken"}
    assert command("verify", runs / "b").code == 1
    assert command("triage", "log", runs, "--verify").code == 1
    assert decided(run, "--finding", names(run)[0]).code == 2


def test_a_log_put_in_the_place_of_another_is_found_by_the_runs_that_knew_it(runs: Path) -> None:
    run, store = runs / "a", runs / STORE_FILE
    assert decided(run, "--finding", names(run)[0]).code == 0
    assert command("run", EXAMPLE, "--out", runs / "b", "--quiet").code == 1
    store.rename(runs / "old.sqlite")
    unlooked = command("verify", runs / "b", "--lang", "en")
    assert (unlooked.code, "no store was found" in unlooked.out) == (0, True)
    assert {row["why"] for row in listed(runs / "b")["findings"]} == {"log_broken"}
    assert decided(runs / "b", "--finding", names(runs / "b")[0]).code == 2
    assert not store.exists(), "no new log is begun for a run that knew another"
    assert command("verify", runs / "b", "--store", runs / "old.sqlite").code == 0
    assert decided(run, "--finding", names(run)[1]).code == 0
    assert command("verify", runs / "b").code == 1
    assert {row["why"] for row in listed(runs / "b")["findings"]} == {"log_broken"}
    assert decided(runs / "b", "--finding", names(runs / "b")[0]).code == 2
    told = command("triage", "log", runs, "--verify", "--format", "json")
    assert (told.code, json.loads(told.out)["lost"]) == (1, ["b"])


def test_a_pack_that_wants_an_approver_gets_one(tmp_path: Path) -> None:
    shown = command("pack", "show", "telecom_agreement", "--format", "toml")
    pack = tmp_path / "strict.toml"
    pack.write_text(f'{shown.out}\n[triage.approver]\nseverity = ["critical"]\n', encoding="utf-8")
    run = tmp_path / "runs" / "a"
    assert command("run", EXAMPLE, "--pack", pack, "--out", run, "--quiet").code == 1
    critical, high = (names(run, severity=grade)[0] for grade in ("critical", "high"))
    refused = decided(run, "--finding", critical)
    assert (refused.code, "another person" in refused.err) == (2, True)
    assert decided(run, "--finding", critical, state="under_review").code == 0
    assert decided(run, "--finding", critical, "--approver", "王").code == 0
    assert decided(run, "--finding", high).code == 0


def test_the_log_tells_everything_in_its_order(runs: Path) -> None:
    run = runs / "a"
    for letter, finding in zip("xyz", names(run)[:3], strict=True):
        assert decided(run, "--finding", finding, author=letter).code == 0
    told = json.loads(command("triage", "log", runs, "--format", "json").out)
    assert [entry["decision"]["author"] for entry in told["decisions"]] == [*"xyz"]
    page = command("triage", "log", runs, "--lang", "en").out
    assert [line.split()[3] for line in page.splitlines()[1:]] == [*"xyz"]


def test_without_a_store_all_is_open_and_nothing_is_made(runs: Path) -> None:
    told = listed(runs / "a")
    assert {row["state"] for row in told["findings"]} == {"open"}
    assert command("triage", "log", runs).code == 0
    assert not (runs / STORE_FILE).exists()
    missing = command("run", EXAMPLE, "--out", runs / "b", "--store", runs / "no.sqlite")
    assert missing.code == 2
    assert not (runs / "b").exists()


def test_an_audit_without_a_store_loads_no_database_and_no_pandas(runs: Path) -> None:
    line = (
        "import sys, audit.cli\n"
        f"try: audit.cli.main(['run', {str(EXAMPLE)!r}, '--out', {str(runs / 'b')!r}])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", line], env=surroundings(), capture_output=True, text=True, check=True
    )
    assert not {"sqlalchemy", "alembic", "sqlite3", "pandas"} & set(done.stderr.split())


def test_decisions_on_a_server_are_named_by_the_environment(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql() as server:
        url = f"postgresql://{READER}:${{CARRIER_PASSWORD}}@{server.place}"
        monkeypatch.setenv("CARRIER_PASSWORD", PASSWORD)
        monkeypatch.setenv("CONSENT_AUDIT_STORE", url)
        finding = names(runs / "a")[0]
        assert decided(runs / "a", "--finding", finding).code == 0
        assert names(runs / "a", state="false_positive") == [finding]
        assert not (runs / STORE_FILE).exists()
    gone = command("triage", "list", runs / "a")
    assert gone.code == 2
    assert PASSWORD not in gone.err


def test_the_day_in_a_manifest_is_no_day_of_the_clock(runs: Path) -> None:
    """The last decision's, which is later than the last flow; the clock is asked by nobody."""
    assert decided(runs / "a", "--finding", names(runs / "a")[0]).code == 0
    command("run", EXAMPLE, "--out", runs / "b", "--quiet", "--on", "2026-05-05")
    manifest = json.loads((runs / "b" / "manifest.json").read_bytes())
    assert date.fromisoformat(manifest["triage"]["day"]) == date(2026, 5, 5)
