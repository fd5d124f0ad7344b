"""Findings: one per cause, counted exactly, told in words, named the same in every run."""

import random
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.findings.finding import FINDINGS
from tests.judged import (
    DAWN,
    NO_GROUND,
    PERMITTED,
    Flow,
    Unit,
    carrier,
    found,
    judgement,
    parties,
    partner,
)

BOTH = ("3-2-7c", "no-ground")
LATE = Unit(Verdict.VIOLATION, BOTH, nearest="3-2-7b", lacking=("recipient_authorised",))
EXCESS = Unit(Verdict.VIOLATION, BOTH, nearest="3-2-7b", lacking=("necessary_data",))
ARREARS = Unit(Verdict.VIOLATION, ("3-2-7c",), nearest="3-2-9.1", lacking=("evidence arrears",))
REFUSED = Unit(Verdict.VIOLATION, ("6-1",), nearest="3-2-7b")
NOBODY = Unit(
    Verdict.INDETERMINATE,
    possible=("3-2-7b", "3-2-7c", "no-ground"),
    unknown=("recipient_authorised", "recipient_role", "recipient_role_not"),
)
UNTIL = DAWN + timedelta(days=181, hours=-8)  # 2025-07-01 00:00 in Shanghai
REGISTER = parties(
    carrier(), partner("PTR-1", "service", agreement_until=UNTIL), partner("BUR-1", "credit")
)


def judged(*flows: Flow, register: pl.DataFrame = REGISTER) -> list[dict[str, Any]]:
    """The findings on verdicts, without those of the graph's own checks."""
    return found(judgement(*flows), register).drop_nulls("layer").to_dicts()


def test_one_cause_is_one_finding_however_many_flows() -> None:
    late = {"contact.phone": LATE, "identity.name": LATE}
    (finding,) = judged(
        *(Flow(f"F{n}", units=late, subject=n % 3, day=200 + n, records=2) for n in range(7))
    )
    counts = ("flows", "subjects", "records", "examples", "categories")
    assert [finding[name] for name in counts] == [
        7,
        3,
        14,
        ["F0", "F1", "F2"],
        ["contact.phone", "identity.name"],
    ]
    assert finding["first_seen"] == DAWN + timedelta(days=200)
    assert finding["last_seen"] == DAWN + timedelta(days=206)


def test_the_whole_customer_base_is_no_single_person_and_of_the_largest_volume() -> None:
    one, everybody = (
        judged(Flow("F1", units={"health": NO_GROUND}, subject=subject))[0] for subject in (1, None)
    )
    assert (one["subjects"], one["whole_base"], one["severity"]) == (1, False, "high")
    assert (everybody["subjects"], everybody["whole_base"]) == (0, True)
    assert everybody["severity"] == "critical"


def test_of_findings_as_grave_that_of_the_whole_customer_base_comes_first() -> None:
    first, second = judged(
        Flow("F1", units={"comm.content": NO_GROUND}, records=9, purpose="research"),
        Flow("F2", units={"comm.content": NO_GROUND}, subject=None, recipient="BUR-1"),
    )
    assert (first["examples"], second["examples"]) == (["F2"], ["F1"])


def test_an_ended_agreement_is_told_with_the_day_in_the_zone_of_the_run() -> None:
    (finding,) = judged(Flow("F1", units={"contact.phone": LATE}, day=200))
    assert "no agreement row for Partner PTR-1 (PTR-1) after 2025-07-01" in finding["cause_en"]
    assert "2025-07-01 起没有与 Partner PTR-1（PTR-1） 的协议记录" in finding["cause_zh"]
    assert "agreement_until" in finding["remedy_en"]
    assert "agreement_until" in finding["remedy_zh"]
    assert (finding["cause"], finding["remedy"]) == (finding["cause_en"], finding["remedy_en"])


