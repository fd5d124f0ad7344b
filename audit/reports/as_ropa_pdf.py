"""The record of processing as PDF, to file and to sign."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.ropa_paper import ropa_paper
from audit.reports.ropa_words import RecordWords
from audit.reports.typesetting import typeset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(
    audit: Audit,
    _key: Key = None,
    language: Language | None = None,
    font_files: Sequence[Path] = (),
) -> Mapping[str, Writer]:
    """ropa.pdf: what the page says, set in these fonts and the machine's."""
    return {"ropa.pdf": partial(_write, audit, language or audit.options.language, font_files)}


def _write(audit: Audit, language: Language, font_files: Sequence[Path], path: Path) -> None:
    path.write_bytes(typeset(ropa_paper(RecordWords(audit, language)), font_files))
