"""Exports that fall into many shards, and runs of them to be held against each other."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl
import pytest

from audit.outcome import FLOWS
from audit.scaling import driving, planning
from tests import generate
from tests.exporting import Export, Form
from tests.properties.worlds import AGREEMENT, VOCABULARY

SHARD_ROWS = 40
GROUP_ROWS = 25


def cut_small(patch: pytest.MonkeyPatch) -> None:
    """Cut shards of some forty rows, so that a small export has many."""
    patch.setattr(driving, "planned", lambda export: planning.planned(export, SHARD_ROWS))


def dirty(folder: Path, form: Form, seed: str = "shards") -> Path:
    """An export with rejected rows, and flow ids repeated in shards far apart, in three files."""
    tables = generate.tables(Random(seed), 300, AGREEMENT, VOCABULARY, losses=True)
    rows = tables[FLOWS]
    rows[10]["flow_id"] = rows[-10]["flow_id"] = "F-TWICE"
    rows[150]["subject_id"] = None
    source = Export(form, parts=3, timezone="Asia/Shanghai").write(folder, tables)
    for file in folder.glob(f"{FLOWS}-*.parquet"):
        pl.read_parquet(file).write_parquet(file, row_group_size=GROUP_ROWS)
    return source


def content(run: Path) -> Mapping[str, bytes]:
    """Every byte of a run's folder."""
    return {str(path.relative_to(run)): path.read_bytes() for path in sorted(run.rglob("*"))}


@dataclass
class Killer:
    """Kills one worker of ours, once, when the first shard has been judged."""

    word: str  # of the command line of a worker
    shared: Path  # where the run's folder lies
    killed: int | None = None
    over: bool = False

    def watch(self) -> None:
        """Until somebody was killed, or the run is over."""
        while not self.over and self.killed is None:
            time.sleep(0.002)
            if any(self.shared.glob("*/shard-*")):
                self._kill()

    def _kill(self) -> None:
        for pid in descendants(os.getpid()):
            with suppress(OSError):
                if self.word in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
                    os.kill(pid, signal.SIGKILL)
                    self.killed = pid
                    return


def descendants(pid: int) -> Iterator[int]:
    """The processes that this one started, and those that they did; the youngest first."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split()[::-1]:
                yield from descendants(int(child))
                yield int(child)


@contextmanager
def killing(word: str, shared: Path) -> Iterator[Killer]:
    """A worker is killed while the run in this block is under way."""
    killer = Killer(word, shared)
    thread = threading.Thread(target=killer.watch)
    thread.start()
    try:
        yield killer
    finally:
        killer.over = True
        thread.join()
