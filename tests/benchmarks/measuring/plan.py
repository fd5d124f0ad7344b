"""What is measured: which programmes on which exports, in which part of the whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.benchmarks.measuring.exports import Export

SIZES = {"100k": 100_000, "1M": 1_000_000, "10M": 10_000_000, "100M": 100_000_000}
PARTS = {  # a part, and the sizes at which it is measured
    "whole": ("1M", "10M", "100M"),
    "peers": ("1M", "10M"),
    "csv": ("10M",),
    "growth": ("1M",),
    "engines": ("10M",),
}
_TIMES = {"1M": 5, "10M": 3, "100M": 1}
_FEWER = {"peers": {"1M": 3, "10M": 1}, "growth": {"1M": 3}}  # what takes many minutes
LAYERS = ("--pack", "telecom_agreement", "--pack", "cn_statute")
_MILLION = 1_000_000
GROWTH = {  # options of the generator, of the run
    "as it is": ((), ()),
    "parties": (("--parties", "30000"), ()),
    "signatures": (("--signatures", "1"), ()),
    "subjects": (("--subjects", "10 million", "--consents", "11 million"), ()),
    "25 clauses": ((), ("--pack", "{packs}/large_25.toml")),
    "400 clauses": ((), ("--pack", "{packs}/large_400.toml")),
}


class Kind(StrEnum):
    """How something is measured: a peer judges all flows and is timed as a process, or a sample."""

    floor = "floor"
    product = "product"
    peer = "peer"
    sample = "sample"


@dataclass(frozen=True)
class Entry:
    """One row; `asks` are options of the product, or a peer's module and its arguments.

    `like` is the key of the run that has to have the same bytes.
    """

    key: str
    kind: Kind
    export: Export
    asks: tuple[str, ...] = ()
    like: str = ""

    @property
    def keeps_registers(self) -> bool:
        """Whether it takes the registers as an earlier run compiled them."""
        return self.kind is Kind.product and "--no-cache" not in self.asks


@dataclass(frozen=True)
class Planner:
    """Every size divided by `scale`, which is 1 but where the measuring itself is tried."""

    scale: int = 1

    def times(self, part: str, size: str) -> int:
        """How often each row is measured, for its median."""
        return _FEWER.get(part, _TIMES)[size]

    def entries(self, part: str, size: str) -> list[Entry]:
        """What is measured by turns."""
        made = {
            "whole": self._whole,
            "peers": self._peers,
            "csv": self._csv,
            "growth": self._growth,
            "engines": self._engines,
        }
        return list(made[part](size))

    def export(self, size: str, name: str = "carrier", *options: str) -> Export:
        """The carrier's export, or one that differs in some options."""
        asked = {
            "--parties": "300",
            "--subjects": "1 million",
            "--consents": "2 million",
            "--evidence": str(max(1000, _MILLION // 5 // self.scale)),
            **dict(zip(options[::2], options[1::2], strict=True)),
        }
        words = (word for pair in asked.items() for word in (pair[0], self._number(pair[1])))
        return Export(name, SIZES[size] // self.scale, tuple(words))

    def _number(self, word: str) -> str:
        """Millions shrink with the scale, everything else stays."""
        many, millions, _ = word.partition(" million")
        return str(int(many) * _MILLION // self.scale) if millions else word

    def _whole(self, size: str) -> Iterator[Entry]:
        export = self.export(size)
        yield Entry(f"{size}/floor", Kind.floor, export)
        yield Entry(f"{size}/kept", Kind.product, export)
        if size != "100M":
            yield Entry(f"{size}/cold", Kind.product, export, ("--no-cache",))
            yield Entry(f"{size}/two layers", Kind.product, export, LAYERS)

    def _peers(self, size: str) -> Iterator[Entry]:
        export, million = self.export(size), self.export("1M")
        yield Entry(f"{size}/duckdb", Kind.peer, export, ("duckdb_sql",))
        if size == "1M":
            yield Entry(f"{size}/pandas", Kind.peer, million, ("pandas_frames",))
            yield Entry(f"{size}/validation", Kind.sample, export, ("loop", "validation"))
        else:
            yield Entry(f"{size}/spark sql", Kind.peer, self.export("100k"), ("spark_sql",))
        yield Entry(f"{size}/loop", Kind.sample, export, ("loop", "loop"))
        yield Entry(f"{size}/cedar", Kind.sample, export, ("cedar",))

    def _csv(self, size: str) -> Iterator[Entry]:
        export = self.export(size, "gb18030", "--form", "gb18030")
        yield Entry(f"{size}/gb18030", Kind.product, export)

    def _growth(self, size: str) -> Iterator[Entry]:
        for name, (options, asks) in GROWTH.items():
            export = self.export(size, name if options else "carrier", *options)
            yield Entry(f"{size}/growth {name}", Kind.product, export, asks)

    def _engines(self, size: str) -> Iterator[Entry]:
        export, local = self.export(size), f"{size}/local"
        yield Entry(local, Kind.product, export)
        for engine in ("spark", "daft"):
            asks = ("--engine", engine)
            yield Entry(f"{size}/{engine}", Kind.product, export, asks, like=local)
