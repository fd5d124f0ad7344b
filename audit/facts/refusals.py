"""Refusals of any customer at all, which a flow of the whole customer base may run against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.pairs import Grouped, grouped
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from audit.facts.consents import Consents, Said
    from audit.facts.flows import CategorySets, Flows
    from audit.facts.pairs import Places
    from audit.facts.parties import Parties

AT_ONCE = 200_000  # pairs of a flow and a refusing subject that are held in memory together


@dataclass(frozen=True)
class Refusal:
    """Forbid rows alike but for their dates: one of them, and when any of them holds."""

    row: int
    starts: Places
    ends: Places

    def holds(self, at: Places) -> Places:
        """The asking places at whose instant a row of them holds."""
        last = np.searchsorted(self.starts, at, side="right") - 1
        return np.flatnonzero((last >= 0) & (at < self.ends[last]))


@dataclass(frozen=True)
class Refusals:
    """Plain refusals by kind, and the subjects some of whose refusals an allow row may lift."""

    plain: tuple[Refusal, ...]
    liftable: Places

    def units(
        self, flows: Flows, sets: CategorySets, consents: Consents, parties: Parties
    ) -> tuple[Places, Places]:
        """Flow and position of each unit of a whole-base flow that somebody may have refused."""
        asked = np.flatnonzero(flows.whole_base)
        width = int(sets.sizes.max(initial=1))
        hit: list[Places] = [np.zeros(0, dtype=np.int64)]
        for refusal in self.plain:
            owners = asked[refusal.holds(flows.at[asked])]
            rows = np.full(len(owners), refusal.row)
            found = consents.matches(owners, rows, flows, sets, parties)
            hit.append(found.flow * width + found.position)
        hit += [self._lifted(part, flows, sets, consents, parties, width) for part in self._parts(asked)]
        units = np.unique(np.concatenate(hit))
        return units // width, units % width

    def _parts(self, asked: Places) -> list[Places]:
        """The asked flows in parts that pair with every liftable subject within bounds."""
        size = max(1, AT_ONCE // max(1, len(self.liftable)))
        return [asked[i : i + size] for i in range(0, len(asked), size)] if len(self.liftable) else []

    def _lifted(
        self,
        asked: Places,
        flows: Flows,
        sets: CategorySets,
        consents: Consents,
        parties: Parties,
        width: int,
    ) -> Places:
        """Each flow asked of each of these subjects, as if it were that subject's own."""
        places = np.repeat(asked, len(self.liftable))
        own = flows.asked_of(places, subject=np.tile(self.liftable, len(asked)))
        said: Said = consents.of_subjects(own, sets, parties)
        refused = said.unit_refused != Truth.FALSE
        return places[said.flow[refused]] * width + said.position[refused]


def compile_refusals(consents: Consents) -> Refusals:
    """The forbid rows of all subjects, brought together where only their dates differ."""
    naming = np.unique(consents.subject[consents.allows & (consents.party >= 0)])
    forbids = np.flatnonzero(~consents.allows)
    may_lift = np.isin(consents.subject[forbids], naming)
    ever = consents.given[forbids] < consents.ends[forbids]
    plain = forbids[~may_lift & ever]
    kinds = np.stack([getattr(consents, name)[plain] for name in ("party", "role", "scope", "data")])
    _, kind = np.unique(kinds, axis=1, return_inverse=True)
    rows: Grouped = grouped(kind.reshape(-1), int(kind.max(initial=-1)) + 1)
    return Refusals(
        plain=tuple(
            _merged(plain[rows.rows[a:b]], consents)
            for a, b in zip(rows.first[:-1], rows.first[1:], strict=True)
        ),
        liftable=np.unique(consents.subject[forbids[may_lift]]),
    )


def _merged(rows: Places, consents: Consents) -> Refusal:
    """When any of the rows holds, as disjoint intervals in order."""
    rows = rows[np.argsort(consents.given[rows], kind="stable")]
    starts, ends = consents.given[rows], np.maximum.accumulate(consents.ends[rows])
    apart = np.concatenate([[True], starts[1:] > ends[:-1]])
    last = np.concatenate([apart[1:], [True]])
    return Refusal(int(rows[0]), starts[apart], ends[last])
