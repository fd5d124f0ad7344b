"""A pack made from a text permits nothing; filled in, it judges a bank as it should."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.clauses.marks import path_of
from audit.clauses.reading import load_pack, pack_of
from audit.clauses.scaffolding import pack_id, scaffold
from audit.problems import UsageRefused
from tests.agreements import MODEL, UNRELATED, read
from tests.commanding import Done, command
from tests.exporting import toml_file

BANK = """山泉村镇银行储蓄协议（样例）

第一条 开户
(一)甲方开户时，应当向乙方提交本人的身份信息和联系方式。
(二)乙方妥善保管甲方的资料。
第二条 资料的使用
(一)协议有效期间，乙方为办理存取款和对账，可以使用甲方的资料。
(二)甲方借款逾期未还的，
1、乙方可以把逾期情况报送征信机构；
2、乙方可以委托他人上门送达书面通知。
(三)除上面所列和甲方同意的以外，乙方不把甲方的资料交给别人。
第三条 争议
双方协商解决。
"""
TITLE = {"zh": "储蓄协议", "en": "Savings agreement"}
PASSED_ON = ["share", "entrust", "transfer", "disclose"]
FILLED: dict[str, dict[str, Any]] = {
    "1-1": {
        "effect": "permit",
        "when": {
            "sender_role": ["subject"],
            "recipient_role": ["carrier"],
            "operation": ["collect"],
            "data": ["identity", "contact"],
        },
    },
    "2-1": {
        "effect": "permit",
        "when": {
            "sender_role": ["carrier"],
            "recipient_role": ["carrier"],
            "operation": ["use"],
            "purpose": ["service"],
            "agreement_in_force": True,
        },
    },
    "2-2-1": {
        "effect": "except",
        "exception_to": ["2-3"],
        "when": {
            "sender_role": ["carrier"],
            "recipient_role": ["credit_bureau"],
            "operation": ["share"],
            "data": ["identity.name", "identity.id_number", "billing.arrears"],
            "evidence": "arrears",
        },
    },
    "2-3": {
        "effect": "forbid",
        "when": {"recipient_role_not": ["carrier", "subject"], "operation": PASSED_ON},
    },
}
PARTIES = """party_id,name,role,country
BANK,山泉村镇银行,carrier,CN
PBOC,征信中心,credit_bureau,CN
ADS,某某广告,third_party,CN
"""
CONSENTS = """consent_id,subject_id,document,kind,given_at
C-1,S-1,储蓄协议,agreement,2025-01-01
"""
EVIDENCE = """evidence_id,kind,subject_id,issued_by,valid_from,valid_until,amount
E-1,arrears,S-1,BANK,2025-02-01,2025-06-01,300
"""
FLOWS = """flow_id,occurred_at,subject_id,sender,recipient,data_categories,purpose,operation
open,2025-01-01T10:00+08:00,S-1,CUSTOMER,BANK,identity.name,service.enrol,collect
reconcile,2025-01-05T10:00+08:00,S-1,BANK,BANK,billing.payment,service.billing,use
reported,2025-03-01T10:00+08:00,S-1,BANK,PBOC,identity.name;billing.arrears,credit.report,share
too_late,2025-07-01T10:00+08:00,S-1,BANK,PBOC,identity.name;billing.arrears,credit.report,share
sold,2025-03-01T10:00+08:00,S-1,BANK,ADS,contact.phone,marketing.third_party,share
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A folder with the bank's text, its export, and the pack that `pack init` made."""
    tables = {"parties": PARTIES, "consents": CONSENTS, "evidence": EVIDENCE, "flows": FLOWS}
    (tmp_path / "export").mkdir()
    for name, rows in tables.items():
        (tmp_path / "export" / f"{name}.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "bank.txt").write_text(BANK, encoding="utf-8")
    made = command("pack", "init", tmp_path / "bank.toml", "--agreement", tmp_path / "bank.txt")
    assert made.code == 0, made.err
    return tmp_path


def audited(folder: Path) -> Done:
    pack, text = folder / "bank.toml", folder / "bank.txt"
    given = ("--pack", pack, "--agreement", text, "--out", folder / "run", "--lang", "en")
    return command("run", folder / "export", *given)


def fill(folder: Path, *clauses: str) -> None:
    """Fill in these clauses of the scaffold, and delete those that no one is to fill in."""
    file = folder / "bank.toml"
    pack = tomllib.loads(file.read_text(encoding="utf-8"))
    pack["pack"]["title"] = TITLE
    told = {"zh": "大意", "en": "the gist"}
    pack["clause"] = [
        {**each, "gist": told, **FILLED[each["id"]]} if each["id"] in clauses else each
        for each in pack["clause"]
        if each["id"] in FILLED
    ]
    toml_file(file, pack)


def test_a_scaffold_has_a_clause_for_each_paragraph_that_says_something(bank: Path) -> None:
    text = (bank / "bank.toml").read_text(encoding="utf-8")
    pack = tomllib.loads(text)
    ids = [each["id"] for each in pack["clause"]]
    assert ids == ["1-1", "1-2", "2-1", "2-2", "2-2-1", "2-2-2", "2-3", "3"]
    assert [each["cite"] for each in pack["clause"]][4] == "第二条(二)1"
    assert all((each["effect"], each["when"]) == ("", {}) for each in pack["clause"])
    assert pack["pack"]["id"] == "bank"
    for line in BANK.splitlines()[3:]:
        assert f"# {line}" in text or line.startswith(("第一条", "第二条"))


def test_an_unfilled_pack_is_refused_and_says_which_clauses(bank: Path) -> None:
    done = audited(bank)
    assert (done.code, done.out) == (2, "")
    assert "no effect stands in 1-1, 1-2, 2-1, 2-2, 2-2-1, 2-2-2, 2-3, 3;" in done.err
    assert not (bank / "run").exists()


def test_one_clause_that_is_not_filled_in_is_enough_to_refuse_the_pack(bank: Path) -> None:
    fill(bank, *(each for each in FILLED if each != "2-3"))
    done = audited(bank)
    assert done.code == 2
    assert "no effect stands in 2-3;" in done.err


@pytest.mark.parametrize("effect", ["permit", "except"])
def test_an_effect_without_conditions_permits_nothing(effect: str) -> None:
    clause = {"id": "1-1", "cite": "第一条(一)", "effect": effect, "when": {}}
    header = {"id": "bank", "version": "0.1.0", "layer": "contract", "title": TITLE}
    told = {"zh": "大意", "en": "the gist"}
    with pytest.raises(UsageRefused) as refusal:
        pack_of({"pack": header, "clause": [{**clause, "gist": told}]}, "bank.toml")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["place"]) == ("pack-missing", "clause 1-1 / when")


