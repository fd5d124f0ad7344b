"""What is done with a folder while the engine is still loaded: it is opened, its ids are read."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from audit.engine import Engine

if TYPE_CHECKING:
    from audit import Request
    from audit.sources.export import Export

_FEW = 4_000_000  # flows: whoever is refused meanwhile does not wait for their ids for long
_FLOWS = "flows"


@dataclass(frozen=True)
class Begun:
    """An export that a thread opens, and then asks for the flow ids that more than one row has."""

    opening: Future["Export"]
    foreseeing: Future[frozenset[str] | None]

    def given_to(self, request: "Request") -> "Request":
        """The request with what was found; as it was where the run will say what is wrong."""
        if self.opening.exception():
            return request
        export = self.opening.result()
        alone = request.engine is Engine.local and request.since is None  # others ask otherwise
        foreseen = self.foreseeing.result if alone and _are_few(export) else None
        return replace(request, opened=export, foreseen=foreseen)


@dataclass(frozen=True)
class NotBegun:
    """Whatever is fetched may take long, which is for the run to tell of."""

    def given_to(self, request: "Request") -> "Request":
        """The request as it was."""
        return request


def begin(export: Path, timezone: str | None) -> Begun | NotBegun:
    """Begin with a folder; with nothing else."""
    if not export.is_dir():
        return NotBegun()
    # Imported here, for modules are loaded by one thread at a time.
    from audit.sources import vetting

    if any(export.glob("*.parquet")):
        vetting.get_ready()
    from audit.sources.opening import open_export

    aside = ThreadPoolExecutor(1)
    opening = aside.submit(open_export, export, timezone)
    from audit.records.checking import flow_batches
    from audit.vocabulary import load_vocabulary

    def foreseen() -> frozenset[str] | None:
        opened = opening.result()
        return flow_batches(opened, load_vocabulary()).foreseen() if _are_few(opened) else None

    begun = Begun(opening, aside.submit(foreseen))
    aside.shutdown(wait=False)
    return begun


def _are_few(export: "Export") -> bool:
    """Whether the files of flows tell that they are few."""
    rows = export.rows(_FLOWS)
    return rows is not None and rows <= _FEW
