"""Evidence of a kind: what proves it, what leaves it open, and when there is none for certain."""

from typing import Any

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import CARRIER, PARTNER, PROOF, World, clause, flow_frame, pack_saying

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"
DEBT = {**PROOF, "amount": 35.0}
CITED = {"evidence_id": "E1"}


def asked(kind: str, *rows: dict[str, Any], **cells: Any) -> Truth:  # noqa: ANN401
    """Evidence of the kind for a flow, where the register has these rows."""
    (truth,) = World(evidence=rows).ask("evidence", kind, **{"occurred_at": MOMENT, **cells})
    return truth


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({}, TRUE),
        ({"amount": None}, UNKNOWN),
        ({"amount": 0.0}, FALSE),
        ({"amount": -3.0}, FALSE),
        ({"valid_from": MOMENT}, TRUE),
        ({"valid_from": "2025-06-15T12:01"}, FALSE),
        ({"valid_until": MOMENT}, FALSE),  # paid at that very instant
        ({"valid_until": "2025-06-15T12:01"}, TRUE),
        ({"kind": "my kind"}, UNKNOWN),
        ({"kind": "notice"}, FALSE),
        ({"subject_id": None}, UNKNOWN),
        ({"subject_id": "S2"}, FALSE),
    ],
)
@pytest.mark.parametrize("flow", [CITED, {}])
def test_arrears_must_be_owed_by_this_subject_at_that_instant(
    cells: dict[str, Any], truth: Truth, flow: dict[str, Any]
) -> None:
    own = {**DEBT, "evidence_id": "E0", "amount": 0.0}  # so that rows of the kind exist
    assert asked("arrears", {**DEBT, **cells}, own, **flow) == truth


@pytest.mark.parametrize(
    ("issuer", "truth"), [("PTR", TRUE), ("CAR", FALSE), ("NOBODY", FALSE), (None, UNKNOWN)]
)
def test_a_legal_request_comes_from_the_recipient(issuer: str | None, truth: Truth) -> None:
    row = {**PROOF, "kind": "legal_request", "issued_by": issuer}
    assert asked("legal_request", row, **CITED) == truth


@pytest.mark.parametrize(
    ("issuer", "truth"), [("PTR", TRUE), ("CAR", UNKNOWN), ("NOBODY", UNKNOWN), (None, UNKNOWN)]
)
def test_public_interest_is_not_attested_by_the_carrier_itself(
    issuer: str | None, truth: Truth
) -> None:
    row = {**PROOF, "kind": "public_interest", "issued_by": issuer}
    assert asked("public_interest", row, **CITED) == truth


def test_an_issuer_in_two_minds_attests_nothing() -> None:
    parties = [CARRIER, {**PARTNER, "role": "metering"}]
    row = {**PROOF, "kind": "public_interest", "issued_by": "PTR"}
    assert World(parties=parties, evidence=[row]).ask("evidence", "public_interest") == [UNKNOWN]


def test_a_statute_names_nobody_and_counts_for_who_cites_it() -> None:
    row = {**PROOF, "kind": "statute", "subject_id": None}
    assert asked("statute", row, **CITED) == TRUE
    assert asked("statute", row) == UNKNOWN  # no row of this subject, none cited
    own = {**row, "evidence_id": "E2", "subject_id": "S1", "valid_from": "2030-01-01"}
    assert asked("statute", row, own) == FALSE  # the subject has one, and it does not hold


@pytest.mark.parametrize(
    ("reference", "truth"),
    [("PTR", TRUE), ("CAR", FALSE), ("CUSTOMER", FALSE), ("No. 7", UNKNOWN), (None, UNKNOWN)],
)
def test_a_kind_that_names_the_recipient_is_for_that_party(
    reference: str | None, truth: Truth
) -> None:
    row = {**PROOF, "kind": "mechanism", "reference": reference}
    kinds = [{"code": "mechanism", "names_recipient": True}, {"code": "plain"}]
    asks = (
        clause("a", "permit", {"evidence": "mechanism"}),
        clause("b", "permit", {"evidence": "plain"}),
    )
    pack = pack_saying(*asks, evidence_kind=kinds)
    compiled = World(evidence=[row]).compiled(pack)
    proofs = compiled.facts(flow_frame(CITED)).proofs
    assert proofs["mechanism"].truth.tolist() == [truth]
    plain = World(evidence=[{**row, "kind": "plain"}]).compiled(pack)
    assert plain.facts(flow_frame(CITED)).proofs["plain"].truth.tolist() == [TRUE]
    unregistered = World(parties=[CARRIER], evidence=[row]).compiled(pack)
    told = unregistered.facts(flow_frame(CITED)).proofs["mechanism"].truth.tolist()
    assert told == [UNKNOWN if reference == "PTR" else truth]