def test_an_agreement_not_yet_begun_is_told_apart() -> None:
    register = parties(carrier(), partner("PTR-1", agreement_from=UNTIL))
    (before,) = judged(Flow("F1", units={"contact.phone": LATE}), register=register)
    assert "before 2025-07-01" in before["cause_en"]
    (across,) = judged(
        Flow("F1", units={"contact.phone": LATE}),
        Flow("F2", units={"contact.phone": LATE}, day=200),
        register=register,
    )
    assert "(2025-07-01 to ?)" in across["cause_en"]


def test_excess_categories_are_named() -> None:
    (finding,) = judged(Flow("F1", units={"contact.phone": PERMITTED, "identity.name": EXCESS}))
    assert finding["categories"] == ["identity.name"]
    assert "“Name” is more than the contract" in finding["cause_en"]
    assert "「姓名」超出" in finding["cause_zh"]


def test_missing_evidence_is_named() -> None:
    (finding,) = judged(Flow("F1", recipient="BUR-1", units={"billing.arrears": ARREARS}))
    assert "no “Record of arrears” was held" in finding["cause_en"]
    assert "Article 3(2)9(1) [3-2-9.1]" in finding["cause_en"]
    assert "第三条(二)9(1)〔3-2-9.1〕" in finding["cause_zh"]
    assert "欠费凭证" in finding["remedy_zh"]


def test_no_clause_and_no_consent_is_told_by_purpose_and_operation() -> None:
    first, second = judged(
        Flow("F1", units={"contact.phone": NO_GROUND}, purpose="marketing.own"),
        Flow("F2", units={"contact.phone": NO_GROUND}, purpose="research"),
    )
    assert {first["purpose"], second["purpose"]} == {"marketing.own", "research"}
    told = {first["cause_en"], second["cause_en"]}
    assert any("no clause allows" in cause and "“Own-service marketing”" in cause for cause in told)


def test_a_purpose_that_is_not_the_cause_does_not_split_a_finding() -> None:
    (finding,) = judged(
        Flow("F1", units={"contact.phone": LATE}, day=200, purpose="service.repair"),
        Flow("F2", units={"contact.phone": LATE}, day=200, purpose="service.install"),
    )
    assert finding["purpose"] == "service.install;service.repair"


def test_what_a_clause_forbids_is_told_with_its_gist() -> None:
    (finding,) = judged(Flow("F1", units={"contact.phone": REFUSED}))
    assert (finding["clause"], finding["cause_code"]) == ("6-1", "forbidden")
    assert "Article 6(1) [6-1] forbids it: " in finding["cause_en"]


def test_what_a_customer_refused_is_told_even_where_consent_is_wanting_too() -> None:
    decided = ("3-2-7c", "6-1", "no-ground")
    unit = Unit(Verdict.VIOLATION, decided, nearest="consent", lacking=("consented",))
    (finding,) = judged(Flow("F1", units={"contact.phone": unit}))
    assert (finding["clause"], finding["cause_code"]) == ("6-1", "consented+forbidden")
    assert "the customer has not consented; Article 6(1) [6-1] forbids it" in finding["cause_en"]


def test_consent_is_no_remedy_where_a_clause_forbids_beyond_it() -> None:
    decided = ("3-2-7c", "3-2-9.0", "no-ground")
    unit = Unit(Verdict.VIOLATION, decided, nearest="consent", lacking=("consented",))
    (finding,) = judged(Flow("F1", units={"comm.content": unit}))
    assert "obtain consent" not in finding["remedy_en"]
    assert "not even consent" in finding["remedy_en"]
    assert "即使客户同意也不能放行" in finding["remedy_zh"]


def test_a_refusal_that_consent_can_lift_does_not_bar_it() -> None:
    decided = ("6-1", "no-ground")
    unit = Unit(Verdict.VIOLATION, decided, nearest="consent", lacking=("consented",))
    (finding,) = judged(Flow("F1", units={"contact.phone": unit}))
    assert "obtain consent" in finding["remedy_en"]


