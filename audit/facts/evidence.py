"""The register of evidence: whether a flow has proof of a kind, cited or lying with its subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import AFTER
from audit.facts.base import SUBJECT
from audit.facts.keys import coded
from audit.facts.pairs import EVER, FOREVER, Grouped, best, grouped, holds, soften
from audit.vocabulary import ROLE_CARRIER, EvidenceKind, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.facts.flows import Flows
    from audit.facts.numbering import Doubt, Numbering
    from audit.facts.pairs import Places, Truths
    from audit.facts.parties import Parties

    Pairs = tuple[Places, Places]  # places of flows, rows of the register

NOT_INFERRED = np.iinfo(np.int64).max
UNMAPPED = -1  # an evidence kind that is not in the vocabulary


@dataclass(frozen=True)
class Proof:
    """evidence(kind) of each flow, and the smallest uncited row that proves it, or NOT_INFERRED."""

    truth: Truths
    inferred: Places


@dataclass(frozen=True)
class Seen:
    """The flows that ask, each with the rows of its own subject, and each with the row it cites."""

    flows: Flows
    own: Pairs
    citing: Pairs


@dataclass(frozen=True)
class Since:
    """Per flow when the earliest row that proves something began, and that may prove it."""

    true: Places
    may: Places


@dataclass(frozen=True)
class Evidence:
    """Rows sorted by evidence_id; times in microseconds."""

    ids: pl.Series
    kinds: Sequence[str]
    kind: Places  # place in `kinds`, or UNMAPPED
    subject: Places  # place in the index of subjects, -1 where null
    start: Places
    end: Places
    amount: Truths  # above zero; unknown where null
    issuer: Places  # party number, -1 where null
    independent: Truths  # issued by somebody known not to be the carrier
    named: Places  # number of the registered party that `reference` names, where asked; else -1
    by_subject: Grouped
    unnamed: Mapping[str, Places]  # per kind: rows that name nobody and speak to every flow
    declared: Mapping[str, EvidenceKind]
    doubt: Doubt

    def proofs(self, flows: Flows, asked: Sequence[str]) -> dict[str, Proof]:
        """evidence(kind) for each of these (semantics, section 3); see `Condition.proofs`."""
        citing = np.flatnonzero(flows.cited >= 0)
        seen = Seen(flows, self.by_subject.pairs(flows.subject), (citing, flows.cited[citing]))
        kinds = dict.fromkeys(name.rpartition(AFTER)[2] for name in asked)
        found = {kind: self._proof(kind, seen, None) for kind in kinds}
        for name in asked:
            if name not in found:
                later, earlier = name.split(AFTER)
                found[name] = self._proof(later, seen, self._since(earlier, seen, found[earlier]))
        return found

    def _since(self, kind: str, seen: Seen, proof: Proof) -> Since:
        """From when on each flow's evidence of a kind stands, or may stand."""
        flows, size = seen.flows, len(seen.flows)
        true, may = np.full(size, FOREVER), np.full(size, FOREVER)
        pairs = self._held(kind, flows, seen.own), self._held(kind, flows, seen.citing)
        for (owners, rows), truth in (
            (pairs[0], self._match(kind, flows, *pairs[0])),
            (pairs[1], self._match_cited(kind, flows, *pairs[1])),
        ):
            for least, earliest in ((Truth.TRUE, true), (Truth.UNKNOWN, may)):
                met = truth >= least
                np.minimum.at(earliest, owners[met], self.start[rows[met]])
        may[proof.truth == Truth.UNKNOWN] = EVER
        for row in self.unnamed.get(kind, ()):
            held = np.flatnonzero(holds(self.start[row], self.end[row], flows.at))
            open_ = held[self._match(kind, flows, held, np.full(len(held), row)) > Truth.FALSE]
            may[open_] = np.minimum(may[open_], self.start[row])
        return Since(true, may)

    def _proof(self, kind: str, seen: Seen, since: Since | None) -> Proof:
        flows = seen.flows
        owners, rows = self._held(kind, flows, seen.own)
        truth = self._later(self._match(kind, flows, owners, rows), since, owners, rows)
        cited = self._cited(kind, seen, since)
        lies = self._lies_with(seen.own, kind, len(flows))
        found = np.maximum(best(owners, truth, len(flows)), cited)
        found = np.maximum(found, self._unnamed(kind, flows, found, since))
        uncited = (truth == Truth.TRUE) & (rows != flows.cited[owners])
        inferred = np.full(len(flows), NOT_INFERRED)
        np.minimum.at(inferred, owners[uncited], rows[uncited])
        inferred[cited == Truth.TRUE] = NOT_INFERRED
        return Proof(self._absent(kind, flows, found, lies), inferred)

    def _later(self, truth: Truths, since: Since | None, owners: Places, rows: Places) -> Truths:
        """The matches of rows, no better than whether each began late enough."""
        if since is None:
            return truth
        start = self.start[rows]
        late = np.where(
            start >= since.true[owners],
            Truth.TRUE,
            np.where(start >= since.may[owners], Truth.UNKNOWN, Truth.FALSE),
        )
        return np.minimum(truth, late.astype(np.int8))

    def _held(self, kind: str, flows: Flows, pairs: Pairs) -> Pairs:
        """The pairs whose row may be of the kind and holds the flow."""
        owners, rows = pairs
        kinds = self.kind[rows]
        may = np.flatnonzero((kinds == self.kinds.index(kind)) | (kinds == UNMAPPED))
        owners, rows = owners[may], rows[may]
        held = holds(self.start[rows], self.end[rows], flows.at[owners])
        return owners[held], rows[held]

    def _match(self, kind: str, flows: Flows, owners: Places, rows: Places) -> Truths:
        """The match of rows of the flow's own subject, which hold already."""
        return np.minimum(self._of_kind(kind, rows), self._issued(kind, flows, owners, rows))

    def _of_kind(self, kind: str, rows: Places) -> Truths:
        same = 2 * (self.kind[rows] == self.kinds.index(kind))
        return np.where(self.kind[rows] == UNMAPPED, Truth.UNKNOWN, same).astype(np.int8)

    def _issued(self, kind: str, flows: Flows, owners: Places, rows: Places) -> Truths:
        """What a kind's declarations ask of the amount, the issuer and the party named."""
        truth = np.full(len(rows), Truth.TRUE, dtype=np.int8)
        declared = self.declared[kind]
        if declared.amount:
            truth = np.minimum(truth, self.amount[rows])
        if declared.issued_by_recipient:
            by_it = 2 * (self.issuer[rows] == flows.recipient[owners])
            known = np.where(self.issuer[rows] < 0, Truth.UNKNOWN, by_it)
            truth = np.minimum(truth, known.astype(np.int8))
        if declared.names_recipient:
            for_it = 2 * (self.named[rows] == flows.recipient[owners])
            told = np.where(self.named[rows] < 0, Truth.UNKNOWN, for_it)
            truth = np.minimum(truth, told.astype(np.int8))
        return np.minimum(truth, self.independent[rows]) if declared.independent else truth

    def _cited(self, kind: str, seen: Seen, since: Since | None) -> Truths:
        """The match of the row that the flow cites, whomever it names."""
        owners, rows = self._held(kind, seen.flows, seen.citing)
        truth = self._match_cited(kind, seen.flows, owners, rows)
        found = np.zeros(len(seen.flows), dtype=np.int8)
        found[owners] = self._later(truth, since, owners, rows)
        return found

    def _match_cited(self, kind: str, flows: Flows, owners: Places, rows: Places) -> Truths:
        return np.minimum(
            self._match(kind, flows, owners, rows), self._about(kind, flows, owners, rows)
        )

    def _about(self, kind: str, flows: Flows, owners: Places, rows: Places) -> Truths:
        """Whether a cited row is about the flow's subject."""
        declared = self.declared[kind]
        nobody = Truth.TRUE if declared.subject_optional else Truth.UNKNOWN
        another = Truth.UNKNOWN if declared.other_person else Truth.FALSE
        same = self.subject[rows] == flows.subject[owners]
        named = np.where(same, Truth.TRUE, another)
        return np.where(self.subject[rows] < 0, nobody, named).astype(np.int8)

    def _unnamed(self, kind: str, flows: Flows, found: Truths, since: Since | None) -> Truths:
        """Unknown where a row that names nobody may be about this flow; asked where still false."""
        told = found.copy()
        for row in self.unnamed.get(kind, ()):
            open_ = np.flatnonzero(told == Truth.FALSE)
            held = open_[holds(self.start[row], self.end[row], flows.at[open_])]
            rows = np.full(len(held), row)
            may = self._later(self._match(kind, flows, held, rows), since, held, rows)
            told[held[may > Truth.FALSE]] = Truth.UNKNOWN
        return told

    def _lies_with(self, own: Pairs, kind: str, size: int) -> NDArray[np.bool_]:
        """Whether rows of the kind exist for this very subject, whenever they hold."""
        owners, rows = own
        lies = np.zeros(size, dtype=np.bool_)
        lies[owners[self.kind[rows] == self.kinds.index(kind)]] = True
        return lies

    def _absent(self, kind: str, flows: Flows, found: Truths, lies: NDArray[np.bool_]) -> Truths:
        """False only where the register tells that there is none; a lost row makes it unknown."""
        if f"evidence.{kind}" not in self.doubt.complete:
            told = (flows.cited >= 0) | (~flows.cites & lies)
            found = soften(found, ~told)
        return soften(found, self.doubt.tainted[flows.subject] | flows.cites_tainted)


