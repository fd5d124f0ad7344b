"""The data map for each reader: exact counts and periods, and nothing that tells of few people."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from audit.casework import mapping
from audit.casework.journal import journal_of
from audit.casework.mapping import (
    Period,
    chains_of,
    cut_of,
    edges_of,
    relations_of,
    spread_of,
)
from audit.casework.masking import parties_told
from audit.casework.roles import NotAllowed, Reader, Role
from audit.casework.suppression import K
from audit.casework.workspace import KeptRun, opened
from audit.clauses.clause import Layer, Verdict
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request
from tests.example_run import audited_once
from tests.judged import DAWN

EXAMPLE = Path(__file__).parents[2] / "examples" / "small_carrier"
VIEWER, OFFICER = Reader(Role.viewer), Reader(Role.officer)
COUNTS = ("flows", "subjects", "whole_base", "records", "first_seen", "last_seen", *Verdict)
RELATION = ("sender", "recipient")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    folder = tmp_path_factory.mktemp("runs") / "example"
    request = Request(EXAMPLE)
    leave(audited_once(request.packs), folder, asked=asked(request, folder))
    return opened(folder)


def as_a_viewer_is_told(run: KeptRun, relations: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """An officer's relations in the order in which a viewer has them, by what is told of ends."""
    told = parties_told(run, VIEWER, relations, *RELATION)
    return told.sort(*keys, *RELATION, maintain_order=True)


def test_the_relations_hold_every_flow_once(run: KeptRun) -> None:
    told = relations_of(run, OFFICER)
    judged = run.manifest["rows"]["flows"]["judged"]
    assert told["flows"].sum() == judged
    assert {each: told[each].sum() for each in Verdict} == run.manifest["verdicts"]["contract"]
    assert told.equals(relations_of(run, OFFICER, Layer.CONTRACT))
    assert not told["suppressed"].any()


def test_the_journal_counts_the_same_as_the_run(run: KeptRun) -> None:
    """A period that holds every flow is counted flow by flow, without the run's own table."""
    whole = relations_of(run, OFFICER)
    first, last = whole["first_seen"].min(), whole["last_seen"].max()
    period = Period(first, last + timedelta(microseconds=1))  # type: ignore[operator, arg-type]
    assert relations_of(run, OFFICER, None, period).equals(whole)


def test_two_periods_hold_what_the_whole_holds(run: KeptRun) -> None:
    middle = journal_of(run).flows.select(pl.col("occurred_at").median()).collect().item()
    before, after = (
        relations_of(run, OFFICER, None, period)
        for period in (Period(until=middle), Period(since=middle))
    )
    assert before["flows"].sum() > 0
    assert after["flows"].sum() > 0
    both = pl.concat([before, after]).group_by(RELATION).agg(pl.col("flows", *Verdict).sum())
    whole = relations_of(run, OFFICER).select(both.columns)
    assert both.sort(RELATION).equals(whole)
    assert (before["last_seen"] < middle).all()
    assert (after["first_seen"] >= middle).all()


def test_a_viewer_may_ask_for_no_period(run: KeptRun) -> None:
    with pytest.raises(NotAllowed):
        relations_of(run, VIEWER, None, Period(since=DAWN))


def test_a_viewer_sees_no_count_of_few_people(run: KeptRun) -> None:
    seen = relations_of(run, VIEWER)
    whole = as_a_viewer_is_told(run, relations_of(run, OFFICER))
    assert seen.select(RELATION).equals(whole.select(RELATION))
    few = seen.filter(whole["subjects"].is_between(1, K - 1))
    assert few.height > 0
    assert few["suppressed"].all()
    assert few.select(COUNTS).null_count().row(0) == (few.height,) * len(COUNTS)
    told = seen.filter(~pl.col("suppressed"))
    assert ((told["subjects"] >= K) | told["whole_base"]).all()
    assert (told["subjects"].is_between(1, K - 1)).sum() == 0


def test_the_edges_of_few_people_are_not_counted_for_a_viewer(run: KeptRun) -> None:
    seen, whole = edges_of(run, VIEWER), as_a_viewer_is_told(run, edges_of(run, OFFICER))
    key = (*RELATION, "operation", "purpose", "data_category")
    assert seen.select(key).equals(whole.select(key))
    few = seen.filter(whole["subjects"].is_between(1, K - 1))
    assert few.height > 0
    assert (
        few.select("flows", "contract_violation", "last_seen").null_count().row(0)
        == (few.height,) * 3
    )


