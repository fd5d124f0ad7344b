"""The flows of a finding are exactly those that it counts."""

from pathlib import Path

import polars as pl
import pytest

from audit.casework import belonging
from audit.casework.belonging import flows_of
from audit.casework.journal import inquiry_of, journal_of
from audit.casework.naming import EVERYBODY
from audit.casework.workspace import KeptRun
from audit.findings.missed import verdict_findings
from audit.problems import InputRefused, UsageRefused
from tests.example_run import kept_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def findings(run: KeptRun) -> pl.DataFrame:
    return verdict_findings(pl.read_parquet(run.file("findings.parquet")))


def ids_of(run: KeptRun, fingerprint: str) -> list[str]:
    flow_ids = journal_of(run).flows.select("flow_id").collect()["flow_id"]
    return flow_ids[flows_of(run, fingerprint)].sort().to_list()


def test_every_finding_has_the_flows_that_it_counts(run: KeptRun, findings: pl.DataFrame) -> None:
    assert findings.filter(pl.col("layer").is_not_null()).height > 50
    for finding in findings.iter_rows(named=True):
        found = ids_of(run, finding["fingerprint"])
        assert len(found) == len(set(found)) == finding["flows"]
        assert found[:3] == finding["examples"]


def test_what_the_journal_tells_is_what_judging_again_tells(
    run: KeptRun, findings: pl.DataFrame
) -> None:
    every = journal_of(run).flows.select("flow_id").collect()["flow_id"]
    edges = pl.read_parquet(run.file("edges.parquet"))
    members = inquiry_of(run).members(findings, every, edges)
    told = dict(members.group_by("fingerprint").agg("flow_id").iter_rows())
    for fingerprint in findings["fingerprint"]:
        assert ids_of(run, fingerprint) == told.get(fingerprint, [])


def test_both_ways_are_needed(run: KeptRun, findings: pl.DataFrame) -> None:
    journal = journal_of(run)
    likely = [
        belonging._likely(finding, journal).height - finding["flows"]
        for finding in findings.iter_rows(named=True)
    ]
    assert min(likely) == 0  # none of its own is ever left out
    assert 0 < sum(more > 0 for more in likely) < len(likely) / 2


def test_subjects_and_records_are_those_of_the_finding(
    run: KeptRun, findings: pl.DataFrame
) -> None:
    flows = journal_of(run).flows.collect()
    for finding in findings.filter(pl.col("flows") > 0).iter_rows(named=True):
        own = flows[flows_of(run, finding["fingerprint"])]
        assert len({*own["person"]} - {EVERYBODY}) == finding["subjects"]
        assert (EVERYBODY in own["person"]) == finding["whole_base"]
        assert own["records"].fill_null(1).sum() == finding["records"]
        assert own["occurred_at"].min() == finding["first_seen"]
        assert own["occurred_at"].max() == finding["last_seen"]


def test_a_finding_that_the_run_lacks_is_refused(run: KeptRun) -> None:
    with pytest.raises(UsageRefused) as refused:
        flows_of(run, "0" * 64)
    assert refused.value.problems[0].code == "no-such-finding"


def test_a_finding_of_another_count_is_told_and_not_guessed(tmp_path: Path) -> None:
    run = kept_run(tmp_path / "runs")
    findings = pl.read_parquet(run.file("findings.parquet"))
    findings.with_columns(pl.col("flows") + 1).write_parquet(run.file("findings.parquet"))
    with pytest.raises(InputRefused) as refused:
        flows_of(run, findings["fingerprint"][0])
    assert refused.value.problems[0].code == "journal-flows-differ"
