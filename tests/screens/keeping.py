"""Runs for screens to show, made by the audit itself."""

from pathlib import Path

from audit import Request, audit, leave
from audit.reports.recalling import asked
from tests.example_run import EXAMPLE, audited_once


def keep(export: Path, folder: Path, *packs: str) -> Path:
    """The run of this export under these packs, left in this folder."""
    request = Request(export, packs) if packs else Request(export)
    found = audited_once(request.packs) if export == EXAMPLE else audit(request)
    leave(found, folder, asked=asked(request, folder))
    return folder
