"""One register of an export, read and checked as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from audit.problems import InputRefused, Problem
from audit.records.holding import Held, hold
from audit.records.looking import Look, looks_as_one
from audit.records.notices import Met
from audit.records.reading import Understood, understand, uniform
from audit.records.rejecting import Fault
from audit.records.repeats import hashes_of, repeated
from audit.records.tables import FILE, Table, table
from audit.sources.export import Export, InputFile, TableFile
from audit.sources.raw import POSITION, Layout, RawBatch, nothing
from audit.sources.reading import ahead, digest, read
from audit.vocabulary import Vocabulary

_PLACES_TOLD = 20


@dataclass(frozen=True)
class Register:
    """A register's rows with their faults, how many repeats were dropped, what is worth telling."""

    held: Held
    dropped: int
    met: Met
    looks: Mapping[str, Look]
    inputs: tuple[InputFile, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.held.table.name

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is worth telling: what was met, and the repeats that were dropped."""
        self.met.in_codes(self.held.valid, self.looks)
        repeats = Problem("repeats-dropped", {"table": self.name, "count": self.dropped})
        return (*self.met.notices(), *((repeats,) if self.dropped else ()))

    def with_faults(self, *faults: Fault) -> "Register":
        """The same with these faults, which weigh more than those it had."""
        found = [fault for fault in faults if fault.records.any()]
        return replace(self, held=replace(self.held, faults=[*found, *self.held.faults]))


def read_register(name: str, export: Export, vocabulary: Vocabulary) -> Register:
    """The register of this name; without rows where the export has no file of it.

    Identical repeats of a row are dropped; rows that share an id and differ are all at fault.
    Raises InputRefused where a row's own id cannot be read: nobody could say what its loss taints.
    """
    about = table(name)
    layout = about.layout(export.columns.get(name, {}))
    met = Met(about, vocabulary, export.timezone)
    parts = [_understood(RawBatch(nothing()), "", about, met)]
    inputs = []
    for file in export.files(name):
        found = [_understood(raw, file.name, about, met) for raw in ahead(whole(file, layout))]
        count = sum(part.frame.height for part in found)
        inputs.append(InputFile(name, file.name, digest(file), count))
        parts += found
    rows = pl.concat(part.frame for part in parts)
    once, shared = _without_repeats(rows, about)
    looks = _looks(parts, about)
    dropped = rows.height - once.height
    register = Register(hold(once, about, looks), dropped, met, looks, tuple(inputs))
    _refuse_unnamed(register)
    problem = Problem("id-conflict", {"column": about.key})
    return register.with_faults(Fault(about.key, problem, shared))


def _looks(parts: list[Understood], about: Table) -> dict[str, Look]:
    """What looks at the parts of each column tell of the whole."""
    whole = [part for part in parts if part.frame.height]
    names = [column.name for column in about.columns]
    return {name: looks_as_one([part.looks[name] for part in whole]) for name in names}


def whole(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records, none of which may be spoiled: its id would be unknown."""
    for raw in read(file, layout):
        if raw.spoiled:
            places = ", ".join(str(record.position) for record in raw.spoiled[:_PLACES_TOLD])
            raise InputRefused(
                Problem("register-spoiled", {"file": file.name, "positions": places}),
                raw.spoiled[0].problem,
            )
        yield raw


def _understood(raw: RawBatch, file: str, about: Table, met: Met) -> Understood:
    understood = understand(raw, about, met.zone)
    met.in_file(raw.notices)
    met.in_times(understood.naive)
    alike = uniform(understood.frame, about).with_columns(pl.lit(file).alias(FILE))
    return replace(understood, frame=alike)


def _without_repeats(rows: pl.DataFrame, about: Table) -> tuple[pl.DataFrame, pl.Series]:
    """The rows, each that says the same as an earlier one left out; and which still share an id."""
    again = _shared(rows[about.key])
    if not again.any():
        return rows, again
    cells = pl.struct(column.name for column in about.columns)
    shared = rows.with_row_index("row").filter(again)
    later = shared.filter(~cells.is_first_distinct())["row"]
    once = rows.with_row_index("row").filter(~pl.col("row").is_in(later.implode())).drop("row")
    return once, _shared(once[about.key])


def _shared(ids: pl.Series) -> pl.Series:
    """True for ids that more than one row has; only ids that share a hash need be compared."""
    hashes = hashes_of(ids)
    suspect = pl.Series(np.isin(hashes, repeated(hashes)))
    rows = suspect.arg_true()
    return suspect.scatter(rows, ids.gather(rows).is_duplicated())


def _refuse_unnamed(register: Register) -> None:
    key = register.held.table.key
    unnamed = [fault for fault in register.held.faults if fault.column == key]
    problems = [
        Problem("register-unnamed", {"file": file, "position": position, "column": key})
        for fault in unnamed
        for file, position in register.held.frame.filter(fault.records)
        .select(FILE, POSITION)
        .head(_PLACES_TOLD)
        .iter_rows()
    ]
    if problems:
        raise InputRefused(*problems)
