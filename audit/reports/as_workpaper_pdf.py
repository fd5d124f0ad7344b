"""The working paper of a compliance audit as PDF, to file and to sign."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.typesetting import typeset
from audit.reports.workpaper import workpaper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(
    audit: Audit,
    key: Key = None,
    language: Language | None = None,
    font_files: Sequence[Path] = (),
) -> Mapping[str, Writer]:
    """workpaper.pdf: what the page says, set in these fonts and the machine's."""
    told = language or audit.options.language
    return {"workpaper.pdf": partial(_write, audit, key, told, font_files)}


def _write(  # noqa: PLR0913 (the last one is where to)
    audit: Audit, key: Key, language: Language, font_files: Sequence[Path], path: Path
) -> None:
    path.write_bytes(typeset(workpaper(audit, key, language), font_files))
