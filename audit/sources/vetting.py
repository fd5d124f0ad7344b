"""Parquet files looked at in a child process before they are read (`vetting_child`)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from typing import cast

from audit.sources import confined
from audit.sources.export import Format, TableFile

_CHILD = "audit.sources.vetting_child"


def ready() -> AbstractContextManager[Callable[[], None]]:
    """A child loads what it takes to look at files, meanwhile; what is given ends it."""
    return confined.ready(_CHILD)


def vetted(files: Sequence[TableFile]) -> tuple[TableFile, ...]:
    """The files, those of Parquet with the columns of few values that their footers tell.

    Raises InputRefused where a footer is damaged. One child looks at all of them.
    """
    unseen = [file for file in files if file.format is Format.parquet and file.few is None]
    told = dict(_looked_at(unseen)) if unseen else {}
    return tuple(told.get(file, file) for file in files)


def _looked_at(files: Sequence[TableFile]) -> Iterator[tuple[TableFile, TableFile]]:
    paths = [str(file.path.absolute()) for file in files]
    with closing(confined.answers(_CHILD, *paths)) as answers:
        for file in files:
            with confined.blaming(file.name):
                told = cast("tuple[list[str], list[tuple[str, str]], int]", next(answers))
            few, columns, rows = told
            kinds = tuple((name, kind) for name, kind in columns)
            yield file, replace(file, few=tuple(few), columns=kinds, rows=rows)
