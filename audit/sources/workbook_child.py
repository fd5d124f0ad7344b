"""Run in a child process: the rows of one sheet of a workbook as lines of JSON.

Without a sheet it writes the names of the visible sheets as one array. With one it writes the
headings and then every row that has content: `[number, [cell, …]]`, no wider than the headings, or
`[number, width]` where the row is wider. A workbook of a few kilobytes can ask for more memory than
a machine has: the limits are set before it is opened (`confined`).
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.parsers import expat

from audit.sources.cells import Rows
from audit.sources.limits import refused, tell
from audit.sources.ooxml import RefusedWorkbook, workbook

_CHUNK = 1 << 16
_LOCKED = b"\xd0\xcf\x11\xe0"  # begins old workbooks, and those behind a password
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]+[0-9]+:[A-Z]+([0-9]+))"')
_MALFORMED = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError),
    *(LookupError, ValueError, OverflowError, RuntimeError),
)


def refuse_merged(part: IO[bytes], heading: int) -> None:
    """Cells merged below the headings leave all but one of them empty, and nobody knows which."""
    rest = b""
    while chunk := part.read(_CHUNK):
        rest += chunk
        for found in _MERGED.finditer(rest):
            if int(found[2]) > heading:
                raise RefusedWorkbook("cells-merged", cells=found[1].decode())
        rest = rest[-200:]


def write_rows(parts: zipfile.ZipFile, sheet: str) -> None:
    """The headings and the rows below them, a line each."""
    book = workbook(parts)
    if sheet not in book.sheets:
        raise RefusedWorkbook("sheet-missing", sheet=sheet)
    width = 0
    with parts.open(book.sheets[sheet]) as part:
        for number, cells in Rows(book).read(part):
            if not width:
                width = max(cells) + 1
                with parts.open(book.sheets[sheet]) as again:
                    refuse_merged(again, number)
            wide = max(cells) >= width
            tell([number, max(cells) + 1 if wide else [cells.get(at) for at in range(width)]])


def refuse_locked(path: str) -> None:
    """A workbook behind a password, or of before 2007, is no archive."""
    with Path(path).open("rb") as file:
        if file.read(len(_LOCKED)) == _LOCKED:
            raise RefusedWorkbook("workbook-locked")


def main(path: str, *sheet: str) -> int:
    """Write what is asked for, or last of all why it cannot be."""
    try:
        refuse_locked(path)
        with zipfile.ZipFile(path) as parts:
            if sheet:
                write_rows(parts, sheet[0])
            else:
                tell(list(workbook(parts).sheets))
    except RefusedWorkbook as fault:
        tell(refused(fault.code, **fault.facts))
    except MemoryError:
        tell(refused("file-overwhelms"))
    except _MALFORMED:
        tell(refused("file-damaged"))
    return 0
