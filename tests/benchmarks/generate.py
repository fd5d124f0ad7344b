"""An export of a carrier, as large as asked: `python -m tests.benchmarks.generate FOLDER`.

The same arguments give the same bytes; tables are made and written piece by piece, so that memory
does not grow with them.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random

import polars as pl

from tests.benchmarks.consents import Consents
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.dice import Dice
from tests.benchmarks.evidence import Evidence
from tests.benchmarks.flows import Flows
from tests.benchmarks.parties import Party, draw_parties, register
from tests.benchmarks.scenarios import load_scenarios
from tests.benchmarks.signatures import Signatures
from tests.benchmarks.templates import Market, draw_templates
from tests.benchmarks.writing import Form, write

PIECE = 250_000  # rows in memory at a time, and in a row group
REPEATS = 3  # rows of a register that are there twice


@dataclass(frozen=True)
class Size:
    """How large the export is; the names are those of the options."""

    flows: int = 1_000_000
    parties: int = 300
    subjects: int = 1_000_000
    consents: int = 2_000_000
    evidence: int = 200_000
    templates: int = 3000


@dataclass(frozen=True)
class Shape:
    """What the export is like: shares of all rows, and how it lies in files; names as options."""

    seed: int = 1
    dirt: float = 0.03
    hot_subjects: float = 0.0
    hot_parties: float = 0.0
    signatures: float = 0.0
    files: int = 1
    form: Form = Form.parquet
    typed: bool = False


@dataclass(frozen=True)
class Tables:
    """The four tables, as functions of the row number."""

    parties: list[Party]
    consents: Consents
    evidence: Evidence
    flows: Flows


def tables(size: Size, shape: Shape) -> Tables:
    """Everything that is drawn before the first row."""
    scenarios, rng, dice = load_scenarios(), Random(shape.seed), Dice(shape.seed)
    crowd = Crowd(dice, size.subjects, shape.hot_subjects)
    parties = draw_parties(rng, scenarios.groups, size.parties)
    market = Market(parties, shape.hot_parties)
    templates = draw_templates(rng, scenarios.processes, market, size.templates)
    consents = Consents(dice, size.consents, crowd, templates)
    evidence = Evidence(dice, size.evidence, crowd, parties, scenarios.proofs)
    flows = Flows(
        dice,
        templates,
        consents,
        evidence,
        scenarios.faults,
        Signatures(dice, shape.signatures),
        shape.dirt,
        shape.typed,
    )
    return Tables(parties, consents, evidence, flows)


def generate(folder: Path, size: Size, shape: Shape) -> None:
    """Write the four tables into a folder; flows in several files lie in a folder of their own."""
    made = tables(size, shape)
    folder.mkdir(parents=True, exist_ok=True)
    write([register(made.parties)], folder / "parties", shape.form)
    for name, table, rows in (
        ("consents", made.consents, size.consents),
        ("evidence", made.evidence, size.evidence),
    ):
        write(_pieces(table.piece, range(rows), REPEATS), folder / name, shape.form)
    for stem, part in _files(folder / "flows", size.flows, shape.files):
        stem.parent.mkdir(exist_ok=True)
        write(_pieces(made.flows.piece, part, 0), stem, shape.form)


def _files(stem: Path, rows: int, files: int) -> Iterator[tuple[Path, range]]:
    """The files of a table, each with its rows."""
    if files == 1:
        yield stem, range(rows)
        return
    for number in range(files):
        part = range(rows * number // files, rows * (number + 1) // files)
        yield stem / f"part-{number:05}", part


def _pieces(
    piece: Callable[[range], pl.DataFrame], rows: range, repeats: int
) -> Iterator[pl.DataFrame]:
    """The rows in pieces; the first ones of all again at the end."""
    for first in range(rows.start, rows.stop, PIECE):
        yield piece(range(first, min(rows.stop, first + PIECE)))
    if repeats:
        yield piece(range(repeats))


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for field in (*fields(Size), *fields(Shape)):
        name, default = f"--{field.name.replace('_', '-')}", field.default
        if isinstance(default, bool):
            parser.add_argument(name, action="store_true")
        elif isinstance(default, Form):
            parser.add_argument(name, type=Form, choices=list(Form), default=default)
        else:
            parser.add_argument(name, type=type(default), default=default)
    asked = vars(parser.parse_args())
    size = Size(**{field.name: asked[field.name] for field in fields(Size)})
    shape = Shape(**{field.name: asked[field.name] for field in fields(Shape)})
    if size.consents < size.subjects or size.evidence < 1000:
        parser.error("as many consents as subjects are needed, and a thousand rows of evidence")
    generate(asked["folder"], size, shape)


if __name__ == "__main__":
    main()
