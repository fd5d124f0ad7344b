"""The example of the project, audited and left in a folder of runs."""

import shutil
from functools import cache
from pathlib import Path

from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.outcome import Audit
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit

HOUSE = Path(__file__).parents[1]
EXAMPLE = HOUSE / "examples" / "small_carrier"
VIEWER, OFFICER, ADMIN = (Reader(role) for role in Role)


def kept_run(runs: Path, export: Path = EXAMPLE, packs: tuple[str, ...] = Request.packs) -> KeptRun:
    """The audit of the export, left in the folder of runs."""
    found = audited_once(packs) if export == EXAMPLE else audit(Request(export, packs))
    folder = runs / found.run_id[:12]
    leave(found, folder, asked=asked(Request(export, packs), folder))
    return KeptRun(folder, found.run_id)


@cache
def audited_once(packs: tuple[str, ...]) -> Audit:
    """The audit of the example under these packs, which many tests want to lie somewhere."""
    return audit(Request(EXAMPLE, packs))


def own_copy(folder: Path, export: Path = EXAMPLE) -> Path:
    """The export in a folder of its own, where a test may change it."""
    shutil.copytree(export, folder)
    return folder
