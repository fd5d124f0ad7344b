"""The table of verdicts encoded while the findings are still looked for: it takes as long."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from audit.reports.verdict_file import VERDICTS, write_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement
    from audit.outcome import Audit
    from audit.publishing import Writer

_MOST = 2_000_000  # flows: the encoded table is held in memory, some 30 bytes a flow


class VerdictsAhead:
    """Begun with a judgement; `writers` has the file, if it was that audit's judgement."""

    def __init__(self) -> None:
        self._begun: tuple[Judgement, Future[pa.Buffer]] | None = None

    def begin(self, judgement: Judgement) -> None:
        """Encode its verdicts in a thread, where they are few enough to be held."""
        if judgement.flows.height > _MOST:
            return
        aside = ThreadPoolExecutor(1)
        self._begun = judgement, aside.submit(_encoded, judgement)
        aside.shutdown(wait=False)

    def writers(self, audit: Audit) -> Mapping[str, Writer]:
        """The writer of the table; none where it was not begun."""
        if self._begun is None or self._begun[0] is not audit.judgement:
            return {}
        return {VERDICTS: partial(_put, self._begun[1])}


def _encoded(judgement: Judgement) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    write_verdicts(judgement, sink)
    return sink.getvalue()


def _put(encoded: Future[pa.Buffer], path: Path) -> None:
    path.write_bytes(encoded.result())