def compile_evidence(
    register: pl.DataFrame, parties: Parties, numbering: Numbering, doubt: Doubt
) -> Evidence:
    """The register of evidence with what its issuers are."""
    subjects, declared = numbering.subjects, numbering.evidence_kinds
    carrier = numbering.places["recipient_role"][ROLE_CARRIER]
    rows = register.sort("evidence_id")
    kinds = tuple(sorted(declared))
    kind = _places(rows["kind"], kinds)
    subject = rows[SUBJECT].to_numpy()
    codes, issuers = coded(rows["issued_by"])
    issuer = parties.number(issuers)[codes]
    role = np.where(issuer < 0, 0, parties.role[issuer])
    amount = rows["amount"]
    above = pl.select(pl.when(amount.is_null()).then(1).when(amount > 0).then(2).otherwise(0))
    return Evidence(
        ids=rows["evidence_id"],
        kinds=kinds,
        kind=kind,
        subject=subject,
        start=rows["valid_from"].cast(pl.Int64).to_numpy(),
        end=rows["valid_until"].cast(pl.Int64).fill_null(FOREVER).to_numpy(),
        amount=above.to_series().cast(pl.Int8).to_numpy(),
        issuer=issuer,
        independent=np.where((role == 0) | (role == carrier), 1, 2).astype(np.int8),
        named=_named(rows["reference"], kind, parties, [declared[code] for code in kinds]),
        by_subject=grouped(subject, len(subjects)),
        unnamed=_unnamed(kind, subject, kinds, declared),
        declared=declared,
        doubt=doubt,
    )


