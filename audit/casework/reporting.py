"""A kept run told again as a report: the audit is done once more, and must be the same."""

import io
import mimetypes
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.casework.exporting import Export
from audit.casework.triaging import with_decisions
from audit.casework.workspace import KeptRun
from audit.problems import InputRefused, Problem
from audit.publishing import Writer
from audit.reports import FORMATS, TYPESET
from audit.reports.citing import noted
from audit.reports.duties import key_beside
from audit.reports.fonts import refuse_unprintable
from audit.reports.recalling import recall, recall_citations
from audit.running import audit
from audit.wording import Language

_NO_CLOCK = (1980, 1, 1, 0, 0, 0)
_ZIP = "application/zip"


def report(run: KeptRun, form: str, language: Language) -> Export:
    """The run in one of FORMATS, with what was decided; several files come in an archive.

    Raises InputRefused where the run, its export or its packs are not what they were, and
    UsageRefused where the format cannot be made here.
    """
    if faults := run.faults():
        raise InputRefused(*faults)
    if form in TYPESET:
        refuse_unprintable(())
    request = recall(run.folder)
    worded = audit(replace(request, language=language))
    found = replace(worded, options=replace(worded.options, language=request.language))
    if found.run_id != run.run_id:
        raise InputRefused(Problem("recall-other-version"))
    runs = run.folder.absolute().parent
    found = with_decisions(found, runs, known=run.manifest.get("triage"))
    told = noted(found, recall_citations(run.folder))
    name = f"{run.run_id[:12]}-{form}"
    return _handed_out(name, FORMATS[form](told, key_beside(run.folder, found), language))


def _handed_out(name: str, files: Mapping[str, Writer]) -> Export:
    with TemporaryDirectory() as folder:
        bodies = {file: _written(Path(folder) / file, write) for file, write in files.items()}
    if len(bodies) == 1:
        ((file, body),) = bodies.items()
        return Export(f"{name}{Path(file).suffix}", _mime(file), body)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, body in sorted(bodies.items()):
            archive.writestr(zipfile.ZipInfo(file, _NO_CLOCK), body, zipfile.ZIP_DEFLATED)
    return Export(f"{name}.zip", _ZIP, packed.getvalue())


def _written(path: Path, write: Writer) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return path.read_bytes()


def _mime(file: str) -> str:
    return mimetypes.guess_type(file)[0] or "application/octet-stream"
