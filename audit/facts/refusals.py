"""Refusals of any customer at all, which a flow of the whole customer base may run against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.consents import ANYONE, NOBODY
from audit.facts.pairs import Grouped, grouped, holds
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.facts.consents import Consents
    from audit.facts.flows import Flows
    from audit.facts.pairs import Places


@dataclass(frozen=True)
class Against:
    """The forbid rows that match a unit at any time, and the allow rows that may lift some."""

    starts: Places  # of the rows that nothing can lift, sorted
    ends: Places
    liftable: Places
    lifting: Places


@dataclass(frozen=True)
class Refusals:
    """The forbid rows of all subjects by kind: rows of one kind are alike but for their dates."""

    consents: Consents
    shown_by: Places  # per kind, one of its rows
    kind_of: Places  # per consents row, -1 for one that is no forbid row
    rows: Grouped  # by kind
    naming: Grouped  # kinds by the party that they name; last, those that name none
    allowing: Grouped  # allow rows by the party that they name
    known: dict[tuple[int, ...], Against] = field(default_factory=dict, compare=False)

    def units(self, flows: Flows) -> tuple[Places, Places]:
        """Flow and position of each unit of a whole-base flow that somebody may have refused."""
        asked = np.flatnonzero(flows.whole_base)
        if not len(asked) or not len(self.shown_by):
            return asked[:0], asked[:0]
        owners, position, category = flows.category_sets.units(flows.sets[asked])
        flow = asked[owners]
        alike = np.stack([flows.holder[flow], flows.codes["purpose"][flow], category])
        kinds, group = np.unique(alike, axis=1, return_inverse=True)
        order = np.argsort(group.reshape(-1), kind="stable")
        ends = np.cumsum(np.bincount(group.reshape(-1), minlength=kinds.shape[1]))
        hit = np.zeros(len(flow), dtype=np.bool_)
        for kind, members in zip(kinds.T.tolist(), np.split(order, ends[:-1]), strict=True):
            hit[members] = self._holding(self._against(*kind), flows.at[flow[members]])
        return flow[hit], position[hit]

    def _against(self, holder: int, purpose: int, category: int) -> Against:
        """What stands against such a unit; kept, since many are alike."""
        key = holder, purpose, category
        if key not in self.known:
            kinds, allows = self._kinds(holder), self._allows(holder)
            matched = kinds[self.consents.truths(kinds, *key) >= Truth.UNKNOWN]
            lifting = allows[self.consents.truths(allows, *key) == Truth.TRUE]
            self.known[key] = self._sorted(matched, lifting)
        return self.known[key]

    def _kinds(self, holder: int) -> Places:
        """A row of each kind that may concern the holder: it names it, a role, or anyone."""
        last = len(self.naming.first) - 2
        _, kinds = self.naming.pairs(np.array([holder, last]))
        return self.shown_by[kinds]

    def _allows(self, holder: int) -> Places:
        _, rows = self.allowing.pairs(np.array([holder]))
        return rows

    def _sorted(self, kinds: Places, lifting: Places) -> Against:
        _, rows = self.rows.pairs(self.kind_of[kinds])
        subject, given, ends = self.consents.subject, self.consents.given, self.consents.ends
        may_lift = np.isin(subject[rows], subject[lifting])
        free = rows[~may_lift]
        return Against(np.sort(given[free]), np.sort(ends[free]), rows[may_lift], lifting)

    def _holding(self, against: Against, at: Places) -> NDArray[np.bool_]:
        """Whether a refusal that is not lifted holds each instant."""
        begun = np.searchsorted(against.starts, at, side="right")
        told = begun > np.searchsorted(against.ends, at, side="right")
        for row in against.liftable.tolist():
            told |= self._stands(row, against.lifting, at)
        return told

    def _stands(self, row: int, lifting: Places, at: Places) -> NDArray[np.bool_]:
        """Whether this refusal holds, and no later allow row of the same subject lifts it."""
        given, ends, subject = self.consents.given, self.consents.ends, self.consents.subject
        own = lifting[(subject[lifting] == subject[row]) & (given[lifting] > given[row])]
        stands = holds(given[row], ends[row], at)
        for lift in own.tolist():
            stands &= ~holds(given[lift], ends[lift], at)
        return stands


def compile_refusals(consents: Consents) -> Refusals:
    """The forbid rows of all subjects, brought together where only their dates differ."""
    forbids = np.flatnonzero(~consents.allows & (consents.given < consents.ends))
    kinds = np.stack([consents.party, consents.role, consents.scope, consents.data])[:, forbids]
    _, first, kind = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
    shown_by, kind_of = forbids[first], np.full(len(consents.given), -1)
    kind_of[forbids] = kind.reshape(-1)
    parties = len(consents.parties.numbers)
    named = consents.party[shown_by]
    return Refusals(
        consents=consents,
        shown_by=shown_by,
        kind_of=kind_of,
        rows=grouped(kind_of, len(shown_by)),
        naming=grouped(np.where(np.isin(named, (ANYONE, NOBODY)), parties, named), parties + 1),
        allowing=grouped(np.where(consents.allows, consents.party, -1), parties),
    )
