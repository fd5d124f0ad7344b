"""Taking the figures: each part's rows by turns, each kept as it comes."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.measuring.costs import ENDINGS, Cost, NotMeasuredError, python, spent
from tests.benchmarks.measuring.exports import Export
from tests.benchmarks.measuring.plan import Entry, Kind
from tests.benchmarks.measuring.rows import Figures, Row, keep

_PROFILE_BEGINS, _PROFILE_ENDS = "  step ", "  in all "
Once = tuple[Cost, Figures, str]


@dataclass(frozen=True)
class Work:
    """Where exports, runs, compiled registers and what was measured lie; the day it is."""

    folder: Path
    date: str

    @property
    def results(self) -> Path:
        """What was measured up to now."""
        return self.folder / "measured"

    def run(self, key: str) -> Path:
        """What the product left last for this row."""
        return self.folder / f"run_{_name(key)}"

    def measure(self, entries: Sequence[Entry], times: int, tell: Callable[[Row], None]) -> None:
        """All rows by turns, so often; one that cannot be measured says why and keeps its place."""
        rows = {each.key: Row(each.key, each.export.flows, self.date) for each in entries}
        for turn in range(times):
            for entry in entries:
                row = rows[entry.key]
                if row.fault:
                    continue
                try:
                    row = row.with_once(*self._once(entry, first=turn == 0))
                except NotMeasuredError as why:
                    row = replace(row, fault=str(why), costs=[], said=[], profiles=[])
                rows[entry.key] = row
                keep(row, self.results)
                tell(row)

    def _once(self, entry: Entry, *, first: bool) -> Once:
        export = entry.export.ready(self.folder)
        match entry.kind:
            case Kind.floor:
                file = self.folder / "floor.parquet"
                cost, _ = spent(python("tests.benchmarks.floor", export, file), {})
                return cost, {}, ""
            case Kind.product:
                return self._product(entry, export, first=first)
            case Kind.peer:
                return self._peer(entry, export, first=first)
            case Kind.sample:
                run = self._judged(entry.export)
                name, *asks = entry.asks
                command = python(f"tests.benchmarks.peers.{name}", *asks, export, run)
                cost, said = spent(command, {})
                return cost, _agreed(said), ""

    def _product(self, entry: Entry, export: Path, *, first: bool) -> Once:
        """One run, the registers compiled beforehand where they are kept."""
        if first and entry.keeps_registers:
            plain = replace(entry, asks=_without_engine(entry.asks))
            self._ran(plain, entry.export.few.ready(self.folder))
        cost, said = self._ran(entry, export)
        if entry.like and not _same(self.run(entry.key), self.run(entry.like)):
            raise NotMeasuredError("its bytes are others")
        return cost, {}, _profile(said)

    def _ran(self, entry: Entry, export: Path) -> tuple[Cost, str]:
        run, packs = self.run(entry.key), self.folder / "packs"
        shutil.rmtree(run, ignore_errors=True)
        asks = [word.format(packs=packs) for word in entry.asks]
        if str(packs) in " ".join(asks) and not packs.exists():
            packs.mkdir()
            spent(python("tests.benchmarks.large", packs), {})
        asked = ("--out", run, "--quiet", "--profile", "--lang", "en", *asks)
        environment = {"XDG_CACHE_HOME": str(self.folder / "cache"), "MASTER": "local[2]"}
        return spent(python("audit", "run", export, *asked), environment, ENDINGS)

    def _peer(self, entry: Entry, export: Path, *, first: bool) -> Once:
        """The verdicts as a file, compared the first time."""
        file, (name,) = self.folder / f"{_name(entry.key)}.parquet", entry.asks
        shutil.rmtree(file, ignore_errors=True)
        cost, _ = spent(python(f"tests.benchmarks.peers.{name}", export, file), {})
        if first:
            run = self._judged(entry.export)
            _agreed(spent(python("tests.benchmarks.peers.agreeing", file, run), {})[1])
        return cost, {}, ""

    def _judged(self, export: Export) -> Path:
        """A run of the product on an export, to be compared with."""
        folder = export.ready(self.folder)
        entry = Entry(f"judged {folder.name}", Kind.product, export)
        if not self.run(entry.key).exists():
            self._ran(entry, folder)
        return self.run(entry.key)


def _agreed(said: str) -> Figures:
    """What a peer told of itself, if it judged as the product did."""
    figures: dict[str, float] = json.loads(said)
    if figures["differ"]:
        raise NotMeasuredError(f"{figures['differ']:,.0f} flows come out otherwise")
    return figures


def _profile(said: str) -> str:
    """The steps of a run: from the heading of the table to its last row."""
    _, begins, rest = said.partition(_PROFILE_BEGINS)
    rows, ends, total = rest.partition(_PROFILE_ENDS)
    return begins + rows + ends + total.partition("\n")[0] if ends else ""


def _without_engine(asks: tuple[str, ...]) -> tuple[str, ...]:
    return () if "--engine" in asks else asks


def _same(run: Path, other: Path) -> bool:
    """Whether two runs left the same files with the same bytes."""
    ours, theirs = (
        {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
        for root in (run, other)
    )
    return ours.keys() == theirs.keys() and all(_alike(ours[name], theirs[name]) for name in ours)


def _alike(file: Path, other: Path) -> bool:
    """Compared piece by piece, since the peak of what is measured next counts from our own."""
    piece = 1 << 20
    with file.open("rb") as one, other.open("rb") as two:
        while (read := one.read(piece)) == two.read(piece):
            if not read:
                return True
    return False


def _name(key: str) -> str:
    return key.replace("/", "_").replace(" ", "_")
