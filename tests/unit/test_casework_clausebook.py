"""The clause book of a run: every clause, and counts equal to those of a plain recount."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from audit.casework.clausebook import Book, clause_books
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.citations import Paragraph, read_document
from audit.clauses.reading import load_pack
from audit.problems import InputRefused, UsageRefused
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests.commanding import HOUSE
from tests.drafts import drafted_run
from tests.example_run import audited_once

EXAMPLE = HOUSE / "examples" / "small_carrier"
OFFICER, VIEWER = Reader(Role.officer), Reader(Role.viewer)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    folder = tmp_path_factory.mktemp("runs") / "example"
    request, text = Request(EXAMPLE), HOUSE / "examples" / "agreement.txt"
    found = audited_once(request.packs)
    leave(found, folder, asked=asked(request, folder, read_document(text, str(text))))
    return KeptRun(folder, found.run_id)


def the_book(run: KeptRun, reader: Reader = OFFICER) -> Book:
    (book,) = clause_books(run, reader)
    return book


def recounted(run: KeptRun) -> dict[str, tuple[int, int, bool]]:
    """Flows, people named and whether everybody, of each deciding clause, row by row."""
    with (EXAMPLE / "flows.csv").open(encoding="utf-8", newline="") as file:
        subjects = {row["flow_id"]: row["subject_id"] for row in csv.DictReader(file)}
    flows: Counter[str] = Counter()
    people: defaultdict[str, set[str]] = defaultdict(set)
    verdicts = pl.read_parquet(run.folder / "verdicts.parquet")
    for row in verdicts.to_dicts():
        for clause in row["contract_decided_by"]:
            flows[clause] += 1
            people[clause].add(subjects[row["flow_id"]])
    return {
        clause: (flows[clause], len(people[clause] - {"*"}), "*" in people[clause])
        for clause in flows
    }


def test_every_clause_of_the_pack_is_in_the_book_in_its_order(run: KeptRun) -> None:
    clauses = tuple(entry.clause for entry in the_book(run).entries)
    assert clauses == load_pack("telecom_agreement").clauses


def test_each_clause_decided_as_often_as_the_verdicts_say(run: KeptRun) -> None:
    book, counted = the_book(run), recounted(run)
    told = {entry.clause.id: entry.decided for entry in book.entries}
    told |= {
        entry.clause.supplement_id: entry.by_supplement
        for entry in book.entries
        if entry.by_supplement is not None
    }
    told["no-ground"] = book.without_ground
    assert {
        clause: (decided.flows, decided.subjects, decided.whole_base)
        for clause, decided in told.items()
        if not decided.never
    } == counted
    assert len(counted) > 10
    assert counted["3-2-6b"][1:] == (0, True)


def test_a_clause_is_never_used_where_no_verdict_names_it(run: KeptRun) -> None:
    book, counted = the_book(run), recounted(run)
    expected = [entry.clause.id for entry in book.entries if entry.clause.id not in counted]
    assert list(book.never_used) == expected


def test_an_exception_is_told_at_both_of_its_ends(run: KeptRun) -> None:
    entries = {entry.clause.id: entry for entry in the_book(run).entries}
    pairs = {(by, target) for by in entries for target in entries[by].clause.exception_to}
    assert pairs == {(by, target) for target in entries for by in entries[target].exceptions}
    assert ("3-2-9.1", "3-2-7c") in pairs


def test_findings_are_counted_where_they_name_the_clause_and_where_it_was_nearest(
    run: KeptRun,
) -> None:
    findings = pl.read_parquet(run.folder / "findings.parquet").to_dicts()
    named = Counter(row["clause"] for row in findings if row["layer"])
    nearest = Counter(row["nearest"] for row in findings if row["layer"] and row["nearest"])
    for entry in the_book(run).entries:
        assert entry.findings == named[entry.clause.id]
        assert entry.nearest == nearest[entry.clause.id]
    assert named["no-ground"] > 0


def test_each_clause_quotes_the_paragraph_that_it_cites(run: KeptRun) -> None:
    quotes = {entry.clause.id: entry.quotes for entry in the_book(run).entries}
    (quote,) = quotes["3-2-9.1"]
    assert quote.cite == "第三条(二)9(1)"
    assert isinstance(quote.found, Paragraph)
    assert "受托催收的第三方" in quote.found.text
    assert all(quotes.values())


def test_a_viewer_is_not_told_of_fewer_than_five_people(run: KeptRun) -> None:
    counted = recounted(run)
    hidden = set()
    for entry in the_book(run, VIEWER).entries:
        flows, subjects, everybody = counted.get(entry.clause.id, (0, 0, False))
        if 0 < subjects < 5:
            assert (entry.decided.flows, entry.decided.subjects) == (None, None)
            assert entry.decided.whole_base is None
            assert (entry.decided.first_seen, entry.decided.last_seen) == (None, None)
            assert not entry.decided.never
            hidden.add(entry.clause.id)
        else:
            assert (entry.decided.flows, entry.decided.subjects) == (flows, subjects)
            assert entry.decided.whole_base is everybody
    assert hidden


def test_a_pack_that_is_another_one_now_is_refused(run: KeptRun, tmp_path: Path) -> None:
    told = json.loads((run.folder / "manifest.json").read_bytes())
    told["packs"][0]["digest"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(InputRefused) as refused:
        clause_books(KeptRun(tmp_path, run.run_id), OFFICER)
    assert [problem.code for problem in refused.value.problems] == ["recall-changed"]


def test_a_pack_that_is_gone_is_refused(run: KeptRun, tmp_path: Path) -> None:
    told = json.loads((run.folder / "manifest.json").read_bytes())
    told["request"]["packs"] = ["gone.toml"]
    (tmp_path / "manifest.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(UsageRefused) as refused:
        clause_books(KeptRun(tmp_path, run.run_id), OFFICER)
    assert [problem.code for problem in refused.value.problems] == ["pack-unreadable"]


def test_the_pack_of_a_run_behind_a_link_is_found(tmp_path: Path) -> None:
    pack = tmp_path / "papers" / "own.toml"
    pack.parent.mkdir()
    pack.write_bytes((HOUSE / "consent_schemas/packs/telecom_agreement.toml").read_bytes())
    request, folder = Request(EXAMPLE, (str(pack),)), tmp_path / "kept" / "runs" / "one"
    found = audit(request)
    leave(found, folder, asked=asked(request, folder))
    (tmp_path / "one").symlink_to(folder)
    behind = KeptRun(tmp_path / "one", found.run_id)
    assert the_book(behind) == the_book(KeptRun(folder, found.run_id))


def test_a_draft_says_what_it_would_change(tmp_path: Path) -> None:
    run = KeptRun(drafted_run(tmp_path, "3-2-7b", "6-1", "3-2-8b"), "")
    told = {each["clause"]: each for each in run.manifest["drafts"]}
    for reader in (OFFICER, VIEWER):
        (book,) = clause_books(run, reader)
        found = {entry.clause.id: entry.would_change for entry in book.entries}
        assert {name for name, would in found.items() if would is not None} == set(told)
        for name, each in told.items():
            would = found[name]
            assert would is not None
            few = reader is VIEWER and 0 < each["subjects"] < 5
            assert would.flows == (None if few else each["flows"])
            assert bool(would.relations) == (reader is OFFICER and each["flows"] > 0)
            assert not few or (would.subjects, would.changes) == (0, ())
            assert reader is OFFICER or len(would.changes) <= 1
    assert any(0 < each["subjects"] < 5 for each in told.values())
