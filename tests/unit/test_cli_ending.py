"""Whatever happens, a command ends with a documented code and one sentence."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audit.cli.ending import BUG, ended
from audit.problems import InputRefused, Problem, ResourcesExhausted, UsageRefused
from audit.wording import Language
from tests.commanding import COMMAND, child, surroundings

MISSING = Problem("cli-missing", {"name": "EXPORT"})


class Panic(BaseException):
    """As polars panics: no Exception."""


def ending(error: BaseException, *, debug: bool = False) -> int:
    def work() -> int:
        raise error

    return ended(work, Language.en, debug=debug)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageRefused(MISSING), 2),
        (InputRefused(MISSING), 3),
        (ResourcesExhausted(MISSING), 5),
        (MemoryError(), 5),
        (OSError(errno.ENOSPC, "No space left on device"), 5),
        (OSError(errno.EDQUOT, "Quota"), 5),
        (OSError(errno.EMFILE, "Too many"), 5),
        (RuntimeError("while writing: No space left on device (os error 28)"), 5),
        (KeyboardInterrupt(), 5),
        (PermissionError(errno.EACCES, "Permission denied", "a.csv"), 2),
        (KeyError("x"), BUG),
        (Panic("index out of bounds"), BUG),
        (RecursionError(), BUG),
    ],
)
def test_what_happened_has_its_code_and_one_line(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(error) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err


def test_a_bug_names_its_place_and_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(KeyError("13800000000")) == BUG
    told = capsys.readouterr().err
    assert "KeyError" in told
    assert "audit/cli/ending.py" in told
    assert "--debug" in told
    assert "13800000000" not in told


def test_a_traceback_is_shown_to_those_who_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(KeyError("x"), debug=True) == BUG
    assert "Traceback" in capsys.readouterr().err


def test_every_problem_of_a_refusal_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    other = Problem("cli-missing", {"name": "RUN"})
    assert ending(InputRefused(MISSING, other, MISSING)) == 3
    assert capsys.readouterr().err.count("\n") == 2


def test_facts_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ending(UsageRefused(Problem("cli-missing", {"name": "\x1b[31m\n"})))
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert told.count("\n") == 1


def test_a_full_disk_behind_the_standard_output_is_exit_code_5() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "pack", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=surroundings(),
            check=False,
        )
    assert done.returncode == 5
    assert done.stderr.count(b"\n") == 1


def test_a_reader_that_leaves_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "pack", "show", "telecom_agreement"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=surroundings(),
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_fault(closed: str) -> None:
    line = f"{sys.executable} -m audit pack list {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=surroundings(), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_that_knows_no_chinese_gets_it_spelled_out() -> None:
    done = child("pack", "list", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert r"\u7f16" in done.out


def test_being_told_to_end_is_one_sentence_and_exit_code_5(tmp_path: Path) -> None:
    pipe = tmp_path / "pack.toml"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, "pack", "show", pipe], stderr=subprocess.PIPE, env=surroundings()
    )
    held = os.open(pipe, os.O_WRONLY)  # waits until the command reads; it will wait for ever
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    os.close(held)
    assert process.returncode == 5
    assert told.count(b"\n") == 1
