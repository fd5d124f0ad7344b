"""Who answers: tables, and the solver where they grow too large, or whichever is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from audit.analysing.tables import Tables, TooLarge
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.analysing.formulas import Formula, Question
    from audit.analysing.space import Bits, Box, Space, World

_SOLVER = "z3"


class By(StrEnum):
    """How questions are answered."""

    both = "both"  # tables, and the solver for what is too large for them
    tables = "tables"
    smt = "smt"


class Undecided(Exception):
    """Too large for the tables, and there is no solver."""


class Answering(Protocol):
    """What tables and the solver both do."""

    @property
    def space(self) -> Space:
        """The worlds that are asked about."""

    def find(self, question: Question) -> World | None:
        """A world that answers the question; None: there is none."""

    def holding(self, formula: Formula, box: Box, variable: int) -> frozenset[int]:
        """The classes of a variable with which the formula holds of every world of the box.

        All of them where it holds whatever the variable may be; else only those that can be.
        """

    def together(self, one: Bits, others: Sequence[Bits]) -> list[bool]:
        """Which of these conditions can hold in one world with the first."""


@dataclass(frozen=True)
class Either:
    """Tables first; past their limit the solver, where there is one, else Undecided."""

    tables: Tables
    solver: Callable[[], Answering] | None

    @property
    def space(self) -> Space:
        """The worlds that are asked about."""
        return self.tables.space

    def find(self, question: Question) -> World | None:
        """A world that answers the question; None: there is none."""
        try:
            return self.tables.find(question)
        except TooLarge:
            return self._other().find(question)

    def holding(self, formula: Formula, box: Box, variable: int) -> frozenset[int]:
        """The classes of a variable with which the formula holds of every world of the box."""
        try:
            return self.tables.holding(formula, box, variable)
        except TooLarge:
            return self._other().holding(formula, box, variable)

    def together(self, one: Bits, others: Sequence[Bits]) -> list[bool]:
        """Which of these conditions can hold in one world with the first; never too large."""
        return self.tables.together(one, others)

    def _other(self) -> Answering:
        if self.solver is None:
            raise Undecided
        return self.solver()


def answering(space: Space, by: By = By.both) -> Answering:
    """Who answers questions on a space; raises UsageRefused where the solver is not installed."""
    there = find_spec(_SOLVER) is not None
    if by is By.smt and not there:
        raise UsageRefused(Problem("analysis-no-solver"))
    if by is By.smt:
        return _solver(space)()
    solver = _solver(space) if there and by is By.both else None
    return Either(Tables(space), solver)


def _solver(space: Space) -> Callable[[], Answering]:
    """The solver, made when it is first asked: it takes long to load."""
    made: list[Answering] = []

    def solver() -> Answering:
        if not made:
            from audit.analysing.solving import Solver  # noqa: PLC0415 (an extra, slow to load)

            made.append(Solver(space))
        return made[0]

    return solver
