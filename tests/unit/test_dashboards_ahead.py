"""What is read before the first reader comes: digests first, nothing of a run that was touched."""

import os
from pathlib import Path

import pytest

from audit.casework.desk import Desk
from audit.casework.roles import Role
from dashboards.ahead import newest, read_newest
from dashboards.settings import Identity, Settings
from tests.judged import Flow
from tests.kept import kept

ASKED = ("faults", "overview", "facets")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a desk was asked, in turn; it answers as ever."""
    told: list[str] = []

    def listened(name: str) -> None:
        real = getattr(Desk, name)

        def heard(desk: Desk) -> object:
            told.append(name)
            return real(desk)

        monkeypatch.setattr(Desk, name, heard)

    for name in ASKED:
        listened(name)
    return told


def test_the_digests_of_the_newest_run_come_before_its_figures(
    tmp_path: Path, asked: list[str]
) -> None:
    kept(tmp_path / "run", [Flow("F1")])
    read_newest(Settings(tmp_path))
    assert asked == list(ASKED)


def test_nothing_else_is_read_of_a_run_that_was_touched(tmp_path: Path, asked: list[str]) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    with run.file("findings.parquet").open("ab") as file:
        file.write(b" ")
    read_newest(Settings(tmp_path))
    assert asked == ["faults"]


def test_where_there_is_no_run_nothing_is_read(tmp_path: Path, asked: list[str]) -> None:
    read_newest(Settings(tmp_path / "nowhere"))
    assert asked == []


def test_what_cannot_be_read_ahead_is_left_to_the_reader(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    run.file("findings.parquet").unlink()
    run.file("findings.parquet").mkdir()
    read_newest(Settings(tmp_path))


@pytest.mark.parametrize(
    ("settings", "role"),
    [
        ({}, Role.admin),
        ({"role_without_login": Role.viewer}, Role.viewer),
        ({"identity": Identity.login}, Role.viewer),
        ({"identity": Identity.proxy, "role_of_others": Role.officer}, Role.officer),
    ],
)
def test_the_newest_run_is_read_as_most_readers_see_it(
    tmp_path: Path, settings: dict[str, object], role: Role
) -> None:
    old, new = (kept(tmp_path / name, [Flow(name)]) for name in ("old", "new"))
    os.utime(old.file("manifest.json"), (1_000_000_000, 1_000_000_000))
    desk = newest(Settings(tmp_path, **settings))  # type: ignore[arg-type]
    assert desk is not None
    assert (desk.run, desk.reader.role) == (new, role)
