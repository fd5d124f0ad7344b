"""Excel workbooks, read in a child process with limits (`confined`)."""

from pathlib import Path


def sheets(path: Path, name: str) -> tuple[str, ...]:
    """The names of the workbook's visible sheets, in order."""
    raise NotImplementedError
