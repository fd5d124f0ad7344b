"""Records as a file holds them: columns by their names, values not yet understood."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import polars as pl

from audit.problems import InputRefused, Problem

Letters = npt.NDArray[np.uint8]

POSITION = "position"
BATCH_ROWS = 250_000
_NEARLY = 0.82  # of difflib's ratio: `withdrawn` for withdrawn_at, `efect` for effect
_IGNORED_IN_HEADINGS = str.maketrans("", "", " _-\t\u00a0\u3000\ufeff")


@dataclass(frozen=True)
class Spoiled:
    """A record that could not be laid out in columns, and why."""

    position: int
    problem: Problem


@dataclass(frozen=True)
class RawBatch:
    """Some records of one file, in order.

    `frame` has `position` (line or record, from 1) and those columns of the table that the file
    has: text (as categories where the reader knows of few), lists of text, or values that the file
    itself types (whole numbers, fractions, times). Cells are as found. `notices` speak of the file;
    one batch at least has each.

    A reader may tell what it knows of a column of text for nothing: in `distinct` all its values
    (and perhaps more, or some twice), where they are few, with in `places` which of them each cell
    has; or in `letters` all its bytes, end to end.
    """

    frame: pl.DataFrame
    spoiled: tuple[Spoiled, ...] = ()
    notices: tuple[Problem, ...] = ()
    distinct: Mapping[str, pl.Series] = field(default_factory=dict)
    places: Mapping[str, pl.Series] = field(default_factory=dict)
    letters: Mapping[str, Letters] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many records of the file the batch accounts for."""
        return self.frame.height + len(self.spoiled)


@dataclass(frozen=True)
class Layout:
    """What a reader must know of a table: its columns, and how headings spell them."""

    table: str
    spellings: Mapping[str, str]  # folded heading -> column
    lists: frozenset[str]
    required: tuple[str, ...]
    # Columns whose loss under another heading could clear, and what such headings have in them.
    clearing: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def column(self, heading: str) -> str | None:
        """The column that a heading names; None for a heading that is not ours."""
        return self.spellings.get(folded(heading))

    def fit(self, headings: Sequence[str], file: str) -> "Fit":
        """Which heading is which column.

        Raises InputRefused where two headings name one column or a required column has none.
        """
        columns = {place: self.column(heading) for place, heading in enumerate(headings)}
        known = {place: column for place, column in columns.items() if column is not None}
        twice = self._twice(headings, known, file)
        if twice:
            raise InputRefused(*twice)
        self.demand(headings, file)
        unread = [headings[place] for place in columns if place not in known]
        return Fit(known, unread_notice(file, [heading for heading in unread if heading.strip()]))

    def demand(self, headings: Sequence[str], file: str) -> None:
        """Raise InputRefused where no heading names a required column, or one nearly names another.

        A refusal whose `effect` is headed `efect` would be read as a permission.
        """
        named = {self.column(heading) for heading in headings}
        if misspelt := [*self._misspelt(headings, named, file)]:
            raise InputRefused(*misspelt)
        missing = [column for column in self.required if column not in named]
        if missing:
            facts = {"file": file, "columns": listed(missing), "found": listed(headings)}
            raise InputRefused(Problem("column-missing", facts))

    def _misspelt(
        self, headings: Sequence[str], named: Container[str | None], file: str
    ) -> Iterator[Problem]:
        lost = [name for name in self.clearing if name not in named]
        for heading in headings:
            if self.column(heading) is None and (column := self._meant(folded(heading), lost)):
                facts = {"heading": listed([heading]), "column": column}
                yield Problem("column-misspelt", {"file": file, **facts})

    def _meant(self, heading: str, lost: Sequence[str]) -> str | None:
        """Which of these columns a heading nearly spells, or speaks of in other words."""
        spelt = [word for word, name in self.spellings.items() if name in lost]
        near = get_close_matches(heading, spelt, n=1, cutoff=_NEARLY)
        if near:
            return self.spellings[near[0]]
        return next((name for name in lost if _speaks(heading, self.clearing[name])), None)

    def _twice(self, headings: Sequence[str], known: Mapping[int, str], file: str) -> list[Problem]:
        spelt: dict[str, list[str]] = {}
        for place, column in known.items():
            spelt.setdefault(column, []).append(headings[place])
        return [
            Problem("column-twice", {"file": file, "column": column, "found": listed(names)})
            for column, names in spelt.items()
            if len(names) > 1
        ]


@dataclass(frozen=True)
class Fit:
    """The columns of one file, as place of the heading -> column, and what to tell about them."""

    columns: Mapping[int, str]
    notices: tuple[Problem, ...] = ()


def _speaks(heading: str, words: Sequence[str]) -> bool:
    """Whether a heading has one of the words in it, or is it where that is marked by `=`."""
    return any(heading == word[1:] if word[0] == "=" else word in heading for word in words)


def unread_notice(file: str, headings: Sequence[str]) -> tuple[Problem, ...]:
    """The notice that these columns of the file are left out; none where there are none."""
    facts = {"file": file, "columns": listed(headings)}
    return (Problem("columns-unread", facts),) if headings else ()


def nothing() -> pl.DataFrame:
    """A frame of no records."""
    return pl.DataFrame(schema={POSITION: pl.Int64})


def folded(heading: str) -> str:
    """A heading without case, blanks, hyphens and underscores."""
    return heading.translate(_IGNORED_IN_HEADINGS).casefold()


def listed(names: Sequence[str]) -> str:
    """A few names in one line, safe to show: long ones and long lists are cut."""
    shown = ["".join(c if c.isprintable() else "?" for c in name)[:40] for name in names[:30]]
    return ", ".join(shown + ["…"] * (len(names) > len(shown))) or "-"
