"""An inquiry says of every flow what the audit said, from many threads, after one reading."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from audit.evaluation.explaining import Explanation, explain
from audit.findings.missed import verdict_findings
from audit.inquiring import Inquiry
from audit.outcome import Audit
from audit.problems import InputRefused, UsageRefused
from audit.running import Progress, Request, compiled_registers, explained, prepared
from tests.example_run import EXAMPLE, audited_once, own_copy


@pytest.fixture(scope="module")
def found() -> Audit:
    return audited_once(Request.packs)


@pytest.fixture(scope="module")
def inquiry() -> Inquiry:
    return Inquiry(Request(EXAMPLE))


def test_an_explanation_is_the_one_that_reading_everything_again_gives(
    inquiry: Inquiry, found: Audit
) -> None:
    for flow_id in found.verdicts["flow_id"].gather_every(40):
        assert inquiry.explain(flow_id) == explained(Request(EXAMPLE), flow_id)


def test_the_rows_that_concern_a_flow_explain_it_as_all_rows_do(
    inquiry: Inquiry, found: Audit
) -> None:
    setting = prepared(Request(EXAMPLE))
    compiled = compiled_registers(setting)
    for flow in inquiry.flows(found.verdicts["flow_id"].gather_every(15)).iter_slices(1):
        near = setting.registers.concerning(flow.row(0, named=True))
        assert near.consents.height < setting.registers.consents.height / 10
        assert explain(flow, compiled, near) == explain(flow, compiled, setting.registers)


@pytest.fixture(scope="module")
def alone(inquiry: Inquiry, found: Audit) -> dict[str, Explanation]:
    """Every flow explained, one after the other."""
    return {flow_id: inquiry.explain(flow_id) for flow_id in found.verdicts["flow_id"]}


def test_every_flow_is_explained_with_the_verdict_that_it_got(
    alone: dict[str, Explanation], found: Audit
) -> None:
    told = [explanation.layers[0].verdict for explanation in alone.values()]
    assert told == found.verdicts["contract_verdict"].to_list()


def test_many_threads_get_the_same_explanations(alone: dict[str, Explanation]) -> None:
    some = [*alone][::3]
    fresh = Inquiry(Request(EXAMPLE))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(fresh.explain, some)) == [alone[each] for each in some]


def test_a_flow_that_was_not_judged_is_not_explained(inquiry: Inquiry) -> None:
    with pytest.raises(UsageRefused) as unknown:
        inquiry.explain("F-none")
    assert unknown.value.problems[0].code == "flow-unknown"


def test_a_repeated_flow_is_not_explained_even_where_one_of_its_rows_is_sound(
    tmp_path: Path,
) -> None:
    export = own_copy(tmp_path / "export")
    rows = (export / "flows.csv").read_text(encoding="utf-8").splitlines()
    broken = rows[1].split(",")
    broken[1] = "yesterday"
    (export / "flows.csv").write_text("\n".join([*rows, ",".join(broken)]) + "\n", encoding="utf-8")
    repeated = rows[1].split(",")[0]
    asked = Inquiry(Request(export))
    with pytest.raises(UsageRefused) as refused:
        asked.explain(repeated)
    assert refused.value.problems[0].code == "flow-repeated"
    assert asked.flows(pl.Series([repeated])).is_empty()


def test_judging_some_flows_again_says_of_each_what_the_run_said(
    inquiry: Inquiry, found: Audit
) -> None:
    some = found.verdicts["flow_id"].gather_every(3)
    again = inquiry.judged(some)
    told = (
        again.verdicts.join(again.outcomes, on="outcome")
        .select("flow_id", "verdict")
        .sort("flow_id")
    )
    run = found.verdicts.filter(pl.col("flow_id").is_in(some.implode()))
    assert told.rows() == run.select("flow_id", "contract_verdict").rows()


def test_the_members_of_findings_are_as_many_as_they_count_and_hold_their_examples(
    inquiry: Inquiry, found: Audit
) -> None:
    members = inquiry.members(found.findings, found.verdicts["flow_id"], found.edges)
    told = members.group_by("fingerprint").agg(
        pl.len().cast(pl.Int64).alias("flows"), pl.col("flow_id").head(3).alias("examples")
    )
    columns = ("fingerprint", "flows", "examples")
    counted = verdict_findings(found.findings).filter(pl.col("flows") > 0).select(columns)
    assert told.sort("fingerprint").equals(counted.sort("fingerprint"))


def test_consents_keep_withdrawal_and_expiry_apart(inquiry: Inquiry) -> None:
    withdrawn = inquiry.consents_of(pl.Series(["S-0010"])).row(0, named=True)
    assert withdrawn["withdrawn_at"] is not None
    assert withdrawn["expires_at"] is None
    assert inquiry.consents_of(pl.Series(["S-none"])).is_empty()


def test_consents_of_a_file_that_changed_since_are_not_told(tmp_path: Path) -> None:
    export = own_copy(tmp_path / "export")
    asked = Inquiry(Request(export))
    with (export / "consents.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(InputRefused):
        asked.consents_of(pl.Series(["S-0010"]))


def test_consents_of_a_file_that_was_touched_since_are_told(tmp_path: Path) -> None:
    """It lives as long as a dashboard: what was put back with the same bytes is the same."""
    export = own_copy(tmp_path / "export")
    asked = Inquiry(Request(export))
    os.utime(export / "consents.csv", (0, 0))
    assert not asked.consents_of(pl.Series(["S-0010"])).is_empty()


def test_evidence_is_that_of_the_subject_and_that_which_is_cited(inquiry: Inquiry) -> None:
    rows = inquiry.evidence_of(pl.Series(["S-0016"]), pl.Series(["EV-LAW-CIVIL"]))
    assert rows["evidence_id"].to_list() == ["EV-ARR-16", "EV-LAW-CIVIL", "EV-NTC-16"]


def test_subjects_are_those_of_flows_and_registers_once_each(inquiry: Inquiry) -> None:
    told = inquiry.subjects()
    assert {"S-0001", "S-0048"} <= set(told)
    assert "S-none" not in set(told)
    assert told.n_unique() == told.len()


def test_who_withdrew_is_known_as_of_an_instant(inquiry: Inquiry) -> None:
    row = inquiry.consents_of(pl.Series(["S-0010"])).row(0, named=True)
    instant = row["withdrawn_at"]
    assert "S-0010" in set(inquiry.withdrew(instant))
    assert "S-0010" not in set(inquiry.withdrew(instant - timedelta(seconds=1)))
    assert inquiry.withdrew(None).is_empty()


def test_reading_tells_how_far_it_is() -> None:
    told: list[Progress] = []
    Inquiry(Request(EXAMPLE), told.append)
    assert [each.stage for each in told] == ["registers", "flows"]
    assert (
        told[-1].rows == len((EXAMPLE / "flows.csv").read_text(encoding="utf-8").splitlines()) - 1
    )


def test_nothing_that_was_read_has_a_name_in_the_folder_of_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked = Inquiry(Request(EXAMPLE))
    assert asked.flows(pl.Series(["F-0101"])).height == 1
    assert not list(tmp_path.rglob("*"))