def hidden_relations(run: KeptRun) -> set[tuple[str, str]]:
    """The relations whose counts a viewer is not told, by the names that a viewer is told."""
    return set(relations_of(run, VIEWER).filter("suppressed").select(RELATION).iter_rows())


def test_the_cut_tells_a_viewer_nothing_of_relations_that_are_hidden(run: KeptRun) -> None:
    officers, viewers = cut_of(run, OFFICER), cut_of(run, VIEWER)
    assert officers.suspended["flows"].null_count() == 0
    whole = as_a_viewer_is_told(run, officers.violating)
    assert hidden_relations(run) & set(whole.select(RELATION).iter_rows())
    assert viewers.violating.height > 0
    for told in (viewers.suspended, viewers.violating):
        assert not hidden_relations(run) & set(told.select(RELATION).iter_rows())
    assert viewers.suspended["flows"].null_count() == 0
    assert (viewers.violating["violation"] > 0).all()


def test_the_cut_of_a_viewer_does_not_hang_on_what_is_hidden(
    run: KeptRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = mapping._network(run)
    few = mapping._hidden(run, VIEWER)
    of_few = pl.struct(RELATION).is_in(few.to_struct().implode())
    lawful = [
        pl.when(of_few).then(0).otherwise(f"{layer}_violation").alias(f"{layer}_violation")
        for layer in Layer
    ]
    told = cut_of(run, VIEWER)
    changed = replace(network, edges=network.edges.with_columns(lawful))
    monkeypatch.setattr(mapping, "_network", lambda _: changed)
    again = cut_of(run, VIEWER)
    assert again.suspended.equals(told.suspended)
    assert again.violating.equals(told.violating)


def test_the_blast_radius_tells_a_viewer_no_small_numbers(run: KeptRun) -> None:
    officers, viewers = (spread_of(run, reader, "CARRIER") for reader in (OFFICER, VIEWER))
    mine = parties_told(run, VIEWER, officers.parties, "party_id").sort("hop", "party_id")
    assert viewers.parties["party_id"].equals(mine["party_id"])
    few = mine["subjects"].is_between(1, K - 1)
    assert few.any()
    hidden = viewers.parties.filter(few).select(
        "since", "subjects", "subjects_at_most", "whole_base"
    )
    assert hidden.null_count().row(0) == (hidden.height,) * 4
    told = as_a_viewer_is_told(run, officers.relations, "hop")
    assert viewers.relations.drop("verdict").equals(told.drop("verdict"))
    veiled = [pair in hidden_relations(run) for pair in told.select(RELATION).iter_rows()]
    assert viewers.relations["verdict"].is_null().to_list() == veiled
    reached = {recipient for _, recipient in hidden_relations(run)}
    by_few = viewers.parties.filter(pl.col("party_id").is_in(reached) & (pl.col("hop") == 1))
    assert by_few["verdict"].null_count() == by_few.height > 0


def test_chains_tell_a_viewer_no_time(run: KeptRun) -> None:
    officers, viewers = chains_of(run, OFFICER), chains_of(run, VIEWER)
    assert officers.height > 10
    assert officers["first_seen"].null_count() == 0
    assert viewers["first_seen"].null_count() == viewers.height
    paths = parties_told(run, VIEWER, officers, "path")["path"].to_list()
    assert sorted(viewers["path"].to_list()) == sorted(paths)


def test_chains_tell_a_viewer_no_verdict_of_relations_that_are_hidden(run: KeptRun) -> None:
    viewers, hidden = chains_of(run, VIEWER), hidden_relations(run)
    veiled = [any(pair in hidden for pair in pairwise(path)) for path in viewers["path"].to_list()]
    assert viewers["verdict"].is_null().to_list() == veiled
    assert any(veiled)
    unordered = viewers.filter(pl.col("verdict").is_null())["path"].to_list()
    assert unordered == sorted(unordered, key=lambda path: (len(path), "\0".join(path)))


def test_the_clauses_of_hidden_edges_are_not_told(run: KeptRun) -> None:
    hidden = edges_of(run, VIEWER).filter("suppressed")
    assert hidden.height > 0
    assert hidden["contract_decided_by"].null_count() == hidden.height
