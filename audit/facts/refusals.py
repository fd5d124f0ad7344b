"""Refusals of any customer at all, which a flow of the whole customer base may run against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.facts.consents import Consents
    from audit.facts.flows import Flows
    from audit.facts.pairs import Places

AT_ONCE = 200_000  # pairs of a flow and a refusing subject that are held in memory together


@dataclass(frozen=True)
class Refusals:
    """Plain refusals by kind, and the subjects some of whose refusals an allow row may lift.

    Rows of one kind are alike but for their dates, so one of them shows what the kind matches.
    """

    consents: Consents
    shown_by: Places  # per kind, a consents row
    kind_of: Places  # of each consents row, -1 for one that is no plain refusal
    kind: Places  # of each plain refusal
    starts: Places
    ends: Places
    liftable: Places

    def units(self, flows: Flows) -> tuple[Places, Places]:
        """Flow and position of each unit of a whole-base flow that somebody may have refused."""
        asked = np.flatnonzero(flows.whole_base)
        if not len(asked):
            return asked, asked
        alike = np.stack([flows.holder, flows.codes["purpose"], flows.sets])[:, asked]
        _, first, group = np.unique(alike, axis=1, return_index=True, return_inverse=True)
        hit = [
            self._plain(asked[group.reshape(-1) == i], int(asked[at]), flows)
            for i, at in enumerate(first)
        ]
        hit += [self._lifted(part, flows) for part in self._parts(asked)]
        found = [flow * flows.width + position for flow, position in hit]
        units = np.unique(np.concatenate(found))
        return units // flows.width, units % flows.width

    def _plain(self, asked: Places, one: int, flows: Flows) -> tuple[Places, Places]:
        """Units of flows alike but for their time; `one` is any of them."""
        owners = np.full(len(self.shown_by), one)
        found = self.consents.matches(owners, self.shown_by, flows)
        kinds = self.kind_of[found.row]
        units = [
            asked[self._holding(kinds[found.position == position], flows.at[asked])]
            for position in range(int(flows.category_sets.sizes[flows.sets[one]]))
        ]
        places = [np.full(len(flow), position) for position, flow in enumerate(units)]
        return np.concatenate(units), np.concatenate(places)

    def _holding(self, kinds: Places, at: Places) -> NDArray[np.bool_]:
        """Whether a refusal of one of these kinds holds each instant."""
        among = np.isin(self.kind, kinds)
        begun = np.searchsorted(np.sort(self.starts[among]), at, side="right")
        over = np.searchsorted(np.sort(self.ends[among]), at, side="right")
        return begun > over

    def _parts(self, asked: Places) -> list[Places]:
        """The asked flows in parts that pair with every liftable subject within bounds."""
        if not len(self.liftable):
            return []
        size = max(1, AT_ONCE // len(self.liftable))
        return [asked[i : i + size] for i in range(0, len(asked), size)]

    def _lifted(self, asked: Places, flows: Flows) -> tuple[Places, Places]:
        """Each flow asked of each of these subjects, as if it were that subject's own."""
        places = np.repeat(asked, len(self.liftable))
        own = flows.asked_of(places, subject=np.tile(self.liftable, len(asked)))
        said = self.consents.of_subjects(own)
        refused = said.unit_refused != Truth.FALSE
        return places[said.flow[refused]], said.position[refused]


def compile_refusals(consents: Consents) -> Refusals:
    """The forbid rows of all subjects, brought together where only their dates differ."""
    naming = np.unique(consents.subject[consents.allows & (consents.party >= 0)])
    forbids = np.flatnonzero(~consents.allows & (consents.given < consents.ends))
    may_lift = np.isin(consents.subject[forbids], naming)
    plain = forbids[~may_lift]
    kinds = np.stack([consents.party, consents.role, consents.scope, consents.data])[:, plain]
    _, first, kind = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
    kind_of = np.full(len(consents.given), -1)
    kind_of[plain] = kind.reshape(-1)
    return Refusals(
        consents=consents,
        shown_by=plain[first],
        kind_of=kind_of,
        kind=kind.reshape(-1),
        starts=consents.given[plain],
        ends=consents.ends[plain],
        liftable=np.unique(consents.subject[forbids[may_lift]]),
    )
