"""Tables encoded while what is told of them elsewhere is still looked for."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from audit.reports.as_parquet import judged, owed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement
    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.as_parquet import Write
    from audit.reports.duties import Key

_HELD = 16 << 20  # bytes of an encoded table that are held in memory; more lie on the disk


class Ahead:
    """Begun with a judgement; `writers` has the tables, if it was that audit's judgement."""

    def __init__(self) -> None:
        self._begun: Judgement | None = None
        self._tables: dict[str, Future[IO[bytes]]] = {}

    def begin(self, judgement: Judgement) -> None:
        """Encode what the judgement alone tells."""
        self._begun = judgement
        self._encode(judged(judgement))

    def writers(self, audit: Audit, key: Key) -> Mapping[str, Writer]:
        """The writers of the tables, the duties now begun too; none where nothing was begun."""
        if self._begun is not audit.judgement:
            return {}
        self._encode(owed(audit, key))
        return {name: partial(_put, encoded) for name, encoded in self._tables.items()}

    def _encode(self, tables: Mapping[str, Write]) -> None:
        """Encode them in a thread, one after the other."""
        aside = ThreadPoolExecutor(1)
        for name, write in tables.items():
            file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 (read when put)
            weakref.finalize(self, file.close)  # where the run is refused, nobody puts it anywhere
            self._tables[name] = aside.submit(_encoded, write, file)
        aside.shutdown(wait=False)


def _encoded(write: Write, file: IO[bytes]) -> IO[bytes]:
    write(pa.PythonFile(file, mode="w"))
    return file


def _put(encoded: Future[IO[bytes]], path: Path) -> None:
    with encoded.result() as file, path.open("wb") as target:
        file.seek(0)
        shutil.copyfileobj(file, target)
