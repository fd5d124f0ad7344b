"""The table of verdicts encoded while the findings are still looked for: it takes as long."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from audit.reports.verdict_file import VERDICTS, write_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement
    from audit.outcome import Audit
    from audit.publishing import Writer

_HELD = 64 << 20  # bytes of the encoded table that are held in memory; more lie on the disk


class VerdictsAhead:
    """Begun with a judgement; `writers` has the file, if it was that audit's judgement."""

    def __init__(self) -> None:
        self._begun: tuple[Judgement, Future[IO[bytes]]] | None = None

    def begin(self, judgement: Judgement) -> None:
        """Encode its verdicts in a thread."""
        file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 (read when it is put)
        weakref.finalize(self, file.close)  # where the run is refused, nobody puts it anywhere
        aside = ThreadPoolExecutor(1)
        self._begun = judgement, aside.submit(_encoded, judgement, file)
        aside.shutdown(wait=False)

    def writers(self, audit: Audit) -> Mapping[str, Writer]:
        """The writer of the table; none where it was not begun."""
        if self._begun is None or self._begun[0] is not audit.judgement:
            return {}
        return {VERDICTS: partial(_put, self._begun[1])}


def _encoded(judgement: Judgement, file: IO[bytes]) -> IO[bytes]:
    write_verdicts(judgement, pa.PythonFile(file, mode="w"))
    return file


def _put(encoded: Future[IO[bytes]], path: Path) -> None:
    with encoded.result() as file, path.open("wb") as target:
        file.seek(0)
        shutil.copyfileobj(file, target)
