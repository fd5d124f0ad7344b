"""Kept runs are listed and compared; of the old ones none goes that anything rests on."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit import Desk, Kind, Reader, Role, Ruling, State, Target, opened
from audit.casework.findings import Filter, Turn
from audit.casework.pruning import Resting, Rule, Why, fates
from audit.casework.pruning import prune as prune_them
from tests.commanding import HOUSE, Done, command

EXAMPLE = HOUSE / "examples" / "small_carrier"
TORN = HOUSE / "examples" / "torn_register"
JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()
DAY = 86_400


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs `old`, `middle` and `new`, left on three days; `held` was held against `torn`."""
    folder = tmp_path_factory.mktemp("runs")
    packs = ("--pack", "telecom_agreement", "--pack", "cn_statute")
    command("run", EXAMPLE, "--out", folder / "old", "--quiet")
    command("run", EXAMPLE, "--out", folder / "middle", "--quiet", "--lang", "en")
    command("run", EXAMPLE, "--out", folder / "new", "--quiet", *packs)
    command("run", TORN, "--out", folder / "torn", "--quiet")
    return folder


@pytest.fixture
def runs(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, to be changed, and the working folder beside it."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(kept, tmp_path / "runs"))
    for place, name in enumerate(("torn", "old", "middle", "new")):
        left = JANUARY + place * DAY
        os.utime(folder / name / "manifest.json", (left, left))
    return folder


def ids(runs: Path) -> dict[str, str]:
    manifests = {path.parent.name: path.read_bytes() for path in runs.glob("*/manifest.json")}
    return {name: json.loads(text)["run_id"] for name, text in manifests.items()}


def here(runs: Path) -> set[str]:
    return {path.name for path in runs.iterdir() if path.is_dir()}


def prune(runs: Path, *more: object) -> Done:
    return command("runs", "prune", runs, "--lang", "en", *more)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_run_is_listed_newest_first_a_row_a_layer(runs: Path, language: str) -> None:
    done = command("runs", "list", runs, "--lang", language)
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()[1:]]
    assert [line[1] for line in lines if len(line) > 9] == ["new", "middle", "old", "torn"]
    assert len(lines) == 5, "the statute has a row of its own"
    assert lines[0][2:4] == ["2026-01-18T12:00Z", "2025-01-06/2025-10-09"]
    assert {"97", "44", "31", "70"} <= set(lines[2])


def test_programs_read_the_same_as_json(runs: Path) -> None:
    (runs / "old" / "rejected.csv").write_bytes(b"x")
    told = json.loads(command("runs", "list", runs, "--format", "json").out)
    found = {each["folder"]: each for each in told["runs"]}
    assert {name: each["sound"] for name, each in found.items()} == {
        "new": True,
        "middle": True,
        "old": False,
        "torn": True,
    }
    assert {name: each["run_id"] for name, each in found.items()} == ids(runs)
    assert found["new"]["packs"] == ["telecom_agreement 1.0.0", "cn_statute 1.0.0"]
    assert found["new"]["counts"]["contract"]["violation"] == 97
    quick = json.loads(command("runs", "list", runs, "--format", "json", "--no-verify").out)
    assert {each["sound"] for each in quick["runs"]} == {None}


def test_what_cannot_be_read_as_a_run_is_told(runs: Path) -> None:
    (runs / "old" / "manifest.json").write_text("{", encoding="utf-8")
    done = command("runs", "list", runs)
    assert done.code == 0
    assert "old" in done.out.split("无法读取")[1]
    assert command("runs", "list", runs / "nowhere").code == 2


def test_two_runs_are_compared_by_folder_or_by_the_beginning_of_an_id(runs: Path) -> None:
    named = ids(runs)
    by_folder = command("runs", "compare", runs / "old", runs / "new")
    assert by_folder.out == command("diff", runs / "old", runs / "new").out
    by_id = command("runs", "compare", named["old"][:12], named["new"][:12], "--runs", runs)
    assert (by_id.code, by_id.out) == (by_folder.code, by_folder.out)
    assert command("runs", "compare", "ffffffff", named["new"], "--runs", runs).code == 2


def test_nothing_goes_without_yes(runs: Path) -> None:
    done = prune(runs, "--keep", 1)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("3 runs would go, 1 stay")
    assert "Nothing was removed" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_the_newest_stay_and_the_others_go(runs: Path) -> None:
    done = prune(runs, "--keep", 2, "--yes")
    assert done.out.startswith("2 runs go, 2 stay")
    assert "it is among the newest" in done.out
    assert here(runs) == {"new", "middle"}
    assert [path.name for path in runs.iterdir() if path.name.endswith(".pruned")] == []


def test_what_was_left_before_a_day_goes(runs: Path) -> None:
    prune(runs, "--before", "2026-01-17", "--yes")
    assert here(runs) == {"new", "middle"}


def test_where_both_are_asked_a_run_is_old_by_both(runs: Path) -> None:
    prune(runs, "--before", "2026-01-18", "--keep", 3, "--yes")
    assert here(runs) == {"new", "middle", "old"}


