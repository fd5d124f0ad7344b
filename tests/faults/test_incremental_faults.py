"""Whatever became of what an earlier run kept: the run says so, and leaves what it would alone."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit.keeping import key
from audit.outcome import Audit
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests.commanding import HOUSE

EXAMPLE = HOUSE / "examples" / "small_carrier"
FLOWS = "flows.csv"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "consent-audit"


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    export = shutil.copytree(EXAMPLE, tmp_path / "export")
    return Request(export, keep=True)


def told(found: Audit) -> tuple[int, list[str]]:
    """How many flows stand, and why no more."""
    assert found.since is not None
    return found.since.standing, [problem.code for problem in found.since.problems]


def left(found: Audit, folder: Path) -> dict[str, bytes]:
    leave(found, folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def entries(cache: Path) -> list[Path]:
    """What is kept of flows: rows, what was judged, what goes with a run; the largest first."""
    return sorted((cache / "flows").iterdir(), key=lambda file: -file.stat().st_size)


def of_flows(cache: Path) -> None:
    for entry in entries(cache):
        entry.unlink()


def of_registers(cache: Path) -> None:
    shutil.rmtree(cache / "registers")


def cut_short(cache: Path) -> None:
    for entry in entries(cache):
        entry.write_bytes(entry.read_bytes()[:-100])


def turned_in_the_middle(cache: Path) -> None:
    rows = entries(cache)[0]
    content = bytearray(rows.read_bytes())
    content[len(content) // 3] ^= 1
    rows.write_bytes(content)


def open_to_others(cache: Path) -> None:
    (cache / "flows").chmod(0o755)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (of_flows, ["since-nothing"]),
        (cut_short, ["since-damaged", "since-nothing"]),
        (turned_in_the_middle, ["since-damaged"]),
        (open_to_others, ["since-nothing", "since-not-kept"]),
    ],
)
def test_what_is_gone_or_damaged_is_judged_again(
    harm: Callable[[Path], None],
    expected: list[str],
    request_: Request,
    tmp_path: Path,
    cache: Path,
) -> None:
    first = audit(replace(request_, keep_flows=True))
    harm(cache)
    found = audit(replace(request_, since=first.run_id))
    assert told(found) == (0, expected)
    assert left(found, tmp_path / "since") == left(first, tmp_path / "first")


def test_a_damaged_entry_is_removed_and_kept_anew(request_: Request, cache: Path) -> None:
    first = audit(replace(request_, keep_flows=True))
    turned_in_the_middle(cache)
    again = replace(request_, since=first.run_id)
    assert told(audit(again)) == (0, ["since-damaged"])
    standing, problems = told(audit(again))
    assert standing > 200
    assert not problems


def test_without_the_registers_of_then_every_flow_is_judged_again(
    request_: Request, tmp_path: Path, cache: Path
) -> None:
    first = audit(replace(request_, keep_flows=True))
    of_registers(cache)
    with (request_.export / "parties.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = audit(replace(request_, since=first.run_id))
    assert told(found) == (0, ["since-registers"])
    assert left(found, tmp_path / "since") == left(audit(request_), tmp_path / "alone")


def test_another_version_pack_or_name_takes_nothing(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = audit(replace(request_, keep_flows=True))
    since = replace(request_, since=first.run_id)
    assert told(audit(replace(since, packs=("cn_statute",)))) == (0, ["since-other"])
    assert told(audit(replace(since, timezone="+09:00"))) == (0, ["since-other"])
    (request_.export / FLOWS).rename(request_.export / f"{FLOWS[:-4]}-1.csv")
    assert told(audit(since)) == (0, ["since-other"])
    monkeypatch.setattr(key, "_source", lambda: "another engine")
    assert told(audit(since)) == (0, ["since-nothing"])


def test_without_a_cache_folder_nothing_is_kept_and_it_is_said(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    found = audit(replace(request_, keep_flows=True))
    assert told(found) == (0, ["since-not-kept"])


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("hindered", ["write_entry", "tempfile.TemporaryFile"])
def test_no_room_for_what_is_kept_does_not_hinder_a_run(
    hindered: str, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"audit.incremental.spooling.{hindered}", full)
    assert told(audit(replace(request_, keep_flows=True))) == (0, ["since-not-kept"])


def test_what_is_kept_is_for_its_user_alone(request_: Request, cache: Path) -> None:
    audit(replace(request_, keep_flows=True))
    assert (cache / "flows").stat().st_mode & 0o777 == 0o700
    assert {entry.stat().st_mode & 0o777 for entry in entries(cache)} == {0o600}
    assert len(entries(cache)) == 3


def test_unless_asked_nothing_of_flows_is_kept(request_: Request, cache: Path) -> None:
    assert audit(request_).since is None
    assert not (cache / "flows").exists()
