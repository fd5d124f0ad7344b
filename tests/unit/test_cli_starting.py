"""The starter folder is complete, can be audited as it is, and overwrites nothing."""

from pathlib import Path

import pytest

import consent_schemas
from tests.commanding import command

FILES = {each.name for each in consent_schemas.path("starter").iterdir()}


def test_everything_is_written(tmp_path: Path) -> None:
    done = command("init", tmp_path / "new" / "export")
    assert (done.code, done.err) == (0, "")
    written = {each.name: each.read_bytes() for each in (tmp_path / "new" / "export").iterdir()}
    assert written.keys() == FILES
    assert all(name in done.out for name in FILES)


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert command("init", tmp_path).code == 0


@pytest.mark.parametrize("taken", ["flows.csv", "other.txt", ".hidden"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine", encoding="utf-8")
    done = command("init", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert [each.name for each in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert command("init", tmp_path / "file").code == 2
    assert command("init", tmp_path / "file" / "below").code == 2


def test_the_next_command_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    assert f"consent-audit check '{folder}'" in command("init", folder).out


@pytest.mark.parametrize("export", [".", "export.toml"])
def test_the_starter_can_be_checked_and_audited_as_it_is(tmp_path: Path, export: str) -> None:
    folder = tmp_path / "starter"
    command("init", folder)
    checked = command("check", folder / export, "--lang", "en")
    assert (checked.code, checked.out.splitlines()[-1]) == (0, "every row can be audited")
    done = command("run", folder / export, "--out", tmp_path / "run", "--quiet", "--lang", "en")
    assert (done.code, done.err) == (0, "")
    assert "flows judged: 1; every one has a ground" in done.out
