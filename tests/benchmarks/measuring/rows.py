"""What was measured, kept row by row as it comes, so that a run that is cut loses one row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from tests.benchmarks.measuring.costs import Cost, middle

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One thing measured some times; `said` is what a peer told of itself, each time.

    `fault` says why the last time gave no figure.
    """

    key: str
    flows: int
    date: str
    costs: Sequence[Cost] = ()
    said: Sequence[Figures] = ()
    profiles: Sequence[str] = ()
    fault: str = ""

    @property
    def cost(self) -> Cost:
        """The medians."""
        return middle(self.costs)

    @property
    def profile(self) -> str:
        """Where a run's time and memory went, of the run whose CPU is nearest the median."""
        wanted = self.cost.cpu
        pairs = zip(self.costs, self.profiles, strict=True)
        return min(pairs, key=lambda pair: abs(pair[0].cpu - wanted))[1]

    def told(self, name: str) -> float:
        """The median of a figure that a peer told."""
        return median(figures[name] for figures in self.said)

    def with_once(self, cost: Cost, said: Figures, profile: str) -> "Row":
        """The row with one more time."""
        return replace(
            self,
            costs=[*self.costs, cost],
            said=[*self.said, said],
            profiles=[*self.profiles, profile],
        )


def keep(row: Row, folder: Path) -> None:
    """Put the row where `kept` finds it; what was there of it before is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{row.key.replace('/', '_')}.json"
    half = file.with_suffix(".half")
    half.write_text(json.dumps(asdict(row), ensure_ascii=False, indent=1), encoding="utf-8")
    half.rename(file)


def kept(folder: Path) -> dict[str, Row]:
    """Every row that was measured, by its key; one that gave no figure is there as well."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        row = Row(**{**told, "costs": [Cost(**cost) for cost in told["costs"]]})
        found[row.key] = row
    return found
