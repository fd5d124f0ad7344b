"""The summary tells how many persons were supplied abroad, and what that takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from audit.clauses.export import ExportRule, ExportTier, export_rule
from audit.cli.exports import exports_page
from audit.cli.screen import plain
from audit.reports.exports import exports_told
from audit.running import audit
from audit.wording import Language
from tests.exporting import Export, exported
from tests.generate import shipped_pack

PACK = shipped_pack("cn_statute")
FEW = {**PACK["export"], "exempt": {"persons_below": 3}}
FEW["contract"] = {"persons_below": 5, "sensitive_below": 2}
PARTIES = [
    {"party_id": "CAR", "name": "carrier", "role": "carrier", "country": "CN"},
    {"party_id": "US-1", "name": "abroad", "role": "third_party", "country": "US"},
    {"party_id": "NO-1", "name": "nowhere", "role": "third_party"},
    {"party_id": "CN-1", "name": "home", "role": "third_party", "country": "CN"},
]
FLOW = {
    "occurred_at": "2025-03-01T00:00:00+08:00",
    "sender": "CAR",
    "recipient": "US-1",
    "data_categories": "contact.phone",
    "purpose": "marketing.own",
    "operation": "share",
}
COMPLETE = frozenset({"consents", "flows"})


def rule() -> ExportRule:
    found = export_rule(FEW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("persons", "sensitive", "tier"),
    [
        (0, 0, ExportTier.EXEMPT),
        (2, 0, ExportTier.EXEMPT),
        (3, 0, ExportTier.CONTRACT),
        (0, 1, ExportTier.CONTRACT),
        (4, 1, ExportTier.CONTRACT),
        (5, 0, ExportTier.ASSESSMENT),
        (0, 2, ExportTier.ASSESSMENT),
    ],
)
def test_a_tier_ends_at_its_number(persons: int, sensitive: int, tier: ExportTier) -> None:
    assert rule().tier(persons, sensitive) is tier


def flows(*changes: Mapping[str, str]) -> list[dict[str, str]]:
    """Flows of one person each unless it says otherwise."""
    named = ({"flow_id": f"F{i}", "subject_id": f"S{i}"} for i in range(len(changes)))
    return [{**FLOW, **name, **change} for name, change in zip(named, changes, strict=True)]


def told(rows: Sequence[Mapping[str, Any]], complete: frozenset[str] = COMPLETE) -> Any:  # noqa: ANN401
    tables: Any = {"flows": rows, "parties": PARTIES, "consents": [], "evidence": []}
    how = Export(complete=complete)
    with exported(tables, [{**PACK, "export": FEW}], how) as (_, request):
        found = audit(request)
        page = [line for block in exports_page(found, Language.en) for line in plain(block)]
    (exports,) = exports_told(found)
    return exports, "\n".join(page)


def test_persons_are_counted_once_a_year_and_by_country() -> None:
    exports, page = told(
        flows(
            {},
            {"subject_id": "S0"},
            {"recipient": "CN-1"},
            {"operation": "store"},
            {"subject_id": "S0", "occurred_at": "2025-12-31T16:00:00Z"},
        )
    )
    assert [(each["year"], each["persons"]) for each in exports["years"]] == [(2025, 1), (2026, 1)]
    (country,) = exports["years"][0]["countries"]
    assert (country["country"], country["flows"]) == ("US", 2)
    assert exports["years"][0]["tier"] == {"at_least": "exempt", "at_most": "exempt"}
    assert "2025: 1 persons for certain, 1 possibly" in page
    assert "what it takes: no mechanism" in page
    assert "United States (US): 2 flows, 1 persons" in page


@pytest.mark.parametrize(
    ("change", "least", "most"),
    [
        ({}, "contract", "contract"),
        ({"recipient": "NO-1"}, "exempt", "contract"),
        ({"purpose": "service.roaming"}, "exempt", "contract"),
        ({"data_categories": "health"}, "contract", "contract"),
    ],
)
def test_what_is_not_certain_counts_for_the_gravest_tier_only(
    change: Mapping[str, str], least: str, most: str
) -> None:
    exports, _ = told(flows({}, {}, change))
    (year,) = exports["years"]
    assert year["tier"] == {"at_least": least, "at_most": most}


@pytest.mark.parametrize("subject", ["S2", "*"])
def test_the_whole_base_and_lost_flows_may_be_any_number(subject: str) -> None:
    exports, page = told(flows({}, {"subject_id": subject}))
    (year,) = exports["years"]
    assert year["tier"]["at_most"] == ("assessment" if subject == "*" else "exempt")
    undeclared, page = told(flows({}), frozenset({"consents"}))
    assert not undeclared["complete"]
    assert undeclared["years"][0]["tier"] == {"at_least": "exempt", "at_most": "assessment"}
    assert "The flows are not declared complete" in page
    lost, _ = told(flows({}, {"occurred_at": "some day"}))
    assert lost["years"][0]["tier"]["at_most"] == "assessment"


def test_where_nothing_went_abroad_nothing_is_told() -> None:
    exports, page = told(flows({"recipient": "CN-1"}))
    assert exports["years"] == []
    assert page == ""