def test_a_party_that_keeps_to_itself_is_named_once() -> None:
    (finding,) = judged(Flow("F1", recipient="CAR", units={"contact.phone": NO_GROUND}))
    assert finding["cause_en"].startswith("Carrier (CAR): no clause allows")


def test_a_pack_that_allows_nothing_is_told_so() -> None:
    nothing = Unit(Verdict.VIOLATION, ("no-ground",))
    (finding,) = judged(Flow("F1", units={"contact.phone": nothing}))
    assert finding["cause_code"] == "unallowed"
    assert finding["cause_en"].endswith("no clause allows it")


def test_an_unregistered_recipient_is_to_be_registered() -> None:
    (finding,) = judged(Flow("F1", recipient="PTR-9", units={"contact.phone": NOBODY}))
    assert (finding["verdict"], finding["cause_code"]) == (
        "indeterminate",
        "unregistered_recipient",
    )
    assert finding["clauses"] == ["3-2-7b", "3-2-7c", "no-ground"]
    assert finding["remedy_en"].startswith("register PTR-9 in parties")
    assert finding["nearest"] is None


def test_only_violations_and_indeterminates_are_findings() -> None:
    excused = Unit(Verdict.EXCEPTED, ("3-2-9.2",))
    assert judged(Flow("F1"), Flow("F2", units={"contact.phone": excused})) == []


def test_each_layer_has_its_own_finding() -> None:
    flow = Flow("F1", units={"health": NO_GROUND}, statute={"health": NO_GROUND})
    assert sorted(finding["layer"] for finding in judged(flow)) == ["contract", "statute"]


def fingerprints(*flows: Flow) -> set[str]:
    return {finding["fingerprint"] for finding in judged(*flows)}


def test_a_fingerprint_knows_no_counts_dates_or_ids() -> None:
    flow = Flow("F1", units={"contact.phone": LATE}, day=200)
    more = (Flow(f"G{n}", units={"contact.phone": LATE}, day=300 + n, subject=n) for n in range(5))
    assert fingerprints(flow) == fingerprints(*more)


def test_a_fingerprint_stands_when_another_category_falls_under_the_same_cause() -> None:
    one = {"contact.phone": LATE}
    two = {"contact.phone": LATE, "identity.name": LATE}
    assert fingerprints(Flow("F1", units=one)) == fingerprints(Flow("F1", units=two))


def test_a_fingerprint_falls_when_the_categories_are_the_cause() -> None:
    one = {"contact.phone": EXCESS}
    two = {"contact.phone": EXCESS, "identity.name": EXCESS}
    assert fingerprints(Flow("F1", units=one)) != fingerprints(Flow("F1", units=two))


def test_fingerprints_are_pinned() -> None:
    """A change here breaks the casework that was kept under the old ones."""
    assert fingerprints(Flow("F1", units={"contact.phone": LATE})) == {
        "08e1512bb9133dec8a210a15670fc06abb7b8f791b32a3ba7bdfc95d661ffb77"
    }


def test_no_two_findings_share_a_fingerprint() -> None:
    drawn = random.Random(5)
    units = (LATE, EXCESS, ARREARS, REFUSED, NOBODY, NO_GROUND, PERMITTED)
    flows = [
        Flow(
            f"F{number}",
            sender=drawn.choice(("CAR", "PTR-1")),
            recipient=drawn.choice(("PTR-1", "PTR-9", "BUR-1", "CUSTOMER")),
            purpose=drawn.choice(("service.repair", "marketing", "x.new")),
            units={
                code: drawn.choice(units)
                for code in drawn.sample(("contact.phone", "health", "comm.content", "x.new"), 2)
            },
            day=drawn.randint(0, 300),
            subject=drawn.randint(0, 20),
        )
        for number in range(400)
    ]
    told = found(judgement(*flows), REGISTER)
    assert told.schema == FINDINGS
    assert told.height > 50
    assert told["fingerprint"].n_unique() == told.height
    assert told.null_count().select("cause", "remedy", "severity", "clause").row(0) == (0,) * 4
    shuffled = found(judgement(*drawn.sample(flows, len(flows))), REGISTER)
    assert told.equals(shuffled)


