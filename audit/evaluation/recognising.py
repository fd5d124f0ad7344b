"""Signatures met in an earlier batch, which are not decided again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from audit.evaluation.outcomes import Numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.clauses.compiling import Words
    from audit.facts.pairs import Places

_MOST = 1 << 18  # signatures kept: where nearly every flow has one of its own, none comes again


@dataclass
class Recognised:
    """The signatures met so far, by their words, with what was decided of each."""

    places: dict[bytes, int] = field(default_factory=dict)
    width: int = 0  # words of a signature: more where a larger set of categories came
    told: Numbered | None = None

    def numbered(
        self, rows: Words, decide: Callable[[Places], Numbered]
    ) -> tuple[Numbered, Places]:
        """What was decided of signatures, and the place of each of these rows there.

        `decide` is asked of the rows (by their number) that were not met before.
        """
        if rows.shape[1] != self.width or len(self.places) > _MOST:
            self.places, self.width, self.told = {}, rows.shape[1], None
        keys = [row.tobytes() for row in rows]
        fresh = [number for number, key in enumerate(keys) if key not in self.places]
        told = self.told
        if fresh or told is None:
            new = decide(np.array(fresh, dtype=np.int64))
            told = self.told = new if told is None else told.followed_by(new)
            self.places |= {keys[number]: len(self.places) + i for i, number in enumerate(fresh)}
        return told, np.array([self.places[key] for key in keys], dtype=np.int64)
