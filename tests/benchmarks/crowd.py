"""Whom flows, consents and evidence speak of: all subjects, and a few that everything speaks of."""

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.dice import Dice, Numbers, whole

_HOT = 100  # so many subjects are the hot ones, where there are any


@dataclass(frozen=True)
class Crowd:
    """So many subjects; `hot` is the share of all rows that speak of the first hundred."""

    dice: Dice
    subjects: int
    hot: float = 0.0

    def number(self, column: str, rows: Numbers) -> Numbers:
        """A subject for each row, each as often as any other, or a hot one."""
        return self._heated(column, rows, self.dice.number(column, rows, self.subjects))

    def often(self, column: str, rows: Numbers) -> Numbers:
        """A subject for each row; some are met more often than others."""
        drawn = whole(self.dice.share(column, rows) ** 1.5 * self.subjects)
        return self._heated(column, rows, drawn)

    def _heated(self, column: str, rows: Numbers, drawn: Numbers) -> Numbers:
        if not self.hot:
            return drawn
        hot = self.dice.number(f"hot {column}", rows, min(_HOT, self.subjects))
        return np.where(self.dice.falls(f"heat {column}", rows, self.hot), hot, drawn)
