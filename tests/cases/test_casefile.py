"""A case file that says what none can say is refused, not half understood."""

import tomllib

import pytest

from tests.cases.casefile import Misspelt, read

PLAIN = """
[plain.flow]
purpose = "service"
data_categories = "contact"
[plain.consents.A-1]
kind = "agreement"
[plain.expect]
verdict = "permitted"
[[case]]
"""


def test_a_case_changes_adds_and_drops_rows() -> None:
    case = """
    name = "all at once"
    drop = ["consents.A-1"]
    change.flow.purpose = ""
    change.consents.C-1 = { kind = "written" }
    change.parties.AGENCY.country = "HK"
    change.run.complete = []
    verdict = "violation"
    """
    plain, changed = read(tomllib.loads(PLAIN + case), "x")
    assert plain.tables["consents"] == [{"consent_id": "A-1", "kind": "agreement"}]
    assert changed.tables["consents"] == [{"consent_id": "C-1", "kind": "written"}]
    assert changed.tables["flows"][0]["purpose"] == ""
    assert changed.tables["flows"][0]["data_categories"] == "contact"
    countries = {row["party_id"]: row.get("country") for row in changed.tables["parties"]}
    assert (countries["AGENCY"], countries["COURT"], countries["PUBLIC"]) == ("HK", "CN", None)
    assert (plain.complete, changed.complete) == (frozenset({"consents"}), frozenset())


def test_each_value_is_a_case_of_its_own() -> None:
    case = 'name = "why"\neach.flow.purpose = ["improve", ""]\nverdict = "violation"'
    _, *cases = read(tomllib.loads(PLAIN + case), "x")
    assert [str(case) for case in cases] == ["x: why: improve", "x: why: none"]
    assert [case.situation["flow"]["purpose"] for case in cases] == ["improve", ""]


@pytest.mark.parametrize(
    "case",
    [
        'name = "x"\nchange.flow.purpose = "improve"',
        'name = "x"\nchange.flow.purpose = "improve"\nverdict = "permitted"\nfailed = "purpose"',
        'name = "x"\nchange.flow.porpoise = "improve"\nverdict = "permitted"',
        'name = "x"\nchange.consents.A-1.given = "2025-01-01"\nverdict = "permitted"',
        'name = "x"\nchange.partners.AGENCY.role = "agent"\nverdict = "permitted"',
        'name = "x"\nchange.run.zone = "Z"\nverdict = "permitted"',
        'name = "x"\ndrop = ["consents.A-2"]\nverdict = "permitted"',
        'name = "x"\neach.flow.purpose = "improve"\nverdict = "permitted"',
        'name = "x"\neach.flow = { purpose = ["a"], channel = ["b"] }\nverdict = "permitted"',
        'name = "x"\nverdict = "violation"',
    ],
)
def test_what_no_case_can_say_is_refused(case: str) -> None:
    with pytest.raises(Misspelt):
        list(read(tomllib.loads(PLAIN + case), "x"))
