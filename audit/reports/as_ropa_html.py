"""The record of processing as a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.reports.paper_page import paper_page
from audit.reports.ropa_paper import ropa_paper
from audit.reports.ropa_words import RecordWords

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(
    audit: Audit, _key: Key = None, language: Language | None = None
) -> Mapping[str, Writer]:
    """ropa.html: one file that needs no network and no script."""
    return {"ropa.html": partial(_write, audit, language or audit.options.language)}


def _write(audit: Audit, language: Language, path: Path) -> None:
    path.write_bytes(paper_page(ropa_paper(RecordWords(audit, language))))
