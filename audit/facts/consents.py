"""The register of consents: what a subject allowed or refused, per data category of a flow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

from audit.facts.base import SUBJECT, base_rows
from audit.facts.coverage import coverage, listings
from audit.facts.keys import coded
from audit.facts.pairs import FOREVER, Grouped, agreed, best, grouped, holds
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.facts.flows import Flows
    from audit.facts.numbering import Doubt, Numbering
    from audit.facts.pairs import Places, Truths
    from audit.facts.parties import Parties

    OfUnits = tuple["Matches", Places]  # matches and the number of the unit of each
    AtUnits = tuple[Truths, Places]  # truths and the number of the unit of each

_T = TypeVar("_T", bound=np.generic)

CONSENTS = "consents"  # the register's name where it is declared complete
UNIT_TRUTHS = ("unit_consented", "unit_refused", "unit_separate", "unit_written")
ANYONE, NOBODY = -2, -3  # a row's recipient: any party; a role where a party is asked, or reversed


@dataclass(frozen=True)
class Matches:
    """Consents rows that hold and do not fail to match a unit (a flow and a category position)."""

    flow: Places
    position: Places
    row: Places
    truth: Truths

    def where(self, keep: NDArray[np.bool_]) -> Matches:
        """These of them."""
        return Matches(self.flow[keep], self.position[keep], self.row[keep], self.truth[keep])

    def joined(self, flows: Places, other: Matches) -> Matches:
        """These and others, whose flow i is flows[i]."""
        pairs = (
            (self.flow, flows[other.flow]),
            (self.position, other.position),
            (self.row, other.row),
        )
        flow, position, row = (np.concatenate(pair) for pair in pairs)
        return Matches(flow, position, row, np.concatenate([self.truth, other.truth]))


@dataclass(frozen=True)
class Said:
    """What the subjects' own rows say: the units (flow and position, in order) that they match."""

    flow: Places
    position: Places
    unit_consented: Truths
    unit_refused: Truths
    unit_separate: Truths  # consented separately
    unit_written: Truths  # consented in writing
    supplement: NDArray[np.bool_]  # a signed supplement carries the consent
    carrying: Matches  # the allow rows that match true

    def reconciled(self, flows: Places, other: Said) -> Said:
        """These flows may have another holder, of whom `other` speaks (its flow i is flows[i])."""
        width = int(max(self.position.max(initial=0), other.position.max(initial=0))) + 1
        mine = self.flow * width + self.position
        theirs = flows[other.flow] * width + other.position
        units, at = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
        here, there = at[: len(mine)], at[len(mine) :]
        doubtful = np.isin(units // width, flows)
        either = {
            name: _either((getattr(self, name), here), (getattr(other, name), there), doubtful)
            for name in UNIT_TRUTHS
        }
        return Said(
            flow=units // width,
            position=units % width,
            **either,
            supplement=_spread(self.supplement, here, len(units))
            | _spread(other.supplement, there, len(units)),
            carrying=self.carrying.joined(flows, other.carrying),
        )


@dataclass(frozen=True)
class Consents:
    """Rows other than base agreement rows, by subject; times in microseconds."""

    ids: pl.Series
    parties: Parties
    rows: Grouped
    given: Places
    ends: Places
    allows: NDArray[np.bool_]
    supplement: NDArray[np.bool_]
    separate: Truths  # whether the row can be a separate consent
    written: Truths
    party: Places  # party number, ANYONE or NOBODY
    role: Places  # place in the role domain, or NOBODY
    subject: Places
    scope: Places
    data: Places
    covered_purposes: Truths
    covered_categories: Truths
    doubt: Doubt

    def of_subjects(self, flows: Flows) -> Said:
        """What the rows of each flow's own subject say; units that none matches are left out."""
        owners, rows = self.rows.pairs(flows.subject)
        held = holds(self.given[rows], self.ends[rows], flows.at[owners])
        matches = self.matches(owners[held], rows[held], flows)
        allows = self.allows[matches.row]
        units, at = np.unique(matches.flow * flows.width + matches.position, return_inverse=True)
        allow, forbid = matches.where(allows), matches.where(~allows)
        refused = self._lifted((forbid, at[~allows]), (allow, at[allows]), flows, len(units))
        true = allow.truth == Truth.TRUE
        signed = np.zeros(len(units), dtype=np.bool_)
        signed[at[allows][true & self.supplement[allow.row]]] = True
        return Said(
            flow=units // flows.width,
            position=units % flows.width,
            unit_consented=best(at[allows], allow.truth, len(units)),
            unit_refused=best(at[~allows], refused, len(units)),
            unit_separate=self._such(self.separate, allow, at[allows], len(units)),
            unit_written=self._such(self.written, allow, at[allows], len(units)),
            supplement=signed,
            carrying=allow.where(true),
        )

    def blind_but_for(self, asked: Collection[str]) -> Consents:
        """The same without the kinds of consent that none of these facts is about.

        Flows that only such a kind would tell apart look alike, and are judged once.
        """
        none = np.zeros_like(self.separate)
        return replace(
            self,
            separate=self.separate if "separately_consented" in asked else none,
            written=self.written if "consented_in_writing" in asked else none,
        )

    def _such(self, kind: Truths, allow: Matches, at: Places, size: int) -> Truths:
        """What the rows of a kind say of each unit, among the allow rows that match."""
        if not kind.any():
            return np.zeros(size, dtype=np.int8)
        return best(at, np.minimum(allow.truth, kind[allow.row]), size)

    def defaults(self, flows: Flows) -> tuple[Truths, Truths]:
        """Consent of any kind and refusal where no row matches: unknown where one is lost."""
        tainted = self.doubt.tainted
        lost = tainted[flows.subject]
        nothing, unsure = np.int8(Truth.FALSE), np.int8(Truth.UNKNOWN)
        consented = np.where(lost | (CONSENTS not in self.doubt.complete), unsure, nothing)
        prohibited = np.where(lost | (flows.whole_base & tainted.any()), unsure, nothing)
        return consented, prohibited

    def matches(self, owners: Places, rows: Places, flows: Flows) -> Matches:
        """The pairs of a flow and a row that do not fail to match, spread over the categories.

        Dates are not looked at.
        """
        truth = self.covered_purposes[self.scope[rows], flows.codes["purpose"][owners]]
        open_ = np.flatnonzero(truth > Truth.FALSE)
        owners, rows, truth = owners[open_], rows[open_], truth[open_]
        truth = np.minimum(truth, self._named(rows, flows.holder[owners]))
        open_ = np.flatnonzero(truth > Truth.FALSE)
        owners, rows, truth = owners[open_], rows[open_], truth[open_]
        pair, position, category = flows.category_sets.units(flows.sets[owners])
        truth = np.minimum(truth[pair], self.covered_categories[self.data[rows[pair]], category])
        return Matches(owners[pair], position, rows[pair], truth).where(truth > Truth.FALSE)

    def truths(self, rows: Places, holder: int, purpose: int, category: int) -> Truths:
        """How far rows match a unit of this holder, purpose and category; dates are not seen."""
        told: Truths = self.covered_purposes[self.scope[rows], purpose]
        open_ = np.flatnonzero(told > Truth.FALSE)
        some = rows[open_]
        covered = np.minimum(told[open_], self.covered_categories[self.data[some], category])
        told[open_] = np.minimum(covered, self._named(some, holder))
        return told

    def _named(self, rows: Places, holder: Places | int) -> Truths:
        """Whether the row's recipient is the holder, or its role (unknown where it has none)."""
        by_role = self.role[rows] != NOBODY
        role = self.parties.role[holder]
        same_role = np.where(role == 0, Truth.UNKNOWN, 2 * (role == self.role[rows]))
        same_party = 2 * ((self.party[rows] == ANYONE) | (self.party[rows] == holder))
        return np.where(by_role, same_role, same_party).astype(np.int8)

    def _lifted(self, refusals: OfUnits, grants: OfUnits, flows: Flows, size: int) -> Truths:
        """The forbid rows' matches, less where a later allow row that names this party matches."""
        (forbid, forbidding), (allow, allowing) = refusals, grants
        names = self.party[allow.row] == flows.holder[allow.flow]
        lifting = allow.where(names)
        owners, rows = grouped(allowing[names], size).pairs(forbidding)
        later = self.given[lifting.row[rows]] > self.given[forbid.row[owners]]
        lift = best(owners[later], lifting.truth[rows[later]], len(forbid.row))
        return np.minimum(forbid.truth, Truth.TRUE - lift)


def compile_consents(
    register: pl.DataFrame, parties: Parties, numbering: Numbering, doubt: Doubt
) -> Consents:
    """Every row that is no base agreement row."""
    asked = ~base_rows(register)

    def of(column: str) -> pl.Series:
        return register[column].filter(asked)  # one at a time: all at once are very much

    allows, kind = (of("effect") == "allow").to_numpy(), of("kind")
    role, party = _recipients(of("recipient"), parties, numbering)
    scopes, scope_lists = listings(of("purposes"))
    data, data_lists = listings(of("data_categories"))
    keys = of(SUBJECT).to_numpy()
    vocabulary, domains = numbering.vocabulary, numbering.domains
    return Consents(
        ids=of("consent_id").rechunk(),  # a look-up in many pieces takes longer
        parties=parties,
        rows=grouped(keys, len(numbering.subjects)),
        given=of("given_at").cast(pl.Int64).to_numpy(),
        ends=of("ends_at").cast(pl.Int64).fill_null(FOREVER).to_numpy(),
        allows=allows,
        supplement=(kind == "agreement").to_numpy(),
        separate=_separate(kind, of("purposes"), party),
        written=2 * (kind == "written").to_numpy().astype(np.int8),
        party=party,
        role=role,
        subject=keys,
        scope=_blank_means(scopes, scope_lists, allows),
        data=_blank_means(data, data_lists, allows),
        covered_purposes=_scopes(vocabulary.purposes, domains["purpose"], scope_lists),
        covered_categories=_scopes(vocabulary.categories, domains["data"], data_lists),
        doubt=doubt,
    )


def _recipients(column: pl.Series, parties: Parties, numbering: Numbering) -> tuple[Places, Places]:
    """A recipient that is a role code is a role; anything else a party; none is anyone."""
    codes, names = coded(column)
    place = numbering.places["recipient_role"]
    role = np.array([place.get(name, NOBODY) if name else NOBODY for name in names], dtype=np.int64)
    party = np.where(role == NOBODY, parties.number(names), NOBODY)
    party[[name is None for name in names]] = ANYONE
    return role[codes], party[codes]


def _separate(kind: pl.Series, purposes: pl.Series, party: Places) -> Truths:
    """Whether a row can be a separate consent: given apart, for one purpose, to a named recipient.

    A row that names a role may rest on a form that names the party, which its record does not show
    (PIPL 14 and 23; Network Data Security Regulations 62(7)).
    """
    apart = kind.is_in(["separate", "written"]).to_numpy()
    one = (purposes.list.n_unique() == 1).fill_null(value=False).to_numpy()
    named = np.where(party == NOBODY, Truth.UNKNOWN, 2 * (party != ANYONE))
    return np.where(apart & one, named, Truth.FALSE).astype(np.int8)


def _blank_means(
    codes: Places, lists: Sequence[tuple[str, ...] | None], allows: NDArray[np.bool_]
) -> Places:
    """A null list is the table's last row (all) in a refusal, the one before (nothing) else."""
    null = np.array([listed is None for listed in lists], dtype=np.bool_)[codes]
    return np.where(null, np.where(allows, len(lists), len(lists) + 1), codes)


def _scopes(
    tree: Mapping[str, str | None],
    domain: Sequence[str | None],
    lists: Sequence[tuple[str, ...] | None],
) -> Truths:
    """What each list covers, then a row for *nothing* and one for *all*, unmapped codes too."""
    table = coverage(tree, domain, lists, Truth.UNKNOWN)
    nothing, everything = np.zeros((1, len(domain))), np.full((1, len(domain)), Truth.TRUE)
    return np.concatenate([table, nothing, everything]).astype(np.int8)


def _either(mine: AtUnits, theirs: AtUnits, doubtful: NDArray[np.bool_]) -> Truths:
    """Per unit what is said of the one holder, and where there may be another, of both."""
    first = _spread(*mine, len(doubtful))
    second = np.where(doubtful, _spread(*theirs, len(doubtful)), first)
    return agreed(first, second)


def _spread(values: NDArray[_T], places: Places, size: int) -> NDArray[_T]:
    spread = np.zeros(size, dtype=values.dtype)
    spread[places] = values
    return spread
