"""The figures to reach, each asked of what was measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.measuring.plan import GROWTH
from tests.benchmarks.measuring.rows import Row

Rows = Mapping[str, Row]
_BASES = ("as it is", "25 clauses")  # what growth is told over
LARGE, HUGE, SMALL = "10M", "100M", "1M"


class MissingError(Exception):
    """A row that a figure needs and that was not measured; why, where that is known."""


@dataclass(frozen=True)
class Figure:
    """What is wanted: at most `limit`, or at least; `told` prints it; `run` explains it."""

    what: str
    limit: float
    told: str
    asked: Callable[[Rows], float]
    run: str
    at_least: bool = False

    @property
    def wanted(self) -> str:
        """The limit in words."""
        return f"{'≥' if self.at_least else '≤'} {self.told.format(self.limit)}"

    def met(self, value: float) -> bool:
        """Whether it is reached."""
        return value >= self.limit if self.at_least else value <= self.limit


def found(rows: Rows, key: str) -> Row:
    """The row; raises MissingError where there is no figure."""
    row = rows.get(key)
    if row is None or not row.costs:
        raise MissingError(row.fault if row else "")
    return row


def cpu(key: str, over: str) -> Callable[[Rows], float]:
    """The CPU of one row over that of another."""
    return lambda rows: found(rows, key).cost.cpu / found(rows, over).cost.cpu


def rate(rows: Rows, key: str) -> float:
    """Flows per CPU second."""
    row = found(rows, key)
    return row.flows / row.cost.cpu


def loop_rate(rows: Rows, size: str) -> float:
    """Flows per CPU second of jsonschema, the interpreter and networkx together."""
    row = found(rows, f"{size}/loop")
    return row.told("flows") / sum(row.told(step) for step in ("validating", "judging", "edges"))


def _wall(key: str, over: str) -> Callable[[Rows], float]:
    return lambda rows: found(rows, key).cost.wall / found(rows, over).cost.wall


def _seconds(key: str) -> Callable[[Rows], float]:
    return lambda rows: found(rows, key).cost.wall


def _peak(key: str) -> Callable[[Rows], float]:
    return lambda rows: found(rows, key).cost.peak_mb


def _speed(rows: Rows) -> float:
    row = found(rows, f"{LARGE}/kept")
    return row.flows / row.cost.wall / 1e6


def _peaks(rows: Rows) -> float:
    return _peak(f"{HUGE}/kept")(rows) / _peak(f"{LARGE}/kept")(rows)


def _linear(rows: Rows) -> float:
    return rate(rows, f"{LARGE}/kept") / rate(rows, f"{HUGE}/kept")


def _loop(rows: Rows) -> float:
    return rate(rows, f"{LARGE}/kept") / loop_rate(rows, LARGE)


def _grown(name: str) -> Figure:
    base = _BASES[name.endswith("clauses")]
    words = {
        "parties": "300 to 30,000 parties: CPU",
        "signatures": "every flow of its own signature: CPU",
        "subjects": "1 to 10 million subjects: CPU",
        "400 clauses": "25 to 400 clauses (synthetic packs): CPU",
    }
    key, over = (f"{SMALL}/growth {each}" for each in (name, base))
    return Figure(f"{SMALL} flows, {words[name]}", 1.5, "{:.2f} x", cpu(key, over), key)


_KEPT, _HUGE, _CSV = f"{LARGE}/kept", f"{HUGE}/kept", f"{LARGE}/gb18030"
FIGURES: Sequence[Figure] = (
    Figure("10M flows: CPU over the floor's", 3, "{:.1f} x", cpu(_KEPT, f"{LARGE}/floor"), _KEPT),
    Figure(
        "10M flows: CPU of expert DuckDB SQL, which finds verdicts alone, over ours",
        5,
        "{:.1f} x",
        cpu(f"{LARGE}/duckdb", _KEPT),
        _KEPT,
        at_least=True,
    ),
    Figure("10M flows: millions a second", 1.5, "{:.2f}", _speed, _KEPT, at_least=True),
    Figure("100M flows: CPU for a flow, over that at 10M", 1.15, "{:.2f} x", _linear, _HUGE),
    Figure("100M flows: peak of memory, MB", 1500, "{:,.0f}", _peak(_HUGE), _HUGE),
    Figure("100M flows: peak over that at 10M", 1.3, "{:.2f} x", _peaks, _HUGE),
    Figure(
        "1M flows, registers kept: seconds", 2, "{:.1f}", _seconds(f"{SMALL}/kept"), f"{SMALL}/kept"
    ),
    Figure(
        "10M flows: times over a plain loop with jsonschema and networkx",
        300,
        "{:,.0f} x",
        _loop,
        _KEPT,
        at_least=True,
    ),
    Figure(
        "10M flows, the statute as a second layer: CPU over one layer's",
        1.4,
        "{:.2f} x",
        cpu(f"{LARGE}/two layers", _KEPT),
        f"{LARGE}/two layers",
    ),
    Figure("10M flows as GB18030 CSV: seconds", 12, "{:.1f}", _seconds(_CSV), _CSV),
    Figure("10M flows as GB18030 CSV: peak of memory, MB", 500, "{:,.0f}", _peak(_CSV), _CSV),
    *(_grown(name) for name in GROWTH if name not in _BASES),
    *(
        Figure(
            f"10M flows, two workers of {engine.title()}, the same bytes: seconds over local",
            limit,
            "{:.1f} x",
            _wall(f"{LARGE}/{engine}", f"{LARGE}/local"),
            f"{LARGE}/{engine}",
        )
        for engine, limit in (("spark", 4), ("daft", 2))
    ),
)
