"""What a run is asked and given, how it tells how far it is, and what validation alone answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from audit.engine import Engine
from audit.findings.background import Background
from audit.keeping.registers import Asked, known_registers
from audit.settings import DEFAULT_PACKS
from audit.sources.opening import open_export
from audit.sources.zones import zone_of
from audit.wording import Language

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from audit.clauses.clause import Pack
    from audit.keeping.registers import Known
    from audit.keeping.shelf import Shelf
    from audit.outcome import RowCount
    from audit.problems import Problem
    from audit.records.checking import Registers, Told
    from audit.sources.export import Export
    from audit.vocabulary import Vocabulary


class Stage(StrEnum):
    """What a run is at."""

    REGISTERS = "registers"
    FLOWS = "flows"
    GRAPH = "graph"


@dataclass(frozen=True)
class Progress:
    """How far a run is: rows of flows read up to now, and of how many, where that is known.

    `spent` has the seconds of a processor that each work of the stage took its thread up to now.
    """

    stage: Stage
    rows: int = 0
    total: int | None = None
    spent: Mapping[str, float] = field(default_factory=dict)


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Request:
    """What is to be audited, under which packs, in which zone, told in which language.

    With `keep`, compiled registers are kept in the user's cache folder, and taken from there.
    What of the flows can be taken from the run with the id `since` is not judged anew; with that,
    or with `keep_flows`, what a later run can take is kept there, too (docs/incremental.md).
    `as_of`, a day (its end) or an instant, is until when duties are looked at. `engine` says where
    flows are judged, on which nothing that comes out depends. `opened` gives the export where it
    was opened already, to be looked at: what is judged then is what was looked at, fetched once. It
    raises what opening raises.
    """

    export: Path
    packs: tuple[str, ...] = DEFAULT_PACKS
    timezone: str | None = None
    language: Language = Language.zh
    keep: bool = False
    as_of: str | None = None
    since: str | None = None
    keep_flows: bool = False
    engine: Engine = Engine.local
    opened: Callable[[], Export] | None = field(default=None, compare=False, repr=False)

    def open(self) -> Export:
        """The export, opened now where it was not opened already; raises what opening raises."""
        return self.opened() if self.opened else open_export(self.export, self.timezone)


@dataclass(frozen=True)
class Checked:
    """What validation alone finds: rows by table, the rejected ones with reasons, what to know."""

    rows: dict[str, RowCount]
    rejected: pl.DataFrame
    notices: tuple[Problem, ...]


@dataclass(frozen=True)
class Setting:
    """Everything a run is given before a flow is read."""

    request: Request
    export: Export
    packs: tuple[Pack, ...]
    vocabulary: Vocabulary
    shelf: Shelf | None = None
    as_of: datetime | None = None

    @cached_property
    def known(self) -> Known:
        """The registers, read or as they were kept.

        Raises InputRefused and ResourcesExhausted as reading does.
        """
        return known_registers(Asked(self.export, self.packs, self.vocabulary), self.shelf)

    @property
    def background(self) -> Background:
        """What findings are told against."""
        zone = zone_of(self.export.timezone)
        return Background(self.told.parties, self.packs, self.vocabulary, zone)

    @property
    def told(self) -> Told:
        """The registers but for their many rows."""
        return self.known.told

    @cached_property
    def registers(self) -> Registers:
        """The registers with all their rows, which judging does not need."""
        return self.known.records()