def _places(column: pl.Series, kinds: Sequence[str]) -> Places:
    codes, values = coded(column)
    place = {code: i for i, code in enumerate(kinds)}
    return np.array([place.get(code or "", UNMAPPED) for code in values], dtype=np.int64)[codes]


def _named(
    references: pl.Series, kind: Places, parties: Parties, declared: Sequence[EvidenceKind]
) -> Places:
    """The registered party that the reference of a row names, read where a kind asks for it."""
    asking = [place for place, each in enumerate(declared) if each.names_recipient]
    named = np.full(len(kind), -1, dtype=np.int64)
    if not asking:
        return named
    rows = np.flatnonzero(np.isin(kind, [*asking, UNMAPPED]))
    numbers = parties.number(references.gather(rows).to_list())
    named[rows] = np.where(parties.registered[numbers], numbers, -1)
    return named


def _unnamed(
    kind: Places, subject: Places, kinds: Sequence[str], declared: Mapping[str, EvidenceKind]
) -> dict[str, Places]:
    """Per kind the rows without a subject that prove nothing but leave it open for every flow.

    Kinds whose subject is optional are left out: such a row speaks only for flows that cite it.
    """
    nobody = subject < 0
    return {
        code: np.flatnonzero(nobody & ((kind == place) | (kind == UNMAPPED)))
        for place, code in enumerate(kinds)
        if not declared[code].subject_optional
    }
