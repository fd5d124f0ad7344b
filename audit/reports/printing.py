"""Papers as files of PDF: what every format that is set in fonts does alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.typesetting import typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.reports.paper import Paper
    from audit.wording import Language

    Told = Callable[[Audit, Key, Language], Paper]


def printed_as(name: str, told: Told) -> Callable[..., Mapping[str, Writer]]:
    """The format whose one file is this paper: A4, with bookmarks and page numbers."""

    def render(
        audit: Audit,
        key: Key = None,
        language: Language | None = None,
        font_files: Sequence[Path] = (),
    ) -> Mapping[str, Writer]:
        paper = partial(told, audit, key, language or audit.options.language)
        return {name: partial(_write, paper, font_files)}

    return render


def _write(paper: Callable[[], Paper], font_files: Sequence[Path], path: Path) -> None:
    """Set in these fonts and the machine's."""
    path.write_bytes(typeset(paper(), font_files))
