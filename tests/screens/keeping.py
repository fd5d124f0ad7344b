"""Runs for screens to show, made by the audit itself."""

from pathlib import Path

from audit import Request, audit, leave
from audit.reports.recalling import asked

HOUSE = Path(__file__).parents[2]
EXAMPLE = HOUSE / "examples" / "small_carrier"


def keep(export: Path, folder: Path, *packs: str) -> Path:
    """The run of this export under these packs, left in this folder."""
    request = Request(export, packs) if packs else Request(export)
    leave(audit(request), folder, asked=asked(request, folder))
    return folder
