"""One register of an export, read and checked as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from audit.problems import InputRefused, Problem
from audit.records.holding import Held, hold
from audit.records.notices import Met
from audit.records.reading import understand, uniform
from audit.records.sifting import Mark, Sifted, sifted, without_repeats
from audit.records.tables import FILE, Table, table
from audit.sources.export import Export, InputFile, TableFile
from audit.sources.raw import POSITION, Layout, RawBatch, nothing
from audit.sources.reading import ahead, digest, read
from audit.vocabulary import Vocabulary

_PLACES_TOLD = 20


@dataclass(frozen=True)
class Register:
    """A register's rows, how many repeats were dropped, what is worth telling."""

    table: Table
    parts: tuple[Sifted, ...]  # one at least
    dropped: int
    met: Met
    inputs: tuple[InputFile, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def valid(self) -> pl.DataFrame:
        """The rows without fault, typed: the columns of the table."""
        names = [column.name for column in self.table.columns]
        return pl.concat(part.valid.select(names) for part in self.parts)

    @property
    def struck(self) -> list[Held]:
        """The rows that have a fault."""
        return [held for part in self.parts for held in part.struck]

    @property
    def rejected(self) -> pl.DataFrame:
        """The same as `rejecting.REJECTED`."""
        return pl.concat(part.rejected for part in self.parts)

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is worth telling: what was met, and the repeats that were dropped."""
        for part in self.parts:
            self.met.in_codes(part.valid, part.looks)
        repeats = Problem("repeats-dropped", {"table": self.name, "count": self.dropped})
        return (*self.met.notices(), *((repeats,) if self.dropped else ()))

    def marked(self, *marks: Mark) -> "Register":
        """The same with these faults, which weigh more than those it had."""
        return replace(self, parts=tuple(part.marked(*marks) for part in self.parts))


def read_register(name: str, export: Export, vocabulary: Vocabulary) -> Register:
    """The register of this name; without rows where the export has no file of it.

    Identical repeats of a row are dropped; rows that share an id and differ are all at fault.
    Raises InputRefused where a row's own id cannot be read: nobody could say what its loss taints.
    """
    about = table(name)
    layout = about.layout(export.columns.get(name, {}))
    met = Met(about, vocabulary, export.timezone)
    parts: list[Sifted] = []
    inputs = []
    for file in export.files(name):
        count = 0
        for raw in ahead(whole(file, layout)):
            parts.append(_sifted(raw, file.name, about, met))
            count += raw.rows
        inputs.append(InputFile(name, file.name, digest(file), count))
    parts = parts or [_sifted(RawBatch(nothing()), "", about, met)]
    parts, dropped, clashes = without_repeats(parts)
    _refuse_unnamed(parts, about)
    problem = Problem("id-conflict", {"column": about.key})
    told = (
        part.marked(Mark(about.key, problem, pl.col(POSITION).is_in(clash.implode())))
        for part, clash in zip(parts, clashes, strict=True)
    )
    return Register(about, tuple(told), dropped, met, tuple(inputs))


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


def _sifted(raw: RawBatch, file: str, about: Table, met: Met) -> Sifted:
    understood = understand(raw, about, met.zone)
    met.in_file(raw.notices)
    met.in_times(understood.naive)
    alike = uniform(understood.frame, about).with_columns(pl.lit(file).alias(FILE))
    return sifted(hold(alike, about, understood.looks), file, understood.looks)


def _refuse_unnamed(parts: Sequence[Sifted], about: Table) -> None:
    """Raise InputRefused, of each fault with the first rows, where an id has one."""
    found: dict[str, list[tuple[str, int]]] = {}
    for held in (held for part in parts for held in part.struck):
        for fault in held.faults:
            if fault.column == about.key:
                rows = held.frame.filter(fault.records).select(FILE, POSITION)
                found.setdefault(fault.problem.code, []).extend(rows.head(_PLACES_TOLD).rows())
    problems = [
        Problem("register-unnamed", {"file": file, "position": position, "column": about.key})
        for places in found.values()
        for file, position in places[:_PLACES_TOLD]
    ]
    if problems:
        raise InputRefused(*problems)
