"""Signatures met in an earlier batch, which are not decided again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.clauses.compiling import Words
    from audit.evaluation.outcomes import Numbered
    from audit.facts.pairs import Places

_MOST = 1 << 18  # signatures kept: where nearly every flow has one of its own, none comes again


@dataclass
class Recognised:
    """The signatures met so far, by their words, with what was decided of each."""

    known: Rows | None = None  # of another width where a larger set of categories came
    told: Numbered | None = None

    def numbered(
        self, rows: Words, decide: Callable[[Places], Numbered]
    ) -> tuple[Numbered, Places]:
        """What was decided of signatures, and the place of each of these distinct rows there.

        `decide` is asked of the rows (by their number) that were not met before.
        """
        known = self.known
        if known is None or rows.shape[1] != known.width or len(known) > _MOST:
            known, self.told = Rows(rows.shape[1]), None
            self.known = known
        before, told = len(known), self.told
        places = known.number(rows)
        fresh = np.flatnonzero(places >= before)
        if len(fresh) or told is None:
            new = decide(fresh)
            told = self.told = new if told is None else told.followed_by(new)
        return told, places
