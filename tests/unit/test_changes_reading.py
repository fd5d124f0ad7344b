"""A change file is strict TOML: whatever is wrong with it is told, all of it at once."""

from pathlib import Path

import pytest

from audit.changes.change import EvidenceEnd, PackChange, Supposition, Withdrawal
from audit.changes.reading import change_of, load_change
from audit.problems import UsageRefused

WHOLE = """
complete = ["evidence.arrears"]
[[pack]]
id = "telecom_agreement"
with = "next/ours.toml"
off = ["3-2-7b"]
draft = ["consent"]
on = ["6-2"]
[[party]]
id = "P-1"
role = "affiliate"
agreement_until = 2026-03-31
licence = ""
purposes = { add = ["service"], remove = ["improve"] }
[[withdraw]]
kind = "separate"
at = 2026-01-01T08:00:00+08:00
[[evidence]]
evidence_id = "E-1"
kind = "arrears"
valid_from = 2026-01-01
amount = 12.5
[[evidence_ends]]
kind = "notice"
at = "2026-02-01"
"""


def file(folder: Path, text: str) -> Path:
    place = folder / "change.toml"
    place.write_text(text, encoding="utf-8")
    return place


def codes(text: str, folder: Path) -> list[str]:
    with pytest.raises(UsageRefused) as refused:
        load_change(file(folder, text))
    return [problem.code for problem in refused.value.problems]


def test_everything_that_may_be_supposed(tmp_path: Path) -> None:
    told = load_change(file(tmp_path, WHOLE))
    other = str(tmp_path / "next/ours.toml")
    assert told.packs == (
        PackChange("telecom_agreement", other, ("3-2-7b",), ("consent",), ("6-2",)),
    )
    (party,) = told.parties
    assert party.cells == {"role": "affiliate", "agreement_until": "2026-03-31", "licence": ""}
    assert party.added["purposes"] == ("service",)
    assert party.removed == {"purposes": ("improve",), "data_categories": ()}
    assert told.withdrawals == (Withdrawal("2026-01-01T08:00:00+08:00", {"kind": "separate"}),)
    assert told.evidence[0]["amount"] == "12.5"
    assert told.ends == (EvidenceEnd("2026-02-01", {"kind": "notice"}),)
    assert told.complete == {"evidence.arrears"}
    assert told.of_registers


def test_a_pack_that_comes_with_the_tool_is_no_file() -> None:
    told = change_of({"pack": [{"id": "ours", "with": "telecom_agreement"}]}, "", Path("elsewhere"))
    assert told == Supposition(packs=(PackChange("ours", "telecom_agreement"),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["change-wrong"]),
        ("party = 1", ["change-wrong"]),
        ("[[party]]\nid = 'P'", ["change-wrong"]),
        ("[[party]]\nid = 'P'\nname = 'x'\n[[withdraw]]\nkind = 'x'", ["change-wrong"] * 4),
        ("[[withdraw]]\nat = '2026-01-01'", ["change-wrong"]),
        ("[[pack]]\nid = 'a'\noff = ['x', 'x']", ["change-wrong"]),
        ("[[pack]]\nid = 'a'\noff = ['x']\n" * 2, ["change-twice"]),
        ("complete = [", ["change-unreadable"]),
    ],
)
def test_every_fault_is_told_at_once(text: str, found: list[str], tmp_path: Path) -> None:
    assert codes(text, tmp_path) == found


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused):
        load_change(tmp_path / "none.toml")
