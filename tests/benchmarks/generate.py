"""An export of a carrier, as large as asked: `python -m tests.benchmarks.generate FOLDER`.

The same arguments give the same tables; they are made and written piece by piece.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl
import pyarrow.parquet as pq

from tests.benchmarks.consents import Consents
from tests.benchmarks.dice import Dice
from tests.benchmarks.evidence import Evidence
from tests.benchmarks.flows import Flows
from tests.benchmarks.parties import draw_parties, register
from tests.benchmarks.scenarios import load_scenarios
from tests.benchmarks.templates import draw_templates

PIECE = 250_000  # rows in memory at a time, and in a row group
REPEATS = 3  # rows of a register that are there twice

Write = Callable[[pl.DataFrame], None]


@dataclass(frozen=True)
class Size:
    """How large the export is; the names are those of the options."""

    flows: int = 1_000_000
    parties: int = 300
    subjects: int = 1_000_000
    consents: int = 2_000_000
    evidence: int = 200_000
    templates: int = 3000


def generate(
    folder: Path,
    size: Size,
    *,
    seed: int = 1,
    dirt: float = 0.03,
    csv: bool = False,
    typed: bool = False,
) -> None:
    """Write the four tables into a folder; `typed` times are no text."""
    scenarios, rng, dice = load_scenarios(), Random(seed), Dice(seed)
    parties = draw_parties(rng, scenarios.groups, size.parties)
    templates = draw_templates(rng, scenarios.processes, parties, size.templates)
    consents = Consents(dice, size.consents, size.subjects, templates)
    evidence = Evidence(dice, size.evidence, size.subjects, parties, scenarios.proofs)
    flows = Flows(dice, templates, consents, evidence, scenarios.faults, dirt, typed)
    folder.mkdir(parents=True, exist_ok=True)
    for table, pieces in {
        "parties": iter([register(parties)]),
        "consents": _pieces(consents.piece, size.consents, REPEATS),
        "evidence": _pieces(evidence.piece, size.evidence, REPEATS),
        "flows": _pieces(flows.piece, size.flows, 0),
    }.items():
        with (
            _as_csv(folder / f"{table}.csv")
            if csv
            else _as_parquet(folder / f"{table}.parquet") as write
        ):
            for piece in pieces:
                write(piece)


def _pieces(
    piece: Callable[[range], pl.DataFrame], rows: int, repeats: int
) -> Iterator[pl.DataFrame]:
    """The rows in pieces; the first ones again at the end."""
    for first in range(0, rows, PIECE):
        yield piece(range(first, min(rows, first + PIECE)))
    if repeats:
        yield piece(range(repeats))


@contextmanager
def _as_parquet(path: Path) -> Iterator[Write]:
    writer: list[pq.ParquetWriter] = []

    def write(frame: pl.DataFrame) -> None:
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if not writer:
            writer.append(pq.ParquetWriter(path, table.schema, store_schema=False))
        writer[0].write_table(table)

    yield write
    for each in writer:
        each.close()


@contextmanager
def _as_csv(path: Path) -> Iterator[Write]:
    with path.open("wb") as file:

        def write(frame: pl.DataFrame) -> None:
            lists = pl.selectors.by_dtype(pl.List(pl.String))
            flat = frame.with_columns(lists.list.join(";"))
            flat.write_csv(file, include_header=file.tell() == 0)

        yield write


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name, default in vars(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", type=float, default=0.03, help="the share of faulty flows")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--times", choices=["text", "typed"], default="text")
    asked = parser.parse_args()
    if asked.consents < asked.subjects or asked.evidence < 1000:
        parser.error("as many consents as subjects are needed, and a thousand rows of evidence")
    generate(
        asked.folder,
        Size(**{name: getattr(asked, name) for name in vars(Size())}),
        seed=asked.seed,
        dirt=asked.dirt,
        csv=asked.format == "csv",
        typed=asked.times == "typed",
    )


if __name__ == "__main__":
    main()
