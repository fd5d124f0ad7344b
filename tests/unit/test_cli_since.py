"""`run --since` and `--keep-flows`: what is refused, and what is said where."""

import shutil
from pathlib import Path

import pytest

from tests.commanding import HOUSE, Done, command

EXAMPLE = HOUSE / "examples" / "small_carrier"


@pytest.fixture(autouse=True)
def _own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(folder: Path, name: str, *more: object) -> Done:
    return command("run", EXAMPLE, "--out", folder / name, "--lang", "en", *more)


def test_a_run_takes_another_further_and_says_so_beside_its_result(tmp_path: Path) -> None:
    kept = run(tmp_path, "kept", "--keep-flows")
    assert "stand" not in kept.err
    since = run(tmp_path, "since", "--since", tmp_path / "kept")
    assert (kept.code, since.code) == (1, 1)
    assert "242 flows stand as they were judged before, 0 were judged now" in since.err
    assert since.out.replace("/since", "/kept") == kept.out
    for file in (tmp_path / "kept").iterdir():
        assert file.read_bytes() == (tmp_path / "since" / file.name).read_bytes()


def test_why_nothing_was_taken_is_said_even_when_quiet(tmp_path: Path) -> None:
    run(tmp_path, "alone")
    since = run(tmp_path, "since", "--since", tmp_path / "alone", "--quiet")
    (line,) = since.err.splitlines()
    assert "run once with `--keep-flows`" in line


@pytest.mark.parametrize("option", [["--keep-flows"], ["--since", "RUN"]])
def test_without_the_cache_neither_is_possible(tmp_path: Path, option: list[str]) -> None:
    done = run(tmp_path, "run", *option, "--no-cache")
    assert done.code == 2
    assert "--no-cache" in done.err
    assert not (tmp_path / "run").exists()


def test_what_is_no_run_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "no-run")
    done = run(tmp_path, "run", "--since", tmp_path / "no-run")
    assert done.code == 2
    assert "no-run" in done.err


def test_another_engine_takes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "run", "--keep-flows", "--engine", "spark")
    assert done.code == 2
    assert "--engine local" in done.err
