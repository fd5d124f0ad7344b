"""Files of tables found by their names: `flows.csv`, `flows-2025.jsonl`, everything in `flows/`."""

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from audit.problems import InputRefused, Problem
from audit.sources import workbooks
from audit.sources.export import READABLE, TABLES, Format, TableFile, format_of
from audit.sources.raw import listed

_NAMES: Mapping[str, str] = {
    **{table: table for table in TABLES},
    **dict(zip(("流转", "主体", "同意", "证据"), TABLES, strict=True)),
    "参与方": TABLES[1],
}
HIDDEN = (".", "_", "~$")  # what editors, Spark and Excel leave beside the data


def in_folder(folder: Path) -> tuple[list[TableFile], tuple[Problem, ...]]:
    """Every file of a table in the folder, and a notice of data files that belong to no table."""
    found: list[TableFile] = []
    strangers: list[str] = []
    for path in sorted(folder.iterdir()):
        table = table_named(path.name)
        if table is not None:
            found += of_table(table, path, path.name)
        elif _looks_like_data(path):
            strangers.append(path.name)
        elif not path.name.startswith(HIDDEN) and format_of(path) is not None:
            sheets = in_workbook(path, path.name) if format_of(path) is Format.xlsx else []
            found += sheets
            strangers += [] if sheets else [path.name]
    notice = Problem("files-unread", {"files": listed(strangers)})
    return found, (notice,) if strangers else ()


def _looks_like_data(path: Path) -> bool:
    """A folder with data files in it, or a hidden file named after a table: left, but told of."""
    if path.is_dir():
        return any(format_of(file) is not None for file in path.iterdir())
    hidden = path.name.startswith((".", "_")) and format_of(path) is not None
    return hidden and table_named(path.name.lstrip("._")) is not None


def of_table(table: str, path: Path, name: str) -> list[TableFile]:
    """The file, or every file in the folder, as files of this table, in order of their names."""
    if path.is_dir():
        return [
            replace(each, part_of=_spelled(name))
            for file, below in _inside(path, name)
            for each in of_table(table, file, below)
        ]
    if format_of(path) is None:
        raise InputRefused(Problem("file-kind", {"file": name, "known": READABLE}))
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputRefused(Problem("file-special", {"file": name}))
    return [of_kind(table, path, name)]


def of_kind(table: str, path: Path, name: str) -> TableFile:
    """The file of the table, of the kind that its name says."""
    kind = format_of(Path(name))
    if kind is None:
        raise InputRefused(Problem("file-kind", {"file": name, "known": READABLE}))
    if kind is Format.xlsx:
        return _only_sheet(table, path, name)
    return TableFile(table, path, kind, _spelled(name))


def in_workbook(path: Path, name: str) -> list[TableFile]:
    """The sheets of a workbook that are named after a table."""
    tables = {sheet: table_named(sheet) for sheet in workbooks.sheets(path, name)}
    return [
        _sheet(table, path, name, sheet) for sheet, table in tables.items() if table is not None
    ]


def table_named(name: str) -> str | None:
    """The table that a name begins with, Chinese or English, unless the word goes on."""
    lower = name.casefold()
    for word, table in _NAMES.items():
        rest = lower.removeprefix(word)
        if rest != lower and not rest[:1].isalpha():
            return table
    return None


def _inside(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(HIDDEN):
            yield path, f"{name}/{path.name}"


def _only_sheet(table: str, path: Path, name: str) -> TableFile:
    """The sheet of a workbook that is named after the table: its own, or the only one."""
    sheets = workbooks.sheets(path, name)
    own = [sheet for sheet in sheets if table_named(sheet) == table] or sheets
    if len(own) != 1:
        facts = {"file": name, "table": table, "found": listed(sheets)}
        raise InputRefused(Problem("sheet-unclear", facts))
    return _sheet(table, path, name, own[0])


def _sheet(table: str, path: Path, name: str, sheet: str) -> TableFile:
    return TableFile(table, path, Format.xlsx, f"{_spelled(name)}[{listed([sheet])}]", sheet)


def _spelled(name: str) -> str:
    """The name as text: bytes of a file name that are no UTF-8 are written out."""
    return name.encode(errors="backslashreplace").decode()


def by_table(files: Sequence[TableFile]) -> dict[str, tuple[TableFile, ...]]:
    """The files of each table, in the order in which they will be read."""
    return {table: tuple(file for file in files if file.table == table) for table in TABLES}
