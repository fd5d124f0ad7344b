"""What raises duties: flows, evidence, withdrawals, contracts that end (semantics, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.duty import Duty, DutyEvent
from audit.evaluation.sharing import Share, Whom
from audit.facts.coverage import listings
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT, Truth, Vocabulary, covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audit.evaluation.owed import Owed
    from audit.records.checking import Taints, Told

EVENTS = pl.Schema(
    {
        "event_id": pl.String(),
        "subject": pl.String(),
        "party": pl.String(),
        "at": pl.Int64(),
        "value": pl.Int8(),
        "flows": pl.Int64(),
    }
)
_NOBODY, _NONE = pl.lit(None, pl.String), pl.lit(None, pl.String)
_ONE = pl.lit(1, pl.Int64)


@dataclass(frozen=True)
class Ledgers:
    """The registers as far as duties ask for them, and which are declared complete."""

    rows: Owed
    told: Told
    complete: frozenset[str]

    @property
    def taints(self) -> Taints:
        """What lost rows leave in doubt."""
        return self.told.taints


@dataclass(frozen=True)
class Scene:
    """What duties of a share are looked for in: its flows and the registers, as of an instant."""

    share: Share
    ledgers: Ledgers
    vocabulary: Vocabulary
    as_of: int  # microseconds
    flows_lost: bool

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """The rows that ever hold, with `at`, `until` and whether the amount is `above` zero."""
        amount = pl.col("amount")
        above = pl.when(amount.is_null()).then(1).when(amount > 0).then(2).otherwise(0)
        until = pl.col("valid_until")
        return self.share.rows.evidence.filter(
            until.is_null() | (pl.col("valid_from") < until)
        ).select(
            "evidence_id",
            "kind",
            "subject_id",
            "issued_by",
            "reference",
            at=pl.col("valid_from").cast(pl.Int64),
            until=until.cast(pl.Int64),
            above=above.cast(pl.Int8),
        )

    @cached_property
    def parties(self) -> pl.DataFrame:
        """The register without tainted rows, with CUSTOMER in it."""
        tainted = self.ledgers.taints.parties
        kept = self.ledgers.told.parties.filter(~pl.col("party_id").is_in(sorted(tainted)))
        known = kept.select("party_id", "role", "legal_role", "agreement_until")
        if CUSTOMER in known["party_id"] or CUSTOMER in tainted:
            return known
        customer = pl.DataFrame({"party_id": [CUSTOMER], "role": [ROLE_SUBJECT]})
        return pl.concat([known, customer], how="diagonal")

    def of_kind(self, kind: str) -> pl.DataFrame:
        """The rows of evidence that are of the kind, or may be, with their own `value`."""
        mapped = pl.col("kind").is_in([*self.vocabulary.evidence_kinds])
        same = pl.when(pl.col("kind") == kind).then(2).when(mapped).then(0).otherwise(1)
        asks_amount = self.vocabulary.evidence_kinds[kind].amount
        told = pl.min_horizontal(same, "above") if asks_amount else same
        return self.evidence.with_columns(value=told.cast(pl.Int8)).filter(pl.col("value") > 0)


def events(scene: Scene, duty: Duty) -> pl.DataFrame:
    """Everything that raises the duty, or may, for those of the share: columns as EVENTS."""
    if duty.of_nobody and scene.share.whom is Whom.PERSONS:
        return EVENTS.to_frame()
    raised = scene.share.of(_RAISED[duty.arises.event](scene, duty))
    if duty.arises.earlier is not None and not raised.is_empty():
        raised = _with_earlier(scene, duty, raised)
    return raised.select(pl.col(name).cast(kind) for name, kind in EVENTS.items())


def _by_flow(scene: Scene, duty: Duty) -> pl.DataFrame:
    if duty.per_relation:
        found = scene.share.raising.relations(duty.arises.flow)
        return found.select(
            "at", "value", "flows", event_id="flow_id", subject=_NOBODY, party="recipient"
        )
    found = scene.share.raising.flows(duty.arises.flow, "flow_id", "subject_id", "recipient")
    return found.select(
        "at", "value", event_id="flow_id", subject="subject_id", party="recipient", flows=_ONE
    )


def _by_evidence(scene: Scene, duty: Duty) -> pl.DataFrame:
    at = "at" if duty.arises.event is DutyEvent.EVIDENCE else "until"
    found = scene.of_kind(str(duty.arises.evidence)).drop_nulls(at)
    return found.select(
        "value", event_id="evidence_id", subject="subject_id", party=_NONE, at=at, flows=_ONE
    )


def _by_withdrawal(scene: Scene, duty: Duty) -> pl.DataFrame:
    """The scope of each row stays with it: of flows only what it covered is to be stopped."""
    del duty  # every consent may be withdrawn
    found = scene.share.rows.consents
    return found.select(
        "purposes",
        "data_categories",
        "recipient",
        event_id="consent_id",
        subject="subject_id",
        party=_NONE,
        at=pl.col("withdrawn_at").cast(pl.Int64),
        given=pl.col("given_at").cast(pl.Int64),
        value=pl.lit(2, pl.Int8),
        flows=_ONE,
    )


def _by_agreement(scene: Scene, duty: Duty) -> pl.DataFrame:
    words, asked = scene.vocabulary, duty.arises
    tests = [
        _among(column, codes, mapped)
        for column, codes, mapped in (
            ("role", asked.role, words.roles),
            ("legal_role", asked.legal_role, words.legal_roles),
        )
        if codes
    ]
    value = pl.min_horizontal(pl.lit(2, pl.Int32), *tests)
    found = scene.parties.drop_nulls("agreement_until").with_columns(value=value)
    return found.filter(pl.col("value") > 0).select(
        "value",
        event_id="party_id",
        subject=_NOBODY,
        party="party_id",
        at=pl.col("agreement_until").cast(pl.Int64),
        flows=_ONE,
    )


_RAISED = {
    DutyEvent.FLOW: _by_flow,
    DutyEvent.EVIDENCE: _by_evidence,
    DutyEvent.EVIDENCE_ENDS: _by_evidence,
    DutyEvent.WITHDRAWAL: _by_withdrawal,
    DutyEvent.AGREEMENT_ENDS: _by_agreement,
}


def _among(column: str, codes: Sequence[str], mapped: Sequence[str]) -> pl.Expr:
    """A code compared with a flat list; null and unmapped codes are unknown."""
    cell = pl.col(column)
    known = cell.is_in([*mapped]).fill_null(False)
    return pl.when(~known).then(1).when(cell.is_in([*codes])).then(2).otherwise(0)


def _with_earlier(scene: Scene, duty: Duty, raised: pl.DataFrame) -> pl.DataFrame:
    """A row per event and recipient of the flows that lie before it; the value is of both."""
    raised = raised.drop("party") if duty.arises.event is not DutyEvent.AGREEMENT_ENDS else raised
    pairs = _earlier(scene, duty, raised)
    worth = pl.min_horizontal("value", "earlier")
    if duty.arises.event is DutyEvent.WITHDRAWAL:
        pairs = pairs.with_columns(covered=_covered(scene, pairs))
        worth = pl.min_horizontal(worth, "covered")
    found = pairs.with_columns(value=worth).filter(pl.col("value") > 0)
    others = [name for name in EVENTS if name != "value"]
    return found.group_by(others).agg(pl.col("value").max())


def _earlier(scene: Scene, duty: Duty, raised: pl.DataFrame) -> pl.DataFrame:
    """Each event with each flow before it, its value as `earlier`, or with the first ones alone."""
    pattern = duty.arises.earlier or ()
    if duty.arises.event is DutyEvent.AGREEMENT_ENDS:
        relations = scene.share.raising.relations(pattern)
        flows = relations.group_by("recipient", "value").agg(pl.col("at").min())
        told = flows.select(party="recipient", earlier="value", before="at")
        pairs = raised.join(told, on="party", validate="m:m")
        return pairs.filter((pl.col("before") < pl.col("at")) & (pl.col("before") <= scene.as_of))
    withdrawn = duty.arises.event is DutyEvent.WITHDRAWAL
    scope = ("purpose", "data_categories") if withdrawn else ()
    found = scene.share.raising.flows(pattern, "subject_id", "recipient", *scope)
    flows = found.filter(pl.col("at") <= scene.as_of)
    names = {"subject": "subject_id", "party": "recipient", "earlier": "value", "before": "at"}
    if withdrawn:
        told = flows.select("purpose", "data_categories", **names)
        told = told.rename({"data_categories": "categories"})
        pairs = raised.join(told, on="subject", validate="m:m")
        return pairs.filter(pl.col("before").is_between("given", "at", closed="left"))
    first = flows.group_by("subject_id", "recipient", "value").agg(pl.col("at").min())
    pairs = raised.join(first.select(**names), on="subject", validate="m:m")
    return pairs.filter(pl.col("before") < pl.col("at"))


def _covered(scene: Scene, pairs: pl.DataFrame) -> pl.Series:
    """How far each withdrawn consent covered each flow (the match of section 3)."""
    words = scene.vocabulary
    single = pairs["purpose"].reshape((-1, 1)).arr.to_list()
    told = pairs.select("recipient", "party").with_columns(
        by_purpose=_cover(words.purposes, single, pairs["purposes"]),
        by_category=_cover(words.categories, pairs["categories"], pairs["data_categories"]),
    )
    roles = scene.parties.select(party="party_id", role="role")
    named, held = pl.col("recipient"), pl.col("role").is_in([*words.roles]).fill_null(False)
    by_role = pl.when(~held).then(1).when(pl.col("role") == named).then(2).otherwise(0)
    by_name = pl.when(named.is_null() | (named == pl.col("party"))).then(2).otherwise(0)
    recipient = pl.when(named.is_in([*words.roles])).then(by_role).otherwise(by_name)
    joined = told.join(roles, on="party", how="left", validate="m:1", maintain_order="left")
    return joined.select(
        pl.min_horizontal(recipient, "by_purpose", "by_category").cast(pl.Int8)
    ).to_series()


def _cover(tree: Mapping[str, str | None], codes: pl.Series, lists: pl.Series) -> pl.Series:
    """How far each list covers the best of these codes; a null list covers nothing."""
    code, codes_met = listings(codes)
    listed, lists_met = listings(lists)
    pairs = pl.DataFrame({"code": code, "listed": listed})
    distinct = pairs.unique()
    truths = [_best(tree, codes_met[a] or (), lists_met[b]) for a, b in distinct.iter_rows()]
    told = distinct.with_columns(pl.Series("truth", truths, pl.Int8))
    found = pairs.join(told, on=["code", "listed"], validate="m:1", maintain_order="left")
    return found["truth"]


def _best(
    tree: Mapping[str, str | None], codes: Iterable[str], listed: tuple[str, ...] | None
) -> Truth:
    if not listed:
        return Truth.FALSE
    return max(covers(tree, code, listed) for code in codes)