def test_an_emergency_may_be_of_another_person_where_it_is_cited() -> None:
    row = {**PROOF, "kind": "emergency", "subject_id": "S2"}
    assert asked("emergency", row, **CITED) == UNKNOWN
    assert asked("emergency", row) == UNKNOWN  # nothing is known of this subject
    assert asked("emergency", {**row, "subject_id": "S1"}, **CITED) == TRUE


def test_none_is_false_only_where_the_register_can_tell() -> None:
    other = {**DEBT, "evidence_id": "E2", "kind": "notice"}
    past = {**DEBT, "evidence_id": "E3", "valid_until": "2025-02-01"}
    assert asked("arrears") == UNKNOWN
    assert asked("arrears", other) == UNKNOWN
    assert asked("arrears", past) == FALSE  # rows of the kind exist for this subject
    assert asked("arrears", other, evidence_id="E2") == FALSE  # a row is cited, of whatever kind
    assert asked("arrears", past, evidence_id="E404") == UNKNOWN  # the cited row does not exist
    assert asked("arrears", past, subject_id="S2") == UNKNOWN


def test_none_is_false_where_the_register_is_declared_complete() -> None:
    world = World(complete=frozenset({"consents", "evidence.arrears"}))
    assert world.ask("evidence", "arrears") == [FALSE]
    assert world.ask("evidence", "arrears", evidence_id="E404") == [FALSE]
    assert world.ask("evidence", "statute") == [UNKNOWN]


def test_of_several_kinds_one_is_enough() -> None:
    world = World(evidence=[DEBT])
    assert world.ask("evidence", "statute", "arrears") == [TRUE]
    assert world.ask("evidence", "statute", "notice") == [UNKNOWN]


def test_of_several_rows_the_best_counts() -> None:
    past = {**DEBT, "evidence_id": "E0", "valid_until": "2025-02-01"}
    assert asked("arrears", past, DEBT) == TRUE
    assert asked("arrears", past, {**DEBT, "amount": None}) == UNKNOWN


@pytest.mark.parametrize(
    ("taints", "cells", "truth"),
    [
        (Taints(evidence_subjects=frozenset({"S1"})), {}, UNKNOWN),
        (Taints(evidence_subjects=frozenset({"S2"})), {}, FALSE),
        (Taints(evidence_ids=frozenset({"E3"})), CITED, FALSE),
        (Taints(evidence_ids=frozenset({"E1"})), CITED, UNKNOWN),
        (Taints(all_evidence_subjects=True), {}, UNKNOWN),
        (Taints(consent_subjects=frozenset({"S1"})), {}, FALSE),
    ],
)
def test_where_a_row_was_lost_false_is_unknown(
    taints: Taints, cells: dict[str, str], truth: Truth
) -> None:
    complete = frozenset({"consents", "evidence.arrears"})
    past = {**DEBT, "evidence_id": "E9", "valid_until": "2025-02-01"}
    world = World(evidence=[past], taints=taints, complete=complete)
    assert world.ask("evidence", "arrears", **cells) == [truth]


RECOVERY = pack_saying(clause("debt", "permit", {"evidence": ["arrears", "notice"]}))


@pytest.mark.parametrize(
    ("rows", "cites", "inferred"),
    [
        (["E1"], "E1", None),
        (["E1"], None, "E1"),
        (["E3", "E2", "E1"], None, "E1"),  # the smallest id
        (["E3", "E2"], "E3", None),  # the cited one proves it
        (["E3", "E2"], "E404", "E2"),
        ([], None, None),
    ],
)
def test_proof_that_is_not_cited_is_inferred(
    rows: list[str], cites: str | None, inferred: str | None
) -> None:
    world = World(evidence=[{**DEBT, "evidence_id": own_id} for own_id in rows])
    told = world.judged([RECOVERY], {"evidence_id": cites})
    assert told.verdicts["inferred"].to_list() == [inferred]


def test_a_cited_row_of_another_kind_does_not_hide_what_is_inferred() -> None:
    notice = {**PROOF, "evidence_id": "E7", "kind": "notice"}
    told = World(evidence=[notice, DEBT]).judged([RECOVERY], {"evidence_id": "E7"})
    assert told.verdicts["inferred"].to_list() == ["E1"]
