"""A run as the page that an auditor hands over: one file, nothing is fetched, nothing runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.paper_page import paper_page
from audit.reports.run_paper import run_paper

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(audit: Audit, key: Key = None, language: Language | None = None) -> Mapping[str, Writer]:
    """report.html: it needs no network, no script and no other file, and it prints."""
    return {"report.html": partial(_write, audit, key, language or audit.options.language)}


def _write(audit: Audit, key: Key, language: Language, path: Path) -> None:
    path.write_bytes(paper_page(run_paper(audit, key, language)))
