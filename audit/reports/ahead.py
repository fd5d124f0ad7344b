"""Tables encoded while what is told of them elsewhere is still looked for."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from audit.reports.as_parquet import judged, owed
from audit.sources.spool import let_go

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement
    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.as_parquet import Write
    from audit.reports.duties import Key

_HELD = 16 << 20  # bytes of an encoded table that are held in memory; more lie on the disk


class Ahead(AbstractContextManager["Ahead"]):
    """Begun with a judgement; `writers` has the tables, if it was that audit's judgement.

    At its end what is not encoded yet is given up: the run was refused or stopped.
    """

    def __init__(self) -> None:
        self._begun: Judgement | None = None
        self._tables: dict[str, Writer] = {}
        self._ending = ExitStack()

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def begin(self, judgement: Judgement) -> None:
        """Encode what the judgement alone tells."""
        self._begun = judgement
        self._encode(judged(judgement))

    def writers(self, audit: Audit, key: Key) -> Mapping[str, Writer]:
        """The writers of the tables, the duties now begun too; none where nothing was begun."""
        if self._begun is not audit.judgement:
            return {}
        self._encode(owed(audit, key))
        return self._tables

    def _encode(self, tables: Mapping[str, Write]) -> None:
        """Encode them in a thread, one after the other."""
        aside = ThreadPoolExecutor(1)
        for name, write in tables.items():
            file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 (closed at the end)
            self._ending.callback(let_go, file)
            self._tables[name] = partial(_put, aside.submit(_encoded, write, file), write)
        self._ending.callback(aside.shutdown, wait=False, cancel_futures=True)


def _encoded(write: Write, file: IO[bytes]) -> IO[bytes]:
    write(pa.PythonFile(file, mode="w"))
    file.flush()  # or only who reads it would learn that there was no room for the last of it
    return file


def _put(encoded: Future[IO[bytes]], write: Write, path: Path) -> None:
    """Put the table in its place; where it found no room meanwhile, it is encoded there."""
    try:
        file = encoded.result()
    except OSError:
        write(path)
        return
    with file, path.open("wb") as target:
        file.seek(0)
        shutil.copyfileobj(file, target)
