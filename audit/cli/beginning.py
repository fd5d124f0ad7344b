"""What is done with a folder while the engine is still loaded: it is opened, its ids are read."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.sources.export import Export

_FEW = 4_000_000  # flows: whoever is refused meanwhile does not wait for their ids for long
_FLOWS = "flows"


@contextmanager
def begun(
    export: Path, timezone: str | None, *, ids: bool
) -> Iterator["Callable[[], Export] | None"]:
    """What gives the folder opened, and raises what opening raised; None where nothing was begun.

    A thread opens it, and then reads the flow ids, if `ids` are asked for. Whatever is not through
    by the end of this is given up.
    """
    if not _is_soon_open(export):
        yield None
        return
    from audit.sources import vetting

    aside = ThreadPoolExecutor(1)
    with vetting.ready() as end_child:
        try:
            yield _opening(aside, export, timezone, ids=ids)
        finally:
            end_child()
            aside.shutdown(cancel_futures=True)


def _opening(
    aside: ThreadPoolExecutor, export: Path, timezone: str | None, *, ids: bool
) -> "Callable[[], Export]":
    from audit.sources.opening import open_export

    opening = aside.submit(open_export, export, timezone)
    if not ids:
        return opening.result
    # Imported here and not by the thread, so that the two do not wait for each other's modules.
    from audit.records.checking import flow_batches
    from audit.vocabulary import load_vocabulary

    def foreseen() -> frozenset[str] | None:
        opened = opening.result()
        return flow_batches(opened, load_vocabulary()).foreseen() if _are_few(opened) else None

    foreseeing = aside.submit(foreseen)

    def opened() -> "Export":
        found = opening.result()
        return replace(found, foreseen=foreseeing.result) if _are_few(found) else found

    return opened


def _is_soon_open(export: Path) -> bool:
    """Whether it is a folder of Parquet alone or beside text, where one child looks at all files.

    A workbook has one each. Whatever cannot be looked at is for the run to tell of.
    """
    from audit.sources.export import Format, format_of

    try:
        found = list(export.iterdir())
        nested = any(path.is_dir() for path in found)
    except OSError:
        return False
    kinds = {format_of(path) for path in found}
    return Format.parquet in kinds and Format.xlsx not in kinds and not nested


def _are_few(export: "Export") -> bool:
    """Whether the files of flows tell that they are few."""
    rows = export.rows(_FLOWS)
    return rows is not None and rows <= _FEW