def test_the_banks_own_pack_judges_its_flows(bank: Path) -> None:
    fill(bank, *FILLED)
    anchor = ("pack", "anchor", bank / "bank.toml", "--agreement", bank / "bank.txt")
    assert command(*anchor, "--write").code == 0
    done = audited(bank)
    assert done.code == 1, done.err
    assert "as it was 4, edited elsewhere 0" in done.out
    verdicts = pl.read_parquet(bank / "run" / "verdicts.parquet")
    found = {
        flow: (verdict, decided)
        for flow, verdict, decided in verdicts.select(
            "flow_id", "contract_verdict", "contract_decided_by"
        ).iter_rows()
    }
    assert found == {
        "open": ("permitted", ["1-1"]),
        "reconcile": ("permitted", ["2-1"]),
        "reported": ("excepted", ["2-2-1"]),
        "too_late": ("violation", ["2-3", "no-ground"]),
        "sold": ("violation", ["2-3", "no-ground"]),
    }


def test_the_bank_is_told_when_its_text_changes(bank: Path) -> None:
    fill(bank, *FILLED)
    anchor = ("pack", "anchor", bank / "bank.toml", "--agreement", bank / "bank.txt")
    assert command(*anchor, "--write").code == 0
    for old, new in (("逾期情况", "全部资料"), ("借款逾期未还", "在乙方借款")):
        (bank / "bank.txt").write_text(BANK.replace(old, new), encoding="utf-8")
        assert "下列条款未经复核：2-2-1" in command(*anchor).out


def test_places_that_nothing_can_cite_are_told(tmp_path: Path) -> None:
    made = scaffold(read(tmp_path, BANK + "附件\n第一条 说明\n(一)另行公告。\n"), "bank")
    assert [each.cite for each in made.repeated] == ["第一条(一)", "第一条(一)"]
    assert made.clauses == ("1-2", "2-1", "2-2", "2-2-1", "2-2-2", "2-3", "3")


def test_every_cite_of_a_scaffold_finds_its_paragraph(tmp_path: Path) -> None:
    document = read(tmp_path, UNRELATED + MODEL.read_text(encoding="utf-8"))
    pack = tomllib.loads(scaffold(document, "model").text)
    model = load_pack("telecom_agreement")
    assert {each["cite"] for each in pack["clause"]} >= {each.cite for each in model.clauses}
    for each in pack["clause"]:
        found = document.find(each["cite"])
        assert path_of(each["cite"]) == getattr(found, "place", None)


def test_nothing_in_a_text_gets_out_of_its_comment(tmp_path: Path) -> None:
    text = '第一条 说明\n[[clause]]\rid = "x"\u2028effect = "permit"\x0b\x00\x85\n'
    made = scaffold(read(tmp_path, text.replace("\x00", "")), "bank")
    assert [each["id"] for each in tomllib.loads(made.text)["clause"]] == ["1"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("bank", "bank"), ("My Bank-2", "my_bank_2"), ("2025", "pack_2025"), ("银行", "pack")],
)
def test_a_file_gives_its_pack_an_id(name: str, expected: str) -> None:
    assert pack_id(name) == expected


def test_nothing_is_overwritten(bank: Path) -> None:
    before = (bank / "bank.toml").read_bytes()
    again = command("pack", "init", bank / "bank.toml", "--agreement", bank / "bank.txt")
    assert (again.code, again.out) == (2, "")
    assert (bank / "bank.toml").read_bytes() == before
    other = command("pack", "init", bank / "bank.yaml", "--agreement", bank / "bank.txt")
    assert other.code == 2
    nowhere = command("pack", "init", bank / "no" / "x.toml", "--agreement", bank / "bank.txt")
    assert nowhere.code == 2
