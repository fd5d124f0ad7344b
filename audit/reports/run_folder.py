"""The folder that a run leaves: its tables, what was rejected, and the formats asked for."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from audit.outcome import Audit, account
from audit.publishing import Writer, publish
from audit.reports import FORMATS
from audit.reports.ahead import Ahead
from audit.reports.as_csv import write_csv
from audit.reports.as_parquet import render as parquet
from audit.reports.citing import citations_in, noted, warnings
from audit.reports.duties import key_beside
from audit.reports.manifest import manifest


def leave(  # noqa: PLR0913 (the last three are said by name)
    audit: Audit,
    folder: Path,
    formats: Iterable[str] = (),
    *,
    asked: Mapping[str, Any] | None = None,
    replace: bool = False,
    ahead: Ahead | None = None,
) -> None:
    """Publish the run; the formats' files come beside the tables.

    `asked` is what the run was asked, so that it can be recalled (recalling.asked); `ahead` is what
    was written of it before it was through. Raises
    Unaccounted where a row is missing, and what `publish` raises.
    """
    account(audit)
    key = key_beside(folder, audit)
    begun = ahead.writers(audit, key) if ahead else {}
    tables = {name: write for name, write in parquet(audit, key).items() if name not in begun}
    # Last those that somebody is encoding already, so that nothing waits for them.
    files: dict[str, Writer] = {**tables, "rejected.csv": partial(_rejected, audit), **begun}
    told_of = noted(audit, citations_in(asked))
    for name in formats:
        files |= FORMATS[name](told_of, key, audit.options.language)
    told = manifest(audit, key) | ({"request": asked} if asked else {})
    told["warnings"] = [*warnings(citations_in(asked)), *told["warnings"]]
    publish(folder, files, told, replace=replace)


def _rejected(audit: Audit, path: Path) -> None:
    order = ("table", "file", "position", "column", "code", "value", "reason")
    write_csv(audit.rejected.sort(order, nulls_last=True), path)
