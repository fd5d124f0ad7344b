"""What a worker answers: nothing where it left its result, else a refusal as one process has it."""

import errno
import os
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from audit.passing import ShardResult
from audit.problems import InputRefused, ResourcesExhausted
from audit.running import Request, compiled_registers, prepared
from audit.scaling import working
from audit.scaling.driving import Order, _hand_out
from audit.scaling.folder import take
from audit.scaling.planning import Shard, planned
from audit.scaling.working import Bug, judge_shard, result_name
from tests.exporting import Form
from tests.sharded import GROUP_ROWS, dirty


@pytest.fixture
def handed_out(tmp_path: Path) -> tuple[Path, tuple[Shard, ...]]:
    """A folder with all that workers are told of an export, and its shards."""
    setting = prepared(Request(dirty(tmp_path, Form.PARQUET)))
    begun = Future[frozenset[str] | None]().result  # what no other process can be told
    setting = replace(setting, export=replace(setting.export, foreseen=begun))
    (folder := tmp_path / "folder").mkdir()
    _hand_out(folder, Order(setting, compiled_registers(setting), None, frozenset()))
    return folder, planned(setting.export, GROUP_ROWS)


def test_a_shard_that_is_judged_twice_leaves_one_result(
    handed_out: tuple[Path, tuple[Shard, ...]],
) -> None:
    folder, shards = handed_out
    shard = shards[1]
    assert judge_shard(str(folder), shard) is None
    first: ShardResult = take(folder, result_name(shard))
    assert judge_shard(str(folder), shard) is None
    again: ShardResult = take(folder, result_name(shard))
    assert first.passed.kept == again.passed.kept > 0
    assert sorted(path.name for path in folder.iterdir()) == ["brief", "registers", "shard-000001"]


def test_a_file_that_was_cut_short_after_it_was_planned_is_refused(
    handed_out: tuple[Path, tuple[Shard, ...]],
) -> None:
    folder, shards = handed_out
    path = shards[0].file.path
    path.write_bytes(path.read_bytes()[:-100])
    answer = judge_shard(str(folder), shards[0])
    assert isinstance(answer, InputRefused)
    assert [problem.code for problem in answer.problems] == ["file-changed"]


def test_a_page_that_is_damaged_is_refused_as_in_one_process(
    handed_out: tuple[Path, tuple[Shard, ...]],
) -> None:
    folder, shards = handed_out
    path = shards[0].file.path
    content = bytearray(path.read_bytes())
    content[8:4000] = bytes(3992)
    path.write_bytes(content)
    told = path.stat()
    file = replace(shards[0].file, state=(told.st_size, told.st_mtime_ns))
    shard = replace(shards[0], file=file)
    answer = judge_shard(str(folder), shard)
    assert isinstance(answer, InputRefused)
    assert [problem.code for problem in answer.problems] == ["file-damaged"]


def test_a_file_that_only_the_run_can_see_is_told_with_the_mend(
    handed_out: tuple[Path, tuple[Shard, ...]],
) -> None:
    folder, shards = handed_out
    shards[0].file.path.unlink()
    answer = judge_shard(str(folder), shards[0])
    assert isinstance(answer, InputRefused)
    assert [problem.code for problem in answer.problems] == ["shard-unreachable"]


def test_a_full_disk_is_an_answer_and_leaves_nothing(
    handed_out: tuple[Path, tuple[Shard, ...]],
) -> None:
    folder, shards = handed_out
    before = sorted(folder.iterdir())
    with smallest_files():
        answer = judge_shard(str(folder), shards[0])
    assert isinstance(answer, ResourcesExhausted)
    assert answer.problems[0].facts["detail"] == os.strerror(errno.EFBIG)
    assert sorted(folder.iterdir()) == before


def test_a_fault_of_ours_is_told_and_not_tried_again(
    handed_out: tuple[Path, tuple[Shard, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shards = handed_out
    monkeypatch.setattr(working, "flow_batches", None)
    answer = judge_shard(str(folder), shards[0])
    assert isinstance(answer, Bug)
    assert "TypeError" in answer.told


@contextmanager
def smallest_files() -> Iterator[None]:
    """No file may be longer than a thousand bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