@pytest.mark.parametrize(
    "rule",
    [(), ("--keep", "-1"), ("--keep", "x"), ("--keep", "²"), ("--before", "yesterday"), ("--yes",)],
)
def test_what_is_old_must_be_said(runs: Path, rule: tuple[str, ...]) -> None:
    done = prune(runs, *rule)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_run_named_by_itself_is_never_removed(runs: Path) -> None:
    decide_on(runs / "old")
    done = prune(runs / "old", "--keep", 0, "--yes")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_run_that_another_was_held_against_stays(runs: Path) -> None:
    given = ("--baseline", runs / "old", "--quiet")
    command("run", EXAMPLE, "--out", runs / "held", *given)
    done = prune(runs, "--keep", 1, "--yes")
    assert "it is a baseline" in done.out
    assert here(runs) == {"held", "old"}


@pytest.mark.parametrize("kind", ["run", "file"])
def test_the_baseline_of_the_settings_stays(runs: Path, kind: str) -> None:
    out = runs.parent / "told"
    command("report", runs / "old", "--format", "baseline", "--export", EXAMPLE, "--out", out)
    place = runs / "old" if kind == "run" else out / "baseline.json"
    Path("consent-audit.toml").write_text(f'baseline = "{place}"\n', encoding="utf-8")
    prune(runs, "--keep", 0, "--yes")
    assert here(runs) == {"old"}


def test_a_baseline_that_cannot_be_read_keeps_every_run(runs: Path) -> None:
    Path("consent-audit.toml").write_text('baseline = "nowhere.json"\n', encoding="utf-8")
    done = prune(runs, "--keep", 0, "--yes")
    assert done.code == 0
    assert "nowhere.json" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_run_that_cannot_be_read_may_name_any_other_as_its_baseline(runs: Path) -> None:
    (runs / "new" / "manifest.json").write_text("{", encoding="utf-8")
    prune(runs, "--keep", 0, "--yes")
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_run_that_was_touched_is_looked_at_before_it_goes(runs: Path) -> None:
    (runs / "old" / "rejected.csv").write_bytes(b"x")
    done = prune(runs, "--keep", 1, "--yes")
    assert "find out why first" in done.out
    assert here(runs) == {"new", "old"}


def test_a_link_is_left_where_it_is(runs: Path) -> None:
    (runs / "old").rename(runs.parent / "elsewhere")
    (runs / "old").symlink_to(runs.parent / "elsewhere")
    prune(runs, "--keep", 1, "--yes")
    assert here(runs) == {"new", "old"}
    assert (runs.parent / "elsewhere" / "manifest.json").is_file()


def test_what_a_removal_left_halfway_is_swept_by_the_next(runs: Path) -> None:
    (runs / "old").rename(runs / ".old.0123456789abcdef.pruned")
    prune(runs, "--keep", 9)
    assert ".old.0123456789abcdef.pruned" in here(runs)
    prune(runs, "--keep", 9, "--yes")
    assert here(runs) == {"new", "middle", "torn"}


def decide_on(run: Path) -> None:
    """Somebody accepts the gravest finding of the run as a false positive."""
    desk = Desk(opened(run), Reader(Role.officer, "li@carrier.example"))
    finding = desk.page(Filter(), Turn()).frame["fingerprint"][0]
    target = Target(Kind.FINDING, (finding,))
    ruling = Ruling(State.FALSE_POSITIVE, (target,), "the register was late")
    desk.decide(ruling, 0, datetime.now(UTC))


def test_a_run_that_a_decision_refers_to_stays(runs: Path) -> None:
    decide_on(runs / "old")
    done = prune(runs, "--keep", 1, "--yes")
    assert "a decision refers to it" in done.out
    assert here(runs) == {"new", "old"}


@pytest.mark.parametrize("torn", [b"", b"no store", b"SQLite format 3\0"])
def test_decisions_that_cannot_be_read_keep_every_run(runs: Path, torn: bytes) -> None:
    (runs / "triage.sqlite").write_bytes(torn)
    done = prune(runs, "--keep", 0, "--yes")
    assert "decisions cannot be read" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_decisions_that_a_run_knew_and_that_are_gone_keep_every_run(runs: Path) -> None:
    manifest = runs / "new" / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["triage"] = {"head": "0" * 64, "entries": 3}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    done = prune(runs, "--keep", 0, "--yes")
    assert "decisions cannot be read" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_log_that_was_altered_keeps_every_run(runs: Path) -> None:
    decide_on(runs / "old")
    with closing(sqlite3.connect(runs / "triage.sqlite")) as store, store:
        (table,) = store.execute(
            "select name from sqlite_master where name like '%entr%' and type = 'table'"
        ).fetchone()
        store.execute(f"delete from {table}")  # noqa: S608 (a name that the store gave)
    done = prune(runs, "--keep", 0, "--yes")
    assert "decisions cannot be read" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_a_store_that_is_named_and_not_there_keeps_every_run(runs: Path) -> None:
    done = prune(runs, "--keep", 0, "--yes", "--store", runs.parent / "nowhere.sqlite")
    assert "nowhere.sqlite" in done.out
    assert here(runs) == {"new", "middle", "old", "torn"}


def test_what_is_decided_while_others_go_keeps_its_run(runs: Path) -> None:
    decided = ids(runs)["torn"]
    answers = iter([Resting(), Resting(), Resting(decided=frozenset({decided}))])
    found = fates(runs, Rule(keep=1), Resting())
    told = prune_them(found, lambda: next(answers))
    assert [fate.why for fate in told] == [Why.NEWEST, None, None, Why.DECIDED]
    assert here(runs) == {"new", "torn"}
