"""The working paper of a compliance audit as a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.paper_page import paper_page
from audit.reports.workpaper import workpaper

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(audit: Audit, key: Key = None, language: Language | None = None) -> Mapping[str, Writer]:
    """workpaper.html: one file that needs no network and no script, to print and to sign."""
    return {"workpaper.html": partial(_write, audit, key, language or audit.options.language)}


def _write(audit: Audit, key: Key, language: Language, path: Path) -> None:
    path.write_bytes(paper_page(workpaper(audit, key, language)))
