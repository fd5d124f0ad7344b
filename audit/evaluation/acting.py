"""The acts that fulfil duties, found by subject and party, and what it means that there is none.

An act is looked up under whom it is about and which party it binds. An event of a person asks for
acts of that person, and for those that name nobody; each key has its acts in the order of time, so
that the first one from an instant on, or the last one before it, is all that need be found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.duty import CARRIER, PARTY, Duty
from audit.facts.pairs import EVER
from audit.vocabulary import ROLE_CARRIER, WHOLE_BASE, Truth

if TYPE_CHECKING:
    from audit.evaluation.raising import Scene

# Under whom an act is looked up beside its own subject (after `=`): as seen by persons and by
# duties that name nobody, of acts that name nobody or somebody.
_OF_PERSON, _ANYBODY, _NOBODY, _SOMEBODY = "=", "anybody", "nobody", "somebody"
_ANY_PARTY = ""  # no id is empty
KEYS = ("whom", "party")
ACTS = pl.Schema(
    {
        "whom": pl.String(),
        "party": pl.String(),
        "at": pl.Int64(),
        "name": pl.String(),
        "value": pl.Int8(),
    }
)


_ASKED = pl.Schema(
    {"row": pl.UInt32(), "at": pl.Int64(), "whom": pl.String(), "party": pl.String()}
)


def is_nobody(column: str) -> pl.Expr:
    """Nobody by name: null, or the whole base."""
    return pl.col(column).is_null() | (pl.col(column) == WHOLE_BASE)


def acts(scene: Scene, duty: Duty, events: pl.DataFrame) -> pl.DataFrame:
    """Every act up to the as-of instant that fulfils the duty, or may, under each of its keys.

    Of flows only those that one of these events can ask for: most are of other people.
    """
    found = [pl.DataFrame(schema=ACTS)]
    found += [_evidence(scene, duty, kind) for kind in duty.fulfilled.evidence]
    if duty.fulfilled.flow is not None:
        found.append(_flows(scene, duty, events))
    told = [part.select(pl.col(name).cast(kind) for name, kind in ACTS.items()) for part in found]
    return pl.concat(told)


def asked(events: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The keys under which each event, by its `row`, finds acts, and `at` which instant it looks.

    Keys under which nothing is found are left out: most events have no act at all.
    """
    told = [pl.DataFrame(schema=_ASKED)]
    if found.is_empty():
        return told[0]
    nobody = is_nobody("subject")
    own = pl.concat_str(pl.lit(_OF_PERSON), "subject")
    met = found.select(KEYS).unique()
    for whom in (
        pl.when(nobody).then(pl.lit(_NOBODY)).otherwise(own),
        pl.when(nobody).then(pl.lit(_SOMEBODY)).otherwise(pl.lit(_ANYBODY)),
    ):
        for party in (pl.lit(_ANY_PARTY), pl.col("party")):
            keyed = events.select("row", "at", whom=whom, party=party)
            told.append(keyed.join(met, on=list(KEYS), how="semi"))
    return pl.concat(told)


