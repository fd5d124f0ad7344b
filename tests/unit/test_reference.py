"""The reference interpreter against the semantics, judged by hand, table by table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from tests import reference
from tests.reference import (
    FALSE,
    TRUE,
    UNKNOWN,
    Case,
    FlowVerdict,
    LayerVerdict,
    Outcome,
    Refused,
    Row,
    Truth,
    Unreadable,
    Verdict,
    covers,
    judge,
    read_world,
    zone_of,
)

VOCABULARY: dict[str, Any] = {
    "roles": {"carrier", "affiliate", "authorized_partner", "court", "third_party", "subject"},
    "operations": {"use", "share", "entrust", "contact", "disclose"},
    "channels": {"sms", "phone", "rcs"},
    "countries": {"CN", "HK"},
    "legal_roles": {"processor", "handler", "joint"},
    "purposes": {
        "service": None,
        "service.repair": "service",
        "service.billing": "service",
        "service.content": "service",
        "collection": None,
        "marketing": None,
    },
    "categories": {
        "contact": None,
        "contact.phone": "contact",
        "contact.phone.mobile": "contact.phone",
        "billing": None,
        "comm": None,
        "comm.content": "comm",
    },
    "evidence_kinds": {
        "arrears": {"amount": True},
        "request": {"issued_by_recipient": True},
        "interest": {"independent": True, "subject_optional": True},
        "emergency": {"other_person": True},
        "statute": {"subject_optional": True},
    },
}

NOW = "2024-03-10T12:00:00+08:00"
BEFORE, AFTER = "2024-03-01", "2024-04-01"
FLOW: dict[str, str | None] = {
    "flow_id": "F1",
    "occurred_at": NOW,
    "subject_id": "S1",
    "sender": "TELCO",
    "recipient": "PARTNER",
    "data_categories": "contact.phone",
    "purpose": "service.repair",
    "operation": "share",
}
PARTY: dict[str, str | None] = {"name": "name", "agreement_from": BEFORE}
PARTNER = PARTY | {
    "party_id": "PARTNER",
    "role": "authorized_partner",
    "purposes": "service.repair",
    "data_categories": "contact",
}
PARTIES: list[dict[str, str | None]] = [
    PARTY | {"party_id": "TELCO", "role": "carrier"},
    PARTNER,
    PARTY | {"party_id": "COURT", "role": "court", "country": "CN"},
]
CONSENT: dict[str, str | None] = {
    "consent_id": "C1",
    "subject_id": "S1",
    "document": "form",
    "kind": "separate",
    "purposes": "service",
    "data_categories": "contact",
    "given_at": BEFORE,
}
BASE = CONSENT | {
    "consent_id": "B1",
    "kind": "agreement",
    "purposes": None,
    "data_categories": None,
}
FORBID = CONSENT | {"consent_id": "N1", "effect": "forbid"}
PROOF: dict[str, str | None] = {
    "evidence_id": "E1",
    "kind": "arrears",
    "subject_id": "S1",
    "amount": "10",
    "valid_from": BEFORE,
}

Rows = Sequence[Row]
Change = Mapping[str, str | None]
SILENT: Change = {}


def tables(flow: Change, parties: Rows, consents: Rows, evidence: Rows) -> dict[str, Rows]:
    return {
        "flows": [FLOW | dict(flow)],
        "parties": parties,
        "consents": consents,
        "evidence": evidence,
    }


def case(
    flow: Change = SILENT,
    parties: Rows = PARTIES,
    consents: Rows = (),
    evidence: Rows = (),
    complete: frozenset[str] = frozenset({"consents"}),
) -> Case:
    rows = tables(flow, parties, consents, evidence)
    world = read_world(rows, [], VOCABULARY, complete=complete)
    return Case(world.flows["F1"], world)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# ---------------------------------------------------------------- section 2, time


@pytest.mark.parametrize(
    ("text", "instant_meant"),
    [
        ("2024-03-10T12:00", "2024-03-10T04:00+00:00"),
        ("2024-03-10 12:00:01.5", "2024-03-10T04:00:01.500000+00:00"),
        ("2024-03-10T12:00:00Z", "2024-03-10T12:00+00:00"),
        ("2024-03-10T12:00+09", "2024-03-10T03:00+00:00"),
        ("2024-03-10T12:00-0130", "2024-03-10T13:30+00:00"),
        ("2024-03-10T12:00:00.123456+08:00", "2024-03-10T04:00:00.123456+00:00"),
    ],
)
def test_a_time_has_an_offset_or_is_of_the_zone_of_the_run(text: str, instant_meant: str) -> None:
    assert reference.read_instant(text, zone_of("+08:00")) == instant(instant_meant)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-10",
        "2024-03-10T24:00:00",
        "2024-03-10T12:00:60",
        "2024-02-30T12:00",
        "2024-03-10T12",
        "2024-03-10T12:00:00.1234567",
        "2024-03-10T12:00+08:60",
        "2024-03-10t12:00",
        "10/03/2024 12:00",
        "2024-03-10T12:00\u0663",
    ],
)
def test_what_is_no_instant_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        reference.read_instant(text, zone_of("+08:00"))


def test_a_bare_date_is_the_first_instant_as_a_start_and_the_next_midnight_as_an_end() -> None:
    shanghai = zone_of("Asia/Shanghai")
    assert reference.read_start("2024-02-29", shanghai) == instant("2024-02-29T00:00+08:00")
    assert reference.read_end("2024-02-29", shanghai) == instant("2024-03-01T00:00+08:00")
    assert reference.read_end("9999-12-31", shanghai) == instant("9999-12-31T16:00+00:00")


@pytest.mark.parametrize(
    ("end", "value"),
    [
        ("2024-03-10T12:00:00.000001+08:00", TRUE),
        (NOW, FALSE),
        ("2024-03-10", TRUE),
        ("2024-03-09", FALSE),
    ],
)
def test_an_interval_is_half_open(end: str, value: Truth) -> None:
    assert reference.consented(case(consents=[CONSENT | {"expires_at": end}]), "contact") is value
    assert reference.agreement_in_force(case(consents=[BASE | {"expires_at": end}])) is value
    party = PARTNER | {"agreement_until": end}
    assert reference.recipient_authorised(case(parties=[party])) is value
    proof = PROOF | {"valid_until": end}
    assert reference.evidence(case({"evidence_id": "E1"}, evidence=[proof]), "arrears") is value


@pytest.mark.parametrize(("withdrawn", "value"), [("2024-03-10", FALSE), ("2024-03-11", TRUE)])
def test_a_bare_withdrawal_ends_the_consent_at_the_start_of_the_day(
    withdrawn: str, value: Truth
) -> None:
    row = CONSENT | {"withdrawn_at": withdrawn, "expires_at": AFTER}
    assert reference.consented(case(consents=[row]), "contact") is value


def test_a_start_holds_and_an_end_not_after_the_start_never_does() -> None:
    assert reference.consented(case(consents=[CONSENT | {"given_at": NOW}]), "contact") is TRUE
    never = CONSENT | {"given_at": NOW, "withdrawn_at": NOW}
    assert reference.consented(case(consents=[never]), "contact") is FALSE


# ---------------------------------------------------------------- section 3, the three values


def test_not_swaps_true_and_false_and_keeps_unknown() -> None:
    assert [reference.negate(value) for value in (FALSE, UNKNOWN, TRUE)] == [TRUE, UNKNOWN, FALSE]


@pytest.mark.parametrize(
    ("code", "members", "value"),
    [
        ("contact.phone", ("contact.phone",), TRUE),
        ("contact.phone.mobile", ("contact",), TRUE),
        ("contact", ("contact.phone.mobile",), UNKNOWN),
        ("contact", ("contact.phone.mobile", "billing"), UNKNOWN),
        ("contact", ("contact.phone.mobile", "contact"), TRUE),
        ("billing", ("contact",), FALSE),
        ("billing", ("contact", "shoes"), UNKNOWN),
        ("billing", ("billing", "shoes"), TRUE),
        ("shoes", ("shoes",), UNKNOWN),
        ("billing", None, UNKNOWN),
        ("billing", (), UNKNOWN),
        (None, ("billing",), UNKNOWN),
    ],
)
def test_covers(code: str | None, members: tuple[str, ...] | None, value: Truth) -> None:
    assert covers(VOCABULARY["categories"], code, members) is value


# ---------------------------------------------------------------- section 3, the agreement


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([BASE], TRUE),
        ([BASE | {"withdrawn_at": NOW}], FALSE),
        ([BASE | {"withdrawn_at": NOW}, BASE | {"consent_id": "B2"}], TRUE),
        ([BASE | {"given_at": AFTER}], FALSE),
        ([BASE | {"effect": "forbid"}], UNKNOWN),
        ([BASE | {"recipient": "PARTNER"}], UNKNOWN),
        ([CONSENT], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_agreement_in_force(rows: Rows, value: Truth) -> None:
    assert reference.agreement_in_force(case(consents=rows)) is value


def test_the_whole_base_has_no_one_agreement() -> None:
    everyone = case({"subject_id": "*"}, consents=[BASE])
    assert reference.whole_base(everyone) is TRUE
    assert reference.whole_base(case()) is FALSE
    assert reference.agreement_in_force(everyone) is UNKNOWN
    assert reference.agreement_settling(everyone) is UNKNOWN


@pytest.mark.parametrize(
    ("ends", "moment", "value"),
    [
        ({"withdrawn_at": "2024-01-31T23:59:59+08:00"}, "2024-02-29T23:59:59.999999+08:00", TRUE),
        ({"withdrawn_at": "2024-01-31T23:59:59+08:00"}, "2024-03-01T00:00+08:00", FALSE),
        ({"expires_at": "2024-01-31"}, "2024-02-29T23:59+08:00", TRUE),
        ({"expires_at": "2024-01-31"}, "2024-03-01T00:00+08:00", FALSE),
        ({"expires_at": "2024-02-01T00:00+08:00"}, "2024-03-31T23:59+08:00", TRUE),
        ({"withdrawn_at": "2024-02-01"}, "2024-03-31T23:59+08:00", TRUE),
        ({"withdrawn_at": "2023-12-31T16:00Z"}, "2024-02-29T23:59+08:00", TRUE),
        ({"withdrawn_at": "2023-12-05"}, "2024-01-31T15:59Z", TRUE),
        ({"withdrawn_at": "2023-12-05"}, "2024-01-31T16:00Z", FALSE),
        ({"withdrawn_at": "2024-02-01"}, "2024-01-31T12:00+08:00", FALSE),
        ({}, "2024-02-01T12:00+08:00", FALSE),
    ],
)
def test_an_agreement_settles_until_the_end_of_the_month_after_its_last(
    ends: Change, moment: str, value: Truth
) -> None:
    row = BASE | {"given_at": "2023-01-01"} | dict(ends)
    assert reference.agreement_settling(case({"occurred_at": moment}, consents=[row])) is value


def test_settling_looks_at_the_latest_agreement_that_was_in_force() -> None:
    old = BASE | {"given_at": "2023-01-01", "withdrawn_at": "2023-11-05"}
    newer = BASE | {"consent_id": "B2", "given_at": "2024-01-01", "withdrawn_at": "2024-02-05"}
    never = BASE | {"consent_id": "B3", "given_at": BEFORE, "withdrawn_at": BEFORE}
    assert reference.agreement_settling(case(consents=[old, newer])) is TRUE
    assert reference.agreement_settling(case(consents=[old])) is FALSE
    assert reference.agreement_settling(case(consents=[never])) is FALSE
    assert reference.agreement_settling(case(consents=[newer, BASE])) is FALSE
    assert reference.agreement_settling(case()) is UNKNOWN


# ---------------------------------------------------------------- section 3, the holder


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"purposes": "service"}, TRUE),
        ({"purposes": "service.repair"}, TRUE),
        ({"purposes": "marketing"}, FALSE),
        ({"purposes": "marketing;golf"}, UNKNOWN),
        ({"purposes": None}, UNKNOWN),
        ({"purposes": " ; "}, UNKNOWN),
        ({"party_id": "OTHER"}, UNKNOWN),
    ],
)
def test_within_recipient_scope(change: Change, value: Truth) -> None:
    assert reference.within_recipient_scope(case(parties=[PARTNER | dict(change)])) is value


@pytest.mark.parametrize(
    ("start", "end", "value"),
    [
        (NOW, None, TRUE),
        (BEFORE, AFTER, TRUE),
        (AFTER, None, FALSE),
        (BEFORE, NOW, FALSE),
        (None, NOW, FALSE),
        (None, AFTER, UNKNOWN),
        (None, None, UNKNOWN),
    ],
)
def test_recipient_authorised(start: str | None, end: str | None, value: Truth) -> None:
    party = PARTNER | {"agreement_from": start, "agreement_until": end}
    assert reference.recipient_authorised(case(parties=[party])) is value
    assert reference.recipient_authorised(case(parties=[])) is UNKNOWN


def test_necessary_data() -> None:
    assert reference.necessary_data(case(), "contact.phone") is TRUE
    assert reference.necessary_data(case(), "billing") is FALSE
    assert reference.necessary_data(case(), "shoes") is UNKNOWN
    narrow = [PARTNER | {"data_categories": "contact.phone"}]
    assert reference.necessary_data(case(parties=narrow), "contact") is UNKNOWN
    unlisted = [PARTNER | {"data_categories": None}]
    assert reference.necessary_data(case(parties=unlisted), "contact") is UNKNOWN


@pytest.mark.parametrize(
    ("flow", "held_by"),
    [
        ({}, ("PARTNER",)),
        ({"operation": "contact", "recipient": "CUSTOMER"}, ("TELCO",)),
        ({"operation": "share", "recipient": "CUSTOMER"}, ("CUSTOMER",)),
        ({"operation": "contact", "recipient": "COURT"}, ("COURT",)),
        ({"operation": "contact", "recipient": "NOBODY"}, ("NOBODY", "TELCO")),
        ({"operation": "waft", "recipient": "CUSTOMER"}, ("CUSTOMER", "TELCO")),
        ({"operation": "waft", "recipient": "COURT"}, ("COURT",)),
    ],
)
def test_the_holder_is_the_recipient_or_the_sender_who_calls_the_subject(
    flow: Change, held_by: tuple[str, ...]
) -> None:
    assert reference.holders(case(flow)) == held_by


def test_what_depends_on_an_unknown_holder_is_unknown() -> None:
    flow = {"operation": "contact", "recipient": "NOBODY"}
    for named, value in (("NOBODY", UNKNOWN), ("TELCO", UNKNOWN), (None, TRUE), ("COURT", FALSE)):
        rows = [CONSENT | {"recipient": named}]
        assert reference.consented(case(flow, consents=rows), "contact.phone") is value


@pytest.mark.parametrize(
    ("flow", "value"),
    [
        ({"operation": "use", "recipient": "TELCO"}, TRUE),
        ({"operation": "use"}, FALSE),
        ({"operation": "contact", "recipient": "CUSTOMER"}, TRUE),
        ({"operation": "contact"}, FALSE),
        ({"operation": "contact", "recipient": "NOBODY"}, UNKNOWN),
        ({"operation": "waft", "recipient": "TELCO"}, UNKNOWN),
    ],
)
def test_sender_keeps_data(flow: Change, value: Truth) -> None:
    assert reference.sender_keeps_data(case(flow)) is value


def test_an_unregistered_or_unmapped_or_tainted_party_has_an_unknown_role() -> None:
    unmapped, lost = PARTNER | {"role": "wizard"}, PARTNER | {"agreement_from": "soon"}
    for parties in ([], [unmapped], [lost]):
        assert reference.acts_as(case(parties=parties), "PARTNER", "authorized_partner") is UNKNOWN
    assert reference.acts_as(case(), "CUSTOMER", "subject") is TRUE


# ---------------------------------------------------------------- section 3, consents


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({}, TRUE),
        ({"recipient": "PARTNER"}, TRUE),
        ({"recipient": "COURT"}, FALSE),
        ({"recipient": "authorized_partner"}, TRUE),
        ({"recipient": "court"}, FALSE),
        ({"purposes": "marketing"}, FALSE),
        ({"purposes": None}, FALSE),
        ({"data_categories": None}, FALSE),
        ({"data_categories": "contact.phone.mobile"}, UNKNOWN),
        ({"data_categories": "billing;shoes"}, UNKNOWN),
        ({"given_at": AFTER}, FALSE),
        ({"subject_id": "S2"}, FALSE),
        ({"effect": "allow"}, TRUE),
        ({"effect": "forbid"}, FALSE),
        ({"kind": "agreement"}, TRUE),
        ({"kind": "agreement", "purposes": None, "data_categories": None}, FALSE),
    ],
)
def test_consented(change: Change, value: Truth) -> None:
    row = CONSENT | dict(change)
    assert reference.consented(case(consents=[row]), "contact.phone") is value


def test_consent_to_an_unregistered_party_by_name_or_by_role() -> None:
    for named, value in (("PARTNER", TRUE), (None, TRUE), ("court", UNKNOWN), ("COURT", FALSE)):
        row = CONSENT | {"recipient": named}
        assert reference.consented(case(parties=[], consents=[row]), "contact.phone") is value


def test_consented_is_unknown_where_the_register_is_not_complete() -> None:
    assert reference.consented(case(complete=frozenset()), "contact") is UNKNOWN
    assert reference.consented(case(consents=[CONSENT], complete=frozenset()), "contact") is TRUE


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({}, TRUE),
        ({"purposes": None, "data_categories": None}, TRUE),
        ({"recipient": "PARTNER"}, TRUE),
        ({"recipient": "court"}, FALSE),
        ({"purposes": "marketing"}, FALSE),
        ({"purposes": "golf"}, UNKNOWN),
        ({"withdrawn_at": NOW}, FALSE),
        ({"effect": "allow"}, FALSE),
    ],
)
def test_prohibited_by_customer(change: Change, value: Truth) -> None:
    row = FORBID | dict(change)
    assert reference.prohibited_by_customer(case(consents=[row]), "contact.phone") is value


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"recipient": "PARTNER", "given_at": "2024-03-02"}, FALSE),
        ({"recipient": "PARTNER", "given_at": BEFORE}, TRUE),
        ({"recipient": "authorized_partner", "given_at": "2024-03-02"}, TRUE),
        ({"recipient": None, "given_at": "2024-03-02"}, TRUE),
        ({"recipient": "PARTNER", "given_at": "2024-03-02", "withdrawn_at": NOW}, TRUE),
        ({"recipient": "PARTNER", "given_at": "2024-03-02", "purposes": "marketing"}, TRUE),
        ({"recipient": "PARTNER", "given_at": "2024-03-02", "purposes": "golf"}, UNKNOWN),
    ],
)
def test_a_later_allow_row_that_names_the_party_lifts_a_forbid_row(
    change: Change, value: Truth
) -> None:
    rows = [FORBID, CONSENT | dict(change)]
    assert reference.prohibited_by_customer(case(consents=rows), "contact.phone") is value


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([FORBID], UNKNOWN),
        ([FORBID | {"subject_id": "S9"}], UNKNOWN),
        ([FORBID | {"purposes": "golf"}], UNKNOWN),
        ([FORBID | {"purposes": "marketing"}], FALSE),
        ([FORBID | {"withdrawn_at": NOW}], FALSE),
        ([FORBID, CONSENT | {"recipient": "PARTNER", "given_at": "2024-03-02"}], FALSE),
        ([CONSENT | {"given_at": "soon"}], UNKNOWN),
        ([CONSENT], FALSE),
    ],
)
def test_a_flow_of_the_whole_base_may_touch_anyones_refusal(rows: Rows, value: Truth) -> None:
    everyone = case({"subject_id": "*"}, consents=rows)
    assert reference.prohibited_by_customer(everyone, "contact.phone") is value


# ---------------------------------------------------------------- section 3, evidence


def proven(kind: str, flow: Change, change: Change, *complete: str) -> Truth:
    rows = [PROOF | {"kind": kind} | dict(change)]
    return reference.evidence(case(flow, evidence=rows, complete=frozenset(complete)), kind)


CITED, DANGLING = {"evidence_id": "E1"}, {"evidence_id": "E9"}


@pytest.mark.parametrize(
    ("kind", "flow", "change", "value"),
    [
        ("arrears", SILENT, {}, TRUE),
        ("arrears", SILENT, {"amount": None}, UNKNOWN),
        ("arrears", SILENT, {"amount": "0"}, FALSE),
        ("arrears", SILENT, {"amount": "-1.5"}, FALSE),
        ("arrears", SILENT, {"subject_id": None}, UNKNOWN),
        ("arrears", CITED, {"subject_id": "S2"}, FALSE),
        ("arrears", SILENT, {"subject_id": "S2"}, UNKNOWN),
        ("arrears", CITED, {"kind": "notice"}, UNKNOWN),
        ("arrears", CITED, {"kind": "statute"}, FALSE),
        ("arrears", SILENT, {"kind": "statute"}, UNKNOWN),
        ("arrears", SILENT, {"valid_until": NOW}, FALSE),
        ("arrears", DANGLING, {"valid_until": NOW}, UNKNOWN),
        ("arrears", DANGLING, {}, TRUE),
        ("request", CITED, {"issued_by": "PARTNER"}, TRUE),
        ("request", CITED, {"issued_by": "COURT"}, FALSE),
        ("request", CITED, {"issued_by": None}, UNKNOWN),
        ("interest", CITED, {"issued_by": "COURT"}, TRUE),
        ("interest", CITED, {"issued_by": "TELCO"}, UNKNOWN),
        ("interest", CITED, {"issued_by": "NOBODY"}, UNKNOWN),
        ("interest", CITED, {"issued_by": None}, UNKNOWN),
        ("interest", CITED, {"issued_by": "COURT", "subject_id": None}, TRUE),
        ("interest", SILENT, {"issued_by": "COURT", "subject_id": None}, UNKNOWN),
        ("interest", SILENT, {"issued_by": "COURT"}, TRUE),
        ("emergency", CITED, {"subject_id": "S2"}, UNKNOWN),
        ("emergency", SILENT, {"subject_id": "S2"}, UNKNOWN),
        ("emergency", CITED, {"subject_id": "S2", "valid_until": NOW}, FALSE),
        ("statute", CITED, {"subject_id": None}, TRUE),
        ("statute", DANGLING, {"subject_id": None}, UNKNOWN),
    ],
)
def test_evidence(kind: str, flow: Change, change: Change, value: Truth) -> None:
    assert proven(kind, flow, change) is value


def test_a_complete_register_of_a_kind_makes_its_silence_a_no() -> None:
    elsewhere = {"subject_id": "S2"}
    assert proven("arrears", SILENT, elsewhere, "evidence.arrears") is FALSE
    assert proven("arrears", DANGLING, elsewhere, "evidence.arrears") is FALSE
    assert proven("arrears", SILENT, elsewhere, "evidence.statute") is UNKNOWN
    assert proven("arrears", SILENT, {"amount": None}, "evidence.arrears") is UNKNOWN


def test_evidence_is_inferred_from_the_smallest_id_unless_a_cited_row_proves_it() -> None:
    rows = [PROOF | {"evidence_id": "E3"}, PROOF | {"evidence_id": "E2"}]
    void = PROOF | {"evidence_id": "E1", "amount": "0"}
    for cited, proof in ((None, "E2"), ("E3", None), ("E1", "E2"), ("E9", "E2")):
        found = case({"evidence_id": cited}, evidence=[*rows, void])
        assert reference.inferred_from(found, "arrears") == proof


# ---------------------------------------------------------------- section 1, rejecting and tainting


def outcome(
    flow: Change = SILENT,
    parties: Rows = PARTIES,
    consents: Rows = (),
    evidence: Rows = (),
) -> Outcome:
    return judge(tables(flow, parties, consents, evidence), [PACK], VOCABULARY)


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("flows", FLOW | {"purpose": "  "}, "missing"),
        ("flows", FLOW | {"data_categories": " ; "}, "missing"),
        ("flows", FLOW | {"occurred_at": "2024-03-10"}, "unreadable"),
        ("flows", FLOW | {"records": "-1"}, "unreadable"),
        ("flows", FLOW | {"flow_id": ""}, "missing"),
        ("parties", PARTNER | {"role": None}, "missing"),
        ("parties", PARTNER | {"legal_role": "Handler"}, "unreadable"),
        ("parties", PARTNER | {"agreement_until": "never"}, "unreadable"),
        ("parties", PARTNER | {"party_id": "carrier"}, "reserved"),
        ("parties", PARTNER | {"party_id": "CUSTOMER"}, "reserved"),
        ("consents", CONSENT | {"document": None}, "missing"),
        ("consents", CONSENT | {"kind": "oral"}, "unreadable"),
        ("consents", CONSENT | {"effect": "no"}, "unreadable"),
        ("consents", CONSENT | {"subject_id": "*"}, "reserved"),
        ("evidence", PROOF | {"valid_from": None}, "missing"),
        ("evidence", PROOF | {"amount": "NaN"}, "unreadable"),
        ("evidence", PROOF | {"amount": "1e3"}, "unreadable"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected(table: str, row: Row, code: str) -> None:
    own_id = row[reference.COLUMNS[table].split()[0]]
    assert judge({table: [row]}, [PACK], VOCABULARY).rejected == [(table, 0, own_id, code)]


def test_repeated_ids_are_rejected_but_identical_register_rows_count_once() -> None:
    twice = {
        "flows": [FLOW, FLOW],
        "consents": [CONSENT, CONSENT | {"document": " form "}],
        "evidence": [PROOF, PROOF | {"amount": "11"}],
    }
    found = judge(twice, [PACK], VOCABULARY)
    assert found.rejected == [
        ("flows", 0, "F1", "repeated"),
        ("flows", 1, "F1", "repeated"),
        ("evidence", 0, "E1", "repeated"),
        ("evidence", 1, "E1", "repeated"),
    ]
    assert found.taints.evidence_ids == {"E1"}
    assert not found.taints.consent_subjects


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("parties", PARTNER | {"party_id": None}),
        ("consents", CONSENT | {"consent_id": " "}),
        ("evidence", PROOF | {"evidence_id": ""}),
    ],
)
def test_a_register_row_without_an_id_refuses_the_input(table: str, row: Row) -> None:
    with pytest.raises(Refused):
        judge({table: [row]}, [PACK], VOCABULARY)


def test_a_lost_consents_row_turns_no_into_unknown_for_its_subject() -> None:
    ended, lost = BASE | {"withdrawn_at": NOW}, CONSENT | {"given_at": "soon"}
    doubtful = case(consents=[ended, lost])
    assert reference.agreement_in_force(doubtful) is UNKNOWN
    assert reference.consented(doubtful, "contact") is UNKNOWN
    assert reference.prohibited_by_customer(doubtful, "contact") is UNKNOWN
    long_over = BASE | {"given_at": "2022-01-01", "withdrawn_at": "2023-01-01"}
    assert reference.agreement_settling(case(consents=[long_over, lost])) is UNKNOWN
    assert reference.agreement_settling(case(consents=[BASE, lost])) is FALSE
    other = lost | {"subject_id": "S2"}
    assert reference.consented(case(consents=[ended, other]), "contact") is FALSE
    anyone = lost | {"subject_id": None}
    assert reference.consented(case(consents=[ended, anyone]), "contact") is UNKNOWN
    sure = CONSENT | {"consent_id": "C2"}
    assert reference.consented(case(consents=[sure, lost]), "contact") is TRUE


def test_a_lost_row_of_evidence_turns_no_into_unknown_where_it_might_have_counted() -> None:
    void, lost = PROOF | {"amount": "0"}, PROOF | {"evidence_id": "E2", "amount": "much"}
    for change, value in (
        ({}, UNKNOWN),
        ({"subject_id": "S2"}, FALSE),
        ({"subject_id": None}, UNKNOWN),
        ({"subject_id": None, "kind": "statute"}, FALSE),
        ({"subject_id": None, "kind": "notice"}, UNKNOWN),
    ):
        rows = [void, lost | change]
        assert reference.evidence(case(CITED, evidence=rows), "arrears") is value
    strange, complete = lost | {"subject_id": "S2"}, frozenset({"evidence.arrears"})
    citing = case({"evidence_id": "E2"}, evidence=[void, strange], complete=complete)
    assert reference.evidence(citing, "arrears") is UNKNOWN


# ---------------------------------------------------------------- section 4, conditions and clauses


def clause(own_id: str, effect: str, when: dict[str, Any], *exception_to: str) -> dict[str, Any]:
    return {"id": own_id, "effect": effect, "when": when, "exception_to": list(exception_to)}


def pack(*clauses: dict[str, Any], layer: str = "contract") -> dict[str, Any]:
    return {"pack": {"layer": layer}, "clause": list(clauses)}


PROVIDING = ["share", "entrust", "disclose", "contact"]
PARTNER_CLAUSE: dict[str, Any] = {
    "sender_role": ["carrier"],
    "recipient_role": ["authorized_partner"],
    "purpose": ["service"],
    "purpose_not": ["service.content"],
    "within_recipient_scope": True,
    "recipient_authorised": True,
    "necessary_data": True,
    "agreement_in_force": True,
}
PACK = pack(
    clause("7b", "permit", PARTNER_CLAUSE, "7c"),
    clause("7c", "forbid", {"recipient_role_not": ["carrier", "subject"], "operation": PROVIDING}),
    clause("consent", "permit", {"consented": True}, "7c") | {"supplement": {"cite": "6"}},
    clause("9.0", "forbid", {"recipient_role_not": ["carrier"], "data": ["comm.content"]}),
    clause("9.1", "except", {"purpose": ["collection"], "evidence": "arrears"}, "7c"),
    clause("9.3", "except", {"recipient_role": ["court"], "evidence": "request"}, "7c", "9.0", "6"),
    clause("9.6", "except", {"claimed": True, "evidence": "statute"}, "7c", "9.0", "6"),
    clause("6", "forbid", {"prohibited_by_customer": True}),
)


@pytest.mark.parametrize(
    ("word", "asked", "flow", "value"),
    [
        ("sender_role", ["carrier"], {}, TRUE),
        ("sender_role", ["court"], {}, FALSE),
        ("sender_role_not", ["court"], {}, TRUE),
        ("recipient_role", ["court"], {"recipient": "NOBODY"}, UNKNOWN),
        ("recipient_role_not", ["court"], {"recipient": "NOBODY"}, UNKNOWN),
        ("operation", ["share", "use"], {}, TRUE),
        ("operation", ["use"], {"operation": "waft"}, UNKNOWN),
        ("operation_not", ["use"], {}, TRUE),
        ("purpose", ["service"], {}, TRUE),
        ("purpose", ["service.repair"], {"purpose": "service"}, UNKNOWN),
        ("purpose_not", ["service.content"], {"purpose": "service"}, UNKNOWN),
        ("purpose_not", ["service.content"], {}, TRUE),
        ("data", ["contact"], {}, TRUE),
        ("data_not", ["contact"], {}, FALSE),
        ("channel", ["sms"], {"channel": "sms"}, TRUE),
        ("channel", ["sms"], {"channel": "rcs"}, FALSE),
        ("channel", ["sms"], {"channel": "pigeon"}, UNKNOWN),
        ("channel", ["sms"], {}, UNKNOWN),
        ("channel_such_as", ["sms"], {"channel": "sms"}, TRUE),
        ("channel_such_as", ["sms"], {"channel": "rcs"}, UNKNOWN),
        ("channel_such_as", ["sms"], {}, UNKNOWN),
        ("recipient_country", ["CN"], {"recipient": "COURT"}, TRUE),
        ("recipient_country", ["HK"], {"recipient": "COURT"}, FALSE),
        ("recipient_country_not", ["HK"], {"recipient": "COURT"}, TRUE),
        ("recipient_country", ["CN"], {}, UNKNOWN),
        ("claimed", True, {"basis": "this"}, TRUE),
        ("claimed", True, {"basis": "consent"}, FALSE),
        ("claimed", True, {"basis": "3-14"}, FALSE),
        ("claimed", True, {}, FALSE),
        ("whole_base", True, {"subject_id": "*"}, TRUE),
        ("evidence", ["statute", "arrears"], {"evidence_id": "E1"}, TRUE),
        ("evidence", ["statute", "emergency"], {"evidence_id": "E1"}, FALSE),
    ],
)
def test_a_condition(word: str, asked: object, flow: Change, value: Truth) -> None:
    document = pack(clause("this", "permit", {word: asked}))
    world = read_world(tables(flow, PARTIES, (), [PROOF]), [document], VOCABULARY)
    asking = reference.Clause("this", "permit", {word: asked})
    found = reference.condition(Case(world.flows["F1"], world), "contact.phone", asking, word)
    assert found is value


def judged(found: Outcome, layer: str = "contract") -> LayerVerdict:
    return found.verdicts["F1"].layers[layer]


def test_a_partner_clause_met_in_full_permits_what_is_otherwise_forbidden() -> None:
    said = judged(outcome(consents=[BASE]))
    assert (said.verdict, said.decided_by, said.possible) == (Verdict.PERMITTED, ("7b",), ())
    assert (said.failing, said.nearest) == ((), ())


def test_a_violation_names_the_forbids_the_categories_and_the_nearest_miss() -> None:
    said = judged(outcome({"data_categories": "billing;contact;billing"}, consents=[BASE]))
    assert (said.verdict, said.decided_by) == (Verdict.VIOLATION, ("7c", "no-ground"))
    assert (said.failing, said.nearest) == (("billing",), ("7b",))
    assert said.categories["billing"].nearest_false == ("necessary_data",)
    assert said.categories["contact"].verdict is Verdict.PERMITTED
    assert said.categories["contact"].decided_by == ("7b",)


def test_an_indeterminate_flow_says_what_it_waits_for_and_what_it_may_become() -> None:
    said = judged(outcome({"basis": "7b"}))
    assert (said.verdict, said.decided_by) == (Verdict.INDETERMINATE, ())
    assert said.possible == ("7b", "7c", "no-ground")
    assert (said.failing, said.nearest) == (("contact.phone",), ())
    category = said.categories["contact.phone"]
    assert category.unknown == ("agreement_in_force",)
    assert category.may_become == {Verdict.VIOLATION, Verdict.PERMITTED}


def test_an_exception_excuses_and_says_that_its_evidence_was_inferred() -> None:
    found = outcome({"purpose": "collection", "recipient": "COURT"}, evidence=[PROOF])
    said = judged(found)
    assert (said.verdict, said.decided_by) == (Verdict.EXCEPTED, ("9.1",))
    assert said.possible == ("9.3",)  # whether the court asked is unknown, and changes nothing
    assert found.verdicts["F1"].inferred == "E1"
    cited = outcome({"purpose": "collection", "evidence_id": "E1"}, evidence=[PROOF])
    assert cited.verdicts["F1"].inferred is None


def test_a_forbid_stands_against_a_permit_that_is_no_exception_to_it() -> None:
    said = judged(outcome(consents=[BASE, FORBID]))
    assert (said.verdict, said.decided_by) == (Verdict.VIOLATION, ("6",))
    assert said.nearest == ("7b",)
    assert said.categories["contact.phone"].nearest_false == ()


@pytest.mark.parametrize(
    ("row", "flow", "name"),
    [
        ({}, {"recipient": "COURT"}, "consent"),
        ({"kind": "written"}, {"recipient": "COURT"}, "consent"),
        ({"kind": "agreement"}, {"recipient": "COURT"}, "consent (supplement)"),
        ({}, {"recipient": "TELCO"}, "consent (supplement)"),
        ({}, {"recipient": "CUSTOMER"}, "consent (supplement)"),
        ({}, {"recipient": "CUSTOMER", "operation": "contact"}, "consent (supplement)"),
        ({}, {"recipient": "CUSTOMER", "operation": "contact", "sender": "COURT"}, "consent"),
    ],
)
def test_consent_is_named_after_the_rows_that_carry_it(
    row: Change, flow: Change, name: str
) -> None:
    found = outcome(flow, consents=[CONSENT | dict(row), CONSENT | {"consent_id": "C0"}, BASE])
    assert judged(found).decided_by == (name,)
    assert found.verdicts["F1"].consents == ("C0", "C1")


def test_consents_are_named_only_where_consent_decides() -> None:
    found = outcome(consents=[CONSENT, FORBID])
    assert judged(found).decided_by == ("6",)
    assert found.verdicts["F1"].consents == ()


# ---------------------------------------------------------------- section 4, attack and verdict


@pytest.mark.parametrize(
    ("forbid", "permit", "excuse", "verdict"),
    [
        *((TRUE, *rest, Verdict.VIOLATION) for rest in product(Truth, repeat=2)),
        *((UNKNOWN, *rest, Verdict.INDETERMINATE) for rest in product(Truth, repeat=2)),
        *((FALSE, TRUE, excuse, Verdict.PERMITTED) for excuse in Truth),
        (FALSE, UNKNOWN, TRUE, Verdict.EXCEPTED),
        (FALSE, FALSE, TRUE, Verdict.EXCEPTED),
    ],
)
def test_the_table_of_verdicts(
    forbid: Truth, permit: Truth, excuse: Truth, verdict: Verdict
) -> None:
    assert reference.verdict_of(forbid, permit, excuse) is verdict


IS = {
    TRUE: {"operation": ["share"]},
    UNKNOWN: {"channel_such_as": ["sms"]},
    FALSE: {"operation": ["use"]},
}


@pytest.mark.parametrize(
    ("values", "verdict", "decided", "possible"),
    [
        # d (forbid) <- c (permit) <- b (forbid) <- a (except); z permits always
        ((FALSE, FALSE, FALSE, TRUE), Verdict.VIOLATION, ("d",), ()),
        ((FALSE, FALSE, TRUE, TRUE), Verdict.PERMITTED, ("c", "z"), ()),
        ((FALSE, TRUE, TRUE, TRUE), Verdict.VIOLATION, ("b", "d"), ()),
        ((TRUE, TRUE, TRUE, TRUE), Verdict.PERMITTED, ("c", "z"), ()),
        ((UNKNOWN, TRUE, TRUE, TRUE), Verdict.INDETERMINATE, (), ("a", "b", "c", "d")),
        ((FALSE, UNKNOWN, TRUE, TRUE), Verdict.INDETERMINATE, (), ("b", "c", "d")),
        ((FALSE, UNKNOWN, FALSE, TRUE), Verdict.VIOLATION, ("d",), ("b",)),
        ((FALSE, FALSE, UNKNOWN, TRUE), Verdict.INDETERMINATE, (), ("c", "d")),
        ((FALSE, FALSE, UNKNOWN, FALSE), Verdict.PERMITTED, ("z",), ("c",)),
    ],
)
def test_attacks_run_down_the_chain(
    values: tuple[Truth, ...],
    verdict: Verdict,
    decided: tuple[str, ...],
    possible: tuple[str, ...],
) -> None:
    a, b, c, d = (IS[value] for value in values)
    clauses = [
        clause("d", "forbid", d),
        clause("c", "permit", c, "d"),
        clause("b", "forbid", b, "c"),
        clause("a", "except", a, "b"),
        clause("z", "permit", IS[TRUE]),
    ]
    for order in (clauses, clauses[::-1]):
        said = judged(judge(tables({}, PARTIES, (), ()), [pack(*order)], VOCABULARY))
        assert (said.verdict, said.decided_by, said.possible) == (verdict, decided, possible)


@pytest.mark.parametrize(
    ("permit", "excuse", "ends"),
    [
        (FALSE, FALSE, {"violation"}),
        (UNKNOWN, FALSE, {"violation", "permitted"}),
        (FALSE, UNKNOWN, {"violation", "excepted"}),
        (FALSE, TRUE, {"violation", "excepted"}),
        (TRUE, UNKNOWN, {"violation", "permitted"}),
        (UNKNOWN, UNKNOWN, {"violation", "permitted", "excepted"}),
    ],
)
def test_what_an_indeterminate_category_may_become(
    permit: Truth, excuse: Truth, ends: set[str]
) -> None:
    strength = {"forbid": UNKNOWN, "permit": permit, "except": excuse}
    unit = reference.Unit("contact", {}, {}, strength, Verdict.INDETERMINATE)
    assert reference.may_become(unit) == ends


@pytest.mark.parametrize(
    ("clauses", "basis", "nearest"),
    [
        ({"b": [FALSE], "a": [FALSE, FALSE]}, None, "b"),
        ({"b": [FALSE, TRUE], "a": [FALSE, UNKNOWN]}, None, "b"),
        ({"b": [FALSE, TRUE], "a": [FALSE, TRUE]}, None, "a"),
        ({"b": [FALSE], "a": [FALSE, FALSE]}, "a", "a"),
        ({"b": [FALSE], "a": [FALSE, FALSE]}, "f", "b"),
        ({"b": [FALSE], "a": [FALSE, FALSE]}, "elsewhere", "b"),
    ],
)
def test_nearest_miss(clauses: dict[str, list[Truth]], basis: str | None, nearest: str) -> None:
    words = ("operation", "channel_such_as", "data", "sender_role")
    meant: dict[tuple[int, Truth], tuple[str, Any]] = {
        (0, FALSE): ("operation", ["use"]),
        (1, FALSE): ("data", ["billing"]),
        (1, TRUE): ("data", ["contact"]),
        (1, UNKNOWN): ("channel_such_as", ["sms"]),
    }
    entries = [
        clause(own_id, "permit", dict(meant[place] for place in enumerate(values)))
        for own_id, values in clauses.items()
    ]
    document = pack(*entries, clause("f", "forbid", {"operation": ["share"]}))
    said = judged(judge(tables({"basis": basis}, PARTIES, (), ()), [document], VOCABULARY))
    assert said.nearest == (nearest,)
    assert set(said.categories["contact.phone"].nearest_false) <= set(words)


def test_a_draft_clause_judges_nothing() -> None:
    draft = clause("all", "permit", {"operation": ["share"]}) | {"draft": True}
    said = judged(judge(tables({}, PARTIES, (), ()), [pack(draft)], VOCABULARY))
    assert (said.verdict, said.decided_by, said.nearest) == (
        Verdict.VIOLATION,
        ("no-ground",),
        (None,),
    )


def both_layers(statute: dict[str, Any]) -> FlowVerdict:
    documents = [PACK, pack(statute, layer="statute")]
    return judge(tables({}, PARTIES, [BASE], ()), documents, VOCABULARY).verdicts["F1"]


def test_layers_stay_apart_and_the_overall_state_is_the_worse() -> None:
    strict = both_layers(clause("s", "permit", {"operation": ["use"]}))
    assert strict.layers["contract"].verdict is Verdict.PERMITTED
    assert (strict.overall, strict.conflict) == (Verdict.VIOLATION, True)
    unsure = both_layers(clause("s", "permit", {"channel_such_as": ["sms"]}))
    assert (unsure.overall, unsure.conflict) == (Verdict.INDETERMINATE, False)
    lenient = both_layers(clause("s", "except", {"operation": ["share"]}))
    assert (lenient.overall, lenient.conflict) == (Verdict.EXCEPTED, False)