def test_findings_stand_gravest_first() -> None:
    told = judged(
        Flow("F1", units={"contact.phone": NO_GROUND}),
        Flow("F2", recipient="BUR-1", units={"comm.content": ARREARS}),
        Flow("F3", recipient="PTR-9", units={"contact.phone": NOBODY}),
    )
    assert [finding["severity"] for finding in told] == ["critical", "medium", "low"]


def test_the_volume_is_added_up_per_sender_and_recipient_over_causes() -> None:
    """Two causes of 150 records each are 300 together, more than a tenth of the tier of 2,500."""
    flows = (
        Flow("F1", units={"contact.phone": LATE}, records=150),
        Flow("F2", units={"identity.name": EXCESS}, records=150),
    )
    assert [finding["severity"] for finding in judged(*flows)] == ["high", "high"]
    assert [finding["severity"] for finding in judged(flows[0])] == ["medium"]


def checks(*flows: Flow, register: pl.DataFrame = REGISTER) -> dict[str, dict[str, Any]]:
    told = found(judgement(*flows), register).filter(pl.col("layer").is_null())
    return {row["cause_code"]: row for row in told.to_dicts()}


def test_the_checks_of_the_graph_are_findings_too() -> None:
    told = checks(
        Flow("F1"),
        Flow("F2", sender="PTR-1", recipient="PTR-9", purpose="marketing", day=1, records=3),
        Flow("F3", sender="BUR-1", recipient="CUSTOMER"),
        register=parties(carrier(), partner("PTR-1", "service"), partner("BUR-1"), partner("P-0")),
    )
    assert set(told) == {"onward_outside_scope", "unreceived", "unregistered", "unseen"}
    onward = told["onward_outside_scope"]
    assert (onward["clause"], onward["verdict"]) == ("onward", None)
    assert (onward["sender"], onward["recipient"]) == ("PTR-1", "PTR-9")
    assert (onward["flows"], onward["records"]) == (1, 3)
    assert "CAR → PTR-1 → PTR-9" in onward["cause_en"]
    assert "not all of them have registered any" in onward["cause_en"]
    assert told["unreceived"]["sender"] == "BUR-1"
    assert told["unregistered"]["recipient"] == "PTR-9"
    assert told["unseen"]["recipient"] == "P-0"
    assert (told["unseen"]["flows"], told["unseen"]["examples"]) == (0, [])
    assert told["unseen"]["first_seen"] is None


@pytest.mark.parametrize(
    ("before", "scope", "code"),
    [
        (PERMITTED, ("service",), None),
        (NO_GROUND, ("service",), "onward_after_violation"),
        (NO_GROUND, (), "onward_after_violation"),
        (PERMITTED, (), "onward_scope_unknown"),
        (NO_GROUND, ("credit",), "onward_outside_scope"),
    ],
)
def test_an_onward_transfer_is_a_finding_where_it_leaves_the_scope(
    before: Unit, scope: tuple[str, ...], code: str | None
) -> None:
    told = checks(
        Flow("F1", units={"contact.phone": before}),
        Flow("F2", sender="PTR-1", recipient="PTR-2", day=1),
        register=parties(carrier(), partner("PTR-1", "service"), partner("PTR-2", *scope)),
    )
    assert set(told) == ({code} if code else set())


def test_an_empty_run_has_only_what_the_register_says() -> None:
    assert set(checks(register=parties(carrier()))) == {"unseen"}
    assert found(judgement(), parties()).is_empty()


def test_a_name_from_the_data_cannot_break_a_sentence() -> None:
    register = parties(carrier(), partner("PTR-1", name="{reasons}\n" + "x" * 500))
    (finding,) = judged(Flow("F1", units={"contact.phone": LATE}), register=register)
    assert "{reasons} xxx" in finding["cause_en"]
    assert "\n" not in finding["cause_en"]
    assert len(finding["cause_en"]) < 400