def first(keys: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Per row the first act at its instant or after: when it was `done`, and its `name`."""
    met = keys.sort("at").join_asof(
        _in_order(found),
        left_on="at",
        right_on="done",
        by=list(KEYS),
        strategy="forward",
        check_sortedness=False,
    )
    return _one_a_row(met.sort("done", "name"))


def last(keys: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Per row the last act before its instant."""
    met = keys.sort("at").join_asof(
        _in_order(found),
        left_on="at",
        right_on="done",
        by=list(KEYS),
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return _one_a_row(met.sort("done", "name", descending=[True, False]))


def _in_order(found: pl.DataFrame) -> pl.DataFrame:
    """The acts of each key in the order of time; of several at one instant the smallest name."""
    named = found.group_by(*KEYS, "at").agg(pl.col("name").min())
    return named.rename({"at": "done"}).sort("done")


def _one_a_row(met: pl.DataFrame) -> pl.DataFrame:
    return (
        met.drop_nulls("done")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "done", "name")
    )


def since(scene: Scene, duty: Duty, events: pl.DataFrame) -> pl.DataFrame:
    """Per event the instants from which an act is since what it asks, and from which it may be."""
    kind = duty.due.since
    if kind is None:
        return events.select("row", true_from=pl.lit(EVER), may_from=pl.lit(EVER))
    rows = _seen(scene, kind).with_columns(party=pl.lit(_ANY_PARTY), name=pl.lit(""))
    true = pl.col("at").filter(pl.col("value") == Truth.TRUE).min()
    starts = _under_whom(rows, optional=_is_optional(scene, kind)).group_by(KEYS)
    began = starts.agg(true_from=true, may_from=pl.col("at").min())
    met = asked(events, began).join(began, on=list(KEYS), how="left", validate="m:1")
    told = met.group_by("row").agg(pl.col("true_from", "may_from").min())
    found = events.select("row").join(told, on="row", how="left", validate="1:1")
    lost = events.select("row", lost=unseen(scene, duty, kind, bound=False))
    may = pl.when("lost").then(pl.lit(EVER)).otherwise("may_from")
    return found.join(lost, on="row", validate="1:1").select("row", "true_from", may_from=may)


def absences(scene: Scene, duty: Duty) -> pl.Expr:
    """Whether there may be an act that is not seen, per event."""
    told = [unseen(scene, duty, kind, bound=True) for kind in duty.fulfilled.evidence]
    if duty.fulfilled.flow is not None:
        told.append(pl.lit(scene.flows_lost or "flows" not in scene.ledgers.complete))
    return pl.any_horizontal(told)


def unseen(scene: Scene, duty: Duty, kind: str, *, bound: bool) -> pl.Expr:
    """Whether there may be evidence of a kind that is not seen, per event."""
    taints = scene.ledgers.taints
    lost = pl.lit(taints.all_evidence_subjects)
    lost |= pl.col("subject").is_in(sorted(taints.evidence_subjects)).fill_null(False)
    if taints.evidence_ids:
        lost |= pl.lit(value=True) if _is_optional(scene, kind) else is_nobody("subject")
    if f"evidence.{kind}" in scene.ledgers.complete:
        return lost
    rows = scene.evidence.filter((pl.col("kind") == kind) & (pl.col("at") <= scene.as_of))
    column = _binding(duty) if bound else None
    persons = rows["subject_id"].drop_nulls().unique()
    speaks = ~is_nobody("subject") & pl.col("subject").is_in(persons.implode()).fill_null(False)
    if column is not None:
        parties = rows[column].drop_nulls().unique()
        by_party = pl.col("party").is_in(parties.implode()).fill_null(False)
        speaks |= is_nobody("subject") & by_party
    return lost | ~speaks


def _binding(duty: Duty) -> str | None:
    """The column of evidence that binds an act to the party of the duty."""
    if duty.fulfilled.names_party:
        return "reference"
    return "issued_by" if duty.fulfilled.issued_by == PARTY else None


def _seen(scene: Scene, kind: str) -> pl.DataFrame:
    return scene.of_kind(kind).filter(pl.col("at") <= scene.as_of)


def _is_optional(scene: Scene, kind: str) -> bool:
    return scene.vocabulary.evidence_kinds[kind].subject_optional


def _evidence(scene: Scene, duty: Duty, kind: str) -> pl.DataFrame:
    rows = _seen(scene, kind)
    if duty.fulfilled.issued_by == CARRIER:
        rows = _issued_by_carrier(scene, rows)
    named = rows.with_columns(name=pl.concat_str(pl.lit("evidence:"), "evidence_id"))
    return _under_whom(_under_party(scene, duty, named), optional=_is_optional(scene, kind))


def _issued_by_carrier(scene: Scene, rows: pl.DataFrame) -> pl.DataFrame:
    roles = scene.parties.select(issued_by="party_id", role="role")
    mapped = pl.col("role").is_in([*scene.vocabulary.roles]).fill_null(False)
    by_it = pl.when(~mapped).then(1).when(pl.col("role") == ROLE_CARRIER).then(2).otherwise(0)
    joined = rows.join(roles, on="issued_by", how="left", validate="m:1")
    worth = pl.min_horizontal("value", by_it).cast(pl.Int8)
    return joined.with_columns(value=worth).filter(pl.col("value") > 0)


def _under_party(scene: Scene, duty: Duty, rows: pl.DataFrame) -> pl.DataFrame:
    """Each act under the party that it binds, and under any where it may bind another."""
    column = _binding(duty)
    if column is None:
        return rows.with_columns(party=pl.lit(_ANY_PARTY))
    bound = rows.drop_nulls(column).with_columns(party=column)
    open_ = pl.col(column).is_null()
    if column == "reference":
        open_ |= ~pl.col(column).is_in(scene.parties["party_id"].implode())
    doubtful = rows.filter(open_).with_columns(
        party=pl.lit(_ANY_PARTY), value=pl.min_horizontal("value", 1).cast(pl.Int8)
    )
    return pl.concat([bound, doubtful])


def _flows(scene: Scene, duty: Duty, events: pl.DataFrame) -> pl.DataFrame:
    end = duty.fulfilled.party
    bound = () if end is None else (end.value,)
    found = scene.share.fulfilling.flows(duty.fulfilled.flow or (), "flow_id", "subject_id", *bound)
    flows = found.filter((pl.col("at") <= scene.as_of) & _asked_of(events))
    party = pl.lit(_ANY_PARTY) if end is None else pl.col(end.value)
    named = flows.select(
        "subject_id", "at", "value", party=party, name=pl.concat_str(pl.lit("flow:"), "flow_id")
    )
    return _under_whom(named, optional=False)


def _asked_of(events: pl.DataFrame) -> pl.Expr:
    """Whether an event can ask for acts of this subject; one of nobody asks for anybody's."""
    if events.select(is_nobody("subject").any()).item():
        return pl.lit(value=True)
    persons = events["subject"].unique()
    return is_nobody("subject_id") | pl.col("subject_id").is_in(persons.implode())


def _under_whom(rows: pl.DataFrame, *, optional: bool) -> pl.DataFrame:
    """Each act under whom it is about, as true as it is for those who look there."""
    rows = rows.select("subject_id", *list(ACTS)[1:])
    doubtful = pl.min_horizontal("value", 1).cast(pl.Int8)
    named, nobody = rows.filter(~is_nobody("subject_id")), rows.filter(is_nobody("subject_id"))
    vouched = pl.col("value") if optional else doubtful
    by_null = pl.when(pl.col("subject_id").is_null()).then(vouched).otherwise(doubtful)
    own = pl.concat_str(pl.lit(_OF_PERSON), "subject_id")
    told = (
        named.with_columns(whom=own),
        named.with_columns(whom=pl.lit(_SOMEBODY), value=doubtful),
        nobody.with_columns(whom=pl.lit(_NOBODY)),
        nobody.with_columns(whom=pl.lit(_ANYBODY), value=by_null),
    )
    return pl.concat([part.select(list(ACTS)) for part in told])
