"""The duties of a kept run: counts for everybody, single ones for officers, nothing let through."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from audit.casework.desk import Desk
from audit.casework.dossier import dossier
from audit.casework.dutybook import DutyFilter
from audit.casework.findings import Filter, Turn
from audit.casework.flows import FlowFilter
from audit.casework.journal import key_of
from audit.casework.workspace import KeptRun, opened
from audit.problems import UsageRefused
from audit.records.pseudonyms import KEY_FILE, pseudonym
from audit.wording import Language
from tests.dutiful import AS_OF, Case, kept, kept_without
from tests.example_run import OFFICER, VIEWER

STATES = ["breached", "undetermined", "fulfilment_unknown", "pending", "not_due", "fulfilled"]


def people(state: str, count: int, first: int = 1, duty: str = "correct") -> list[Case]:
    """So many people to whom this duty is in this state."""
    told = Case(duty, state=state)
    numbers = range(first, first + count)
    return [
        replace(told, event_id=f"{duty}-{state}-{n}", subject=f"S-{n:04}", day=n) for n in numbers
    ]


CASES = [
    *people("fulfilled", 9),
    *people("breached", 7, 20),
    *people("undetermined", 2, 30),
    *people("breached", 6, 1, "tell-first"),
    *people("undetermined", 6, 10, "tell-first"),
    Case("assess", subject=None, event_id="F-0301", party="PTR-CALL", flows=12),
    Case("assess", "fulfilled", "F-0501", None, "KIN-0021", done_by="evidence:EV-9"),
    Case("tell-first", "fulfilled", "F-0703", "S-0020", done_by="flow:F-0710"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept(tmp_path_factory.mktemp("runs"), CASES)


def counts(frame: pl.DataFrame, *key: str) -> dict[tuple[str, ...], int | None]:
    return {row[:-1]: row[-1] for row in frame.select(*key, "duties").rows()}


def shown(run: KeptRun, asked: DutyFilter) -> Iterable[str]:
    return Desk(run, OFFICER).duties(asked, size=1000).frame["event_id"].to_list()


def test_everybody_reads_how_many_are_in_which_state(run: KeptRun) -> None:
    book = Desk(run, OFFICER).dutybook()
    assert (book.imposed, book.as_of, book.calendar_lacking) == (True, AS_OF, ())
    assert book.states["state"].to_list() == STATES
    assert book.states["duties"].to_list() == [14, 8, 0, 0, 0, 11]
    assert counts(book.counts, "duty", "state")["tell-first", "undetermined"] == 6


def test_a_viewer_is_not_told_of_few_people_nor_what_would_tell_of_them(run: KeptRun) -> None:
    book = Desk(run, VIEWER).dutybook()
    cells = counts(book.counts, "duty", "state")
    assert cells["correct", "undetermined"] is None
    assert cells["tell-first", "fulfilled"] is None
    assert cells["assess", "breached"] == 1  # towards nobody by name
    states = counts(book.states, "state")
    for state in ("undetermined", "fulfilled"):
        hidden = [count for key, count in cells.items() if key[-1] == state]
        assert hidden.count(None) > 1 or states[(state,)] is None


def test_a_viewer_cannot_subtract_a_party_of_many_from_the_duty(run: KeptRun) -> None:
    """How many a duty befell in all is told; so of its findings all or none is counted."""
    page = Desk(run, VIEWER).page(Filter(clauses=("correct",)), Turn(size=100)).frame
    assert page.height == 2
    assert page["subjects"].to_list() == [None, None]
    assert page["first_seen"].null_count() == 2
    assert page["examples"].explode().drop_nulls().is_empty()


def test_a_viewer_is_not_told_which_person_a_duty_was_owed_towards(tmp_path: Path) -> None:
    cases = [replace(each, party="KIN-0021") for each in people("breached", 9)]
    run = kept(tmp_path / "runs", cases)
    for reader, told in ((OFFICER, True), (VIEWER, False)):
        page = Desk(run, reader).page(Filter(clauses=("correct",))).frame
        assert page.height == 1
        assert page["subjects"].to_list() == [9]
        assert ("KIN-0021" in str(page.to_dicts())) == told
        assert "KIN-0021" not in str(Desk(run, VIEWER).dutybook())


def test_a_duty_is_told_in_words(run: KeptRun) -> None:
    told = Desk(run, VIEWER).dutybook().told("statute", "correct", Language.zh)
    assert told is not None
    assert told.arises == (
        "「欠费凭证」凭证终了，而此前已有这样的流转：接收方角色：征信机构（credit_bureau）；对每一接收方各为一项"
    )
    assert told.due.startswith("20 日之内：当日不算")
    assert told.fulfilled == "向该方的一条流转：目的：征信更正/异议处理（credit.correct）"
    assert Desk(run, VIEWER).dutybook().told("statute", "no-such", Language.zh) is None


def test_officers_read_each_one_the_gravest_and_earliest_first(run: KeptRun) -> None:
    page = Desk(run, OFFICER).duties(size=1000)
    assert page.total == len(CASES)
    ranks = [STATES.index(state) for state in page.frame["state"]]
    assert ranks == sorted(ranks)
    due = page.frame.filter(pl.col("state") == "breached")["due"]
    assert due.is_sorted()


def test_pages_follow_each_other(run: KeptRun) -> None:
    desk = Desk(run, OFFICER)
    parts = [desk.duties(number=number, size=10).frame for number in (1, 2, 3, 4)]
    assert pl.concat(parts).equals(desk.duties(size=1000).frame)


def test_a_filter_asks_by_duty_state_party_and_person(run: KeptRun) -> None:
    assert len(list(shown(run, DutyFilter(duties=("tell-first",))))) == 13
    assert len(list(shown(run, DutyFilter(states=("fulfilled",))))) == 11
    assert list(shown(run, DutyFilter(parties=("PTR-CALL",)))) == ["F-0301"]
    mine = pseudonym(key_of(run), "S-0020")
    assert set(shown(run, DutyFilter(subject=mine))) == {"correct-breached-20", "F-0703"}
    assert shown(run, DutyFilter(duties=("no-such",))) == []


def test_one_is_found_by_what_a_link_calls_it(run: KeptRun) -> None:
    desk = Desk(run, OFFICER)
    row = desk.duty("statute|correct|correct-breached-20|BUR-CREDIT")
    assert (row["state"], row["subject"]) == ("breached", pseudonym(key_of(run), "S-0020"))
    with pytest.raises(UsageRefused):
        desk.duty("statute|correct|nothing|BUR-CREDIT")


def test_a_flow_knows_what_it_raised_and_what_it_fulfilled(run: KeptRun) -> None:
    desk = Desk(run, OFFICER)
    assert desk.duties_of("F-0703")["duty"].to_list() == ["tell-first"]
    assert desk.duties_of("F-0710")["event_id"].to_list() == ["F-0703"]
    assert desk.duties_of("F-0101").is_empty()


def test_the_parties_are_those_of_most_duties_first(run: KeptRun) -> None:
    assert Desk(run, OFFICER).parties_of_duties() == ("BUR-CREDIT", "KIN-0021", "PTR-CALL")


def test_a_person_has_their_own_duties_in_their_dossier(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0020").duties
    assert told is not None
    assert set(told["event_id"]) == {"correct-breached-20", "F-0703"}
    nobody = dossier(run, OFFICER, "S-0040").duties
    assert nobody is not None
    assert nobody.is_empty()


def test_under_another_key_nobody_is_told_to_have_no_duties(tmp_path: Path) -> None:
    run = kept(tmp_path / "runs", CASES)
    (tmp_path / "runs" / KEY_FILE).unlink()
    assert dossier(run, OFFICER, "S-0020").duties is None


def test_a_finding_of_a_duty_explains_no_flow(run: KeptRun) -> None:
    desk = Desk(run, OFFICER)
    finding = desk.page(Filter(clauses=("tell-first",))).frame.row(0, named=True)
    assert finding["flows"] == 6
    assert desk.flows(FlowFilter(fingerprint=finding["fingerprint"])).total == 0


def test_a_run_whose_packs_impose_nothing_says_so(tmp_path: Path) -> None:
    run = kept_without(tmp_path / "runs")
    book = Desk(run, OFFICER).dutybook()
    assert (book.imposed, book.as_of) == (False, None)
    assert book.counts.is_empty()
    assert Desk(run, OFFICER).duties().total == 0


def test_a_pack_that_changed_is_said_and_the_counts_still_stand(tmp_path: Path) -> None:
    run = kept(tmp_path / "runs", CASES)
    pack = tmp_path / "runs-packs" / "dutiful.toml"
    pack.write_text(pack.read_text().replace("twenty days", "thirty days"))
    book = Desk(opened(run.folder), OFFICER).dutybook()
    assert book.problems
    assert book.told("statute", "correct", Language.en) is None
    assert book.states["duties"].sum() == len(CASES)
