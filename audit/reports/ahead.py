"""What a judgement alone tells, encoded while findings and duties are still looked for."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from audit.reports.as_parquet import judged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement
    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.as_parquet import Write

_HELD = 64 << 20  # bytes of an encoded table that are held in memory; more lie on the disk


class Ahead:
    """Begun with a judgement; `writers` has its tables, if it was that audit's judgement."""

    def __init__(self) -> None:
        self._begun: Judgement | None = None
        self._tables: dict[str, Future[IO[bytes]]] = {}

    def begin(self, judgement: Judgement) -> None:
        """Encode its tables in a thread, one after the other."""
        self._begun, aside = judgement, ThreadPoolExecutor(1)
        for name, write in judged(judgement).items():
            file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 (read when put)
            weakref.finalize(self, file.close)  # where the run is refused, nobody puts it anywhere
            self._tables[name] = aside.submit(_encoded, write, file)
        aside.shutdown(wait=False)

    def writers(self, audit: Audit) -> Mapping[str, Writer]:
        """The writers of the tables; none where they were not begun."""
        if self._begun is not audit.judgement:
            return {}
        return {name: partial(_put, encoded) for name, encoded in self._tables.items()}


def _encoded(write: Write, file: IO[bytes]) -> IO[bytes]:
    write(pa.PythonFile(file, mode="w"))
    return file


def _put(encoded: Future[IO[bytes]], path: Path) -> None:
    with encoded.result() as file, path.open("wb") as target:
        file.seek(0)
        shutil.copyfileobj(file, target)
