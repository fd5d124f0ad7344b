"""A table in parts: Parquet files of one folder, which one program wrote and which must be alike.

A part without `withdrawn_at` among others that have it would be read as consents that nobody
withdrew, so parts that differ are refused. What stands in the names of folders (`operation=share/`,
as Hive and Spark write it) is no column: anybody can rename a folder.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from audit.problems import InputRefused, Problem
from audit.sources.export import TableFile
from audit.sources.raw import listed

_NOTHING = "nothing"  # a part in which a column is empty need not know its kind


def refuse_unlike(files: Sequence[TableFile]) -> None:
    """Raise InputRefused, naming each, where a part has other columns than its folder's first."""
    folders: dict[tuple[str, str], list[TableFile]] = defaultdict(list)
    for file in files:
        if file.part_of is not None and file.columns:
            folders[file.table, file.part_of].append(file)
    if problems := [each for parts in folders.values() for each in _unlike(parts)]:
        raise InputRefused(*problems)


def _unlike(parts: Sequence[TableFile]) -> Iterator[Problem]:
    first = parts[0]
    known = dict(first.columns)
    for part in parts[1:]:
        own = dict(part.columns)
        other = sorted(known.keys() ^ own.keys())
        other += [name for name in sorted(known.keys() & own.keys()) if _differ(known, own, name)]
        if other:
            facts = {"file": part.name, "first": first.name, "columns": listed(other)}
            yield Problem("part-unlike", facts)
        known |= {name: kind for name, kind in own.items() if known.get(name) == _NOTHING}


def _differ(known: dict[str, str], own: dict[str, str], name: str) -> bool:
    return known[name] != own[name] and _NOTHING not in {known[name], own[name]}


def path_notices(files: Sequence[TableFile]) -> tuple[Problem, ...]:
    """What is told of columns that only the names of folders have, a notice for each table."""
    told: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for folder in file.name.split("/")[:-1]:
            name, is_value, _ = folder.partition("=")
            if is_value:
                told[file.table].add(name)
    return tuple(
        Problem("path-columns-unread", {"table": table, "columns": listed(sorted(names))})
        for table, names in told.items()
    )
