"""Tables that are encoded ahead are the same tables; what is given up is not encoded."""

import tempfile
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import IO

import pytest

from audit.reports import ahead
from audit.reports.ahead import Ahead
from audit.reports.run_folder import leave
from tests.judged import Flow, audited, carrier, judgement, parties

FLOWS = (Flow("F1"), Flow("F2", subject=4), Flow("F3", day=1))


def full(**_: object) -> IO[bytes]:
    """A file on a disk that has no room, which shows when what is buffered is written."""
    return Path("/dev/full").open("r+b")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("room", [True, False])
def test_what_is_encoded_ahead_is_what_would_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, room: bool
) -> None:
    found = audited(judgement(*FLOWS), parties(carrier()))
    leave(found, tmp_path / "plain")
    if not room:
        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", full)
    with Ahead() as begun:
        begun.begin(found.judgement)
        assert "verdicts.parquet" in begun.writers(found, None)
        leave(found, tmp_path / "ahead", ahead=begun)
    assert bytes_of(tmp_path / "ahead") == bytes_of(tmp_path / "plain")


def test_of_another_judgement_nothing_is_taken() -> None:
    found = audited(judgement(*FLOWS), parties(carrier()))
    with Ahead() as begun:
        begun.begin(judgement(*FLOWS))
        assert not begun.writers(found, None)


def test_what_nobody_will_put_anywhere_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    at_it, go_on, threads, written = Event(), Event(), list[Thread](), list[str]()

    def slow(_: object) -> None:
        threads.append(current_thread())
        at_it.set()
        go_on.wait(60)

    tables = {"first": slow, "second": lambda _: written.append("second")}
    monkeypatch.setattr(ahead, "judged", lambda _: tables)
    with Ahead() as begun:
        begun.begin(judgement(*FLOWS))
        assert at_it.wait(60)
    go_on.set()
    threads[0].join(60)
    assert not threads[0].is_alive()
    assert not written
