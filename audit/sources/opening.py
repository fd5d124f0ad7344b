"""An export opened: the files of its tables found, and how they are to be read."""

from dataclasses import replace
from pathlib import Path

from audit.problems import InputRefused, Problem
from audit.sources import declaring, finding, zones
from audit.sources.export import Export, Format, format_of
from audit.sources.parts import path_notices, refuse_unlike
from audit.sources.reading import state
from audit.sources.vetting import vetted


def open_export(path: Path, timezone: str | None = None) -> Export:
    """What is to be audited at this path: a folder, a workbook, or a TOML source file.

    Files are found, not read; a workbook is asked for its sheets, Parquet for its footer. Whoever
    reads one later is refused where it is another by then.
    `timezone` goes before what a source file says; without either it is +08:00. Raises
    InputRefused where a file cannot be placed or no table of flows is found, and UsageRefused where
    the source file or the zone is mistaken.
    """
    try:
        export = _found(path)
        found = [
            replace(file, state=state(file)) for table in export.tables.values() for file in table
        ]
    except OSError as fault:
        facts = {"file": fault.filename or str(path), "cause": fault.strerror or ""}
        raise InputRefused(Problem("file-unreachable", facts)) from fault
    if not export.files("flows"):
        raise InputRefused(Problem("flows-missing", {"path": str(path)}))
    lacking = tuple(
        Problem("register-missing", {"table": table})
        for table, files in export.tables.items()
        if not files
    )
    zone = zones.checked(timezone or export.timezone)
    files = vetted(found)
    refuse_unlike(files)
    notices = (*export.notices, *lacking, *path_notices(files))
    return replace(export, tables=finding.by_table(files), timezone=zone, notices=notices)


def _found(path: Path) -> Export:
    if path.is_dir():
        files, notices = finding.in_folder(path)
        return Export(finding.by_table(files), notices=notices)
    if path.suffix.lower() == ".toml":
        return declaring.read_source_file(path)
    if format_of(path) is Format.xlsx:
        return Export(finding.by_table(finding.in_workbook(path, path.name)))
    missing = "export-kind" if path.exists() else "export-missing"
    raise InputRefused(Problem(missing, {"path": str(path)}))
