"""What became of the registers touches just the flows that ask the rows concerned."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from audit.changes.touching import Touched
from audit.incremental.comparing import touched
from audit.records.checking import Registers, Taints
from audit.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
TEXT = pl.String()
PARTIES = pl.Schema({"party_id": TEXT, "role": TEXT, "purposes": pl.List(TEXT)})
CONSENTS = pl.Schema(
    {"consent_id": TEXT, "subject_id": TEXT, "purposes": pl.List(TEXT), "effect": TEXT}
)
EVIDENCE = pl.Schema(
    {
        "evidence_id": TEXT,
        "kind": TEXT,
        "subject_id": TEXT,
        "issued_by": TEXT,
        "reference": TEXT,
    }
)
PROOF = ("E1", "arrears", "S1", "P1", None)
BEFORE = Registers(
    parties=pl.DataFrame(
        [("P1", "carrier", ["service"]), ("P2", "affiliate", None)], PARTIES, orient="row"
    ),
    consents=pl.DataFrame(
        [
            ("C1", "S1", None, "allow"),
            ("C2", "S2", [], "forbid"),
            ("C3", "S3", ["service"], "allow"),
            ("C4", "S2", None, "allow"),
        ],
        CONSENTS,
        orient="row",
    ),
    evidence=pl.DataFrame(
        [PROOF, ("E2", "legal_request", "S2", "P2", None), ("E3", "statute", None, None, "P9")],
        EVIDENCE,
        orient="row",
    ),
    taints=Taints(),
    rejected=pl.DataFrame(),
    notices=(),
    inputs=(),
    unregistered_recipients=(),
    dropped={},
)


def told(after: Registers) -> Mapping[str, object]:
    """What is touched, as plain values, the same whichever of the two comes first."""
    one, other = (
        as_values(touched(*pair, VOCABULARY)) for pair in ((BEFORE, after), (after, BEFORE))
    )
    assert one == other
    return one


def as_values(found: Touched) -> Mapping[str, object]:
    names = {name: set(getattr(found, name)) for name in ("parties", "subjects", "evidence")}
    return {"everything": found.everything, **names}


def nothing(**but: object) -> Mapping[str, object]:
    return {"everything": False, "parties": set(), "subjects": set(), "evidence": set(), **but}


def proven(*rows: tuple[str | None, ...]) -> Registers:
    added = pl.DataFrame(rows, EVIDENCE, orient="row")
    return replace(BEFORE, evidence=pl.concat([BEFORE.evidence, added]))


def test_the_same_rows_touch_nothing_whatever_their_order() -> None:
    turned = {name: getattr(BEFORE, name).reverse() for name in ("parties", "consents", "evidence")}
    assert told(replace(BEFORE, **turned)) == nothing()
    assert touched(BEFORE, BEFORE, VOCABULARY).nothing


def without(consent: str) -> Registers:
    return replace(BEFORE, consents=BEFORE.consents.filter(pl.col("consent_id") != consent))


def test_a_consent_touches_its_subject() -> None:
    assert told(without("C1")) == nothing(subjects={"S1"})
    empty = BEFORE.consents.with_columns(purposes=pl.lit([], dtype=pl.List(TEXT)))
    only = pl.col("subject_id") == "S3"
    other = pl.concat([BEFORE.consents.filter(~only), empty.filter(only)])
    assert told(replace(BEFORE, consents=other)) == nothing(subjects={"S3"})


@pytest.mark.parametrize("consent", ["C2", "C4"])
def test_a_refusal_and_what_may_lift_it_touch_flows_of_the_whole_base(consent: str) -> None:
    assert told(without(consent)) == nothing(subjects={"S2", "*"})


def test_a_consent_that_changes_hands_touches_both_subjects() -> None:
    other = BEFORE.consents.with_columns(subject_id=pl.col("subject_id").replace("S3", "S4"))
    assert told(replace(BEFORE, consents=other)) == nothing(subjects={"S3", "S4"})


def test_a_party_touches_its_flows_and_the_evidence_that_names_it() -> None:
    other = BEFORE.parties.with_columns(role=pl.col("role").replace("affiliate", "carrier"))
    expected = nothing(parties={"P2"}, subjects={"S2"}, evidence={"E2"})
    assert told(replace(BEFORE, parties=other)) == expected
    added = pl.DataFrame([("P9", "affiliate", None)], PARTIES, orient="row")
    more = replace(BEFORE, parties=pl.concat([BEFORE.parties, added]))
    assert told(more) == nothing(parties={"P9"}, evidence={"E3"})


def test_evidence_touches_its_subject_and_those_who_cite_it() -> None:
    assert told(proven(("E4", "arrears", "S4", None, None))) == nothing(
        subjects={"S4"}, evidence={"E4"}
    )


@pytest.mark.parametrize("kind", ["statute", "arrears", "odd"])
def test_evidence_of_nobody_touches_everything_unless_it_must_be_cited(kind: str) -> None:
    found = told(proven(("E4", kind, None, None, None)))
    assert found == nothing(everything=kind != "statute", evidence={"E4"})


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (Taints(consent_subjects=frozenset({"S2"})), {"subjects": {"S2", "*"}}),
        (Taints(evidence_subjects=frozenset({"S2"})), {"subjects": {"S2"}}),
        (Taints(evidence_ids=frozenset({"E8"})), {"evidence": {"E8"}}),
        (
            Taints(parties=frozenset({"P2"})),
            {"parties": {"P2"}, "subjects": {"S2"}, "evidence": {"E2"}},
        ),
        (Taints(all_consent_subjects=True), {"everything": True}),
        (Taints(all_evidence_subjects=True), {"everything": True}),
    ],
)
def test_a_lost_row_touches_what_it_leaves_in_doubt(
    lost: Taints, expected: Mapping[str, object]
) -> None:
    assert told(replace(BEFORE, taints=lost)) == nothing(**expected)
