"""Each layer gives its own verdict: what another layer's pack knows or asks moves none of it."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from audit.clauses.clause import Verdict
from audit.evaluation.judgement import overall_counts
from audit.running import Request, audit
from audit.vocabulary import load_vocabulary
from tests.example_run import audited_once

BOTH = ("telecom_agreement", "cn_statute")
EXAMPLE = Path(__file__).parents[2] / "examples" / "small_carrier"
PAID_AND_REPORTED = {
    "flows.csv": """flow_id,occurred_at,subject_id,sender,recipient,data_categories,purpose,\
operation,evidence_id
F1,2026-03-10T10:00:00+08:00,S1,TEL,BUR,billing.arrears,credit.report,share,A1
""",
    "parties.csv": "party_id,name,role\nTEL,Tel,carrier\nBUR,Bureau,credit_bureau\n",
    "consents.csv": """consent_id,subject_id,document,kind,given_at,withdrawn_at,expires_at,\
effect,recipient
B1,S1,agreement,agreement,2020-01-01,,,,
""",
    "evidence.csv": """evidence_id,kind,subject_id,valid_from,valid_until,amount,reference
A1,arrears,S1,2026-01-01,2026-02-01,100,
X1,{kind},,2025-01-01,,,PUS
""",
}


def contract(export: Path, packs: tuple[str, ...]) -> pl.DataFrame:
    verdicts = audit(Request(export, packs)).verdicts
    return verdicts.select("flow_id", pl.selectors.starts_with("contract_"))


def test_the_agreement_judges_the_example_alike_with_the_statute_and_without() -> None:
    assert_frame_equal(contract(EXAMPLE, BOTH[:1]), contract(EXAMPLE, BOTH))


@pytest.mark.parametrize("kind", load_vocabulary().evidence_kinds)
def test_evidence_of_another_kind_leaves_no_verdict_open(kind: str, tmp_path: Path) -> None:
    """But evidence of arrears that names nobody may be this customer's."""
    for name, text in PAID_AND_REPORTED.items():
        (tmp_path / name).write_text(text.replace("{kind}", kind), encoding="utf-8")
    (verdict,) = contract(tmp_path, BOTH[:1])["contract_verdict"]
    assert verdict == ("indeterminate" if kind == "arrears" else "violation")


def test_the_worse_of_the_layers_is_counted_as_the_table_has_it() -> None:
    found = audited_once(BOTH)
    told = dict(found.verdicts["overall"].value_counts().iter_rows())
    assert {verdict.value: count for verdict, count in overall_counts(found.judgement).items()} == {
        verdict.value: told.get(verdict.value, 0) for verdict in Verdict
    }
