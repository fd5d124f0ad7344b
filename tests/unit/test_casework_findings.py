"""Findings are filtered, sorted, paged and counted exactly, each reader seeing what they may."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.casework import findings
from audit.casework.findings import ALL, FACETS, Filter, Order, Turn
from audit.casework.indexing import NONE
from audit.casework.masking import organisations, sealed
from audit.casework.paging import Page
from audit.casework.roles import NotAllowed, Reader
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Verdict
from audit.problems import UsageRefused
from tests.judged import DAWN, NO_GROUND, Flow, Unit
from tests.kept import ADMIN, OFFICER, VIEWER, kept, several

DOUBT = Unit(Verdict.INDETERMINATE, possible=("3-2-7b",), unknown=("recipient_authorised",))
FORBIDDEN = Unit(
    Verdict.VIOLATION, ("3-2-7c",), nearest="3-2-7b", lacking=("within_recipient_scope",)
)
FLOWS = (
    *several("A", people=9),
    *several("B", people=7, recipient="PTR-2", units={"location.trace": FORBIDDEN}),
    *several("C", people=3, recipient="PTR-2", units={"health": DOUBT}, purpose="public.health"),
    *several("D", people=6, recipient="STRANGER", units={"contact.phone": DOUBT}),
    *several("E", people=1, sender="PTR-1", recipient="PTR-2", units={"health": NO_GROUND}),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept(tmp_path_factory.mktemp("runs") / "run", FLOWS)


@pytest.fixture(scope="module")
def table(run: KeptRun) -> pl.DataFrame:
    return pl.read_parquet(run.file("findings.parquet"))


def asked(run: KeptRun, reader: Reader = OFFICER, **filters: object) -> Page:
    return findings.page(run, reader, Filter(**filters))  # type: ignore[arg-type]


def names(page: Page) -> list[str]:
    return page.frame["fingerprint"].to_list()


def test_a_page_holds_the_rows_of_the_run_in_their_order(run: KeptRun, table: pl.DataFrame) -> None:
    page = findings.page(run, OFFICER)
    assert page.total == table.height
    assert page.frame.select(table.columns).equals(table)
    assert not page.frame["suppressed"].any()


def test_pages_make_up_the_table_without_a_gap(run: KeptRun, table: pl.DataFrame) -> None:
    for order in Order:
        for falling in (True, False):
            pages = [
                findings.page(run, OFFICER, ALL, Turn(number, 3, order, falling))
                for number in range(1, -(-table.height // 3) + 1)
            ]
            told = [name for page in pages for name in names(page)]
            assert sorted(told) == sorted(table["fingerprint"])
            if order is not Order.gravest:
                whole = pl.concat([page.frame for page in pages])[order.value]
                assert whole.equals(whole.sort(descending=falling, nulls_last=True))


def test_the_whole_customer_base_is_more_people_than_any_number(tmp_path: Path) -> None:
    flows = several("A", people=9)
    everybody = replace(flows[0], flow_id="B-0", subject=None, recipient="PTR-2")
    told = kept(tmp_path / "run", [*flows, everybody])
    shown = findings.page(told, OFFICER, ALL, Turn(order=Order.subjects)).frame
    assert shown.filter(pl.col("layer").is_not_null())["whole_base"].to_list() == [True, False]
    seen = findings.page(told, VIEWER, ALL, Turn(order=Order.subjects)).frame
    assert seen.filter(pl.col("layer").is_not_null())["flows"].to_list() == [1, 9]


def test_ties_keep_the_order_of_the_run(run: KeptRun, table: pl.DataFrame) -> None:
    for falling in (True, False):
        told = findings.page(run, OFFICER, ALL, Turn(order=Order.flows, falling=falling))
        expected = table.sort("flows", descending=falling, maintain_order=True)
        assert names(told) == expected["fingerprint"].to_list()


def test_a_page_beyond_the_last_is_the_last(run: KeptRun, table: pl.DataFrame) -> None:
    page = findings.page(run, OFFICER, ALL, Turn(10_000, 4))
    assert (page.number, page.pages) == (-(-table.height // 4), -(-table.height // 4))
    assert names(page)[-1] == table["fingerprint"][-1]
    assert findings.page(run, OFFICER, ALL, Turn(-3, 4)).number == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"verdicts": ("indeterminate",)}, pl.col("verdict") == "indeterminate"),
        ({"verdicts": (NONE,)}, pl.col("verdict").is_null()),
        ({"layers": (NONE, "contract")}, pl.lit(True)),
        ({"layers": (NONE,)}, pl.col("layer").is_null()),
        ({"clauses": ("3-2-7c", "3-2-7b")}, pl.col("clause").is_in(["3-2-7c", "3-2-7b"])),
        (
            {"parties": ("PTR-1",)},
            (pl.col("sender") == "PTR-1") | (pl.col("recipient") == "PTR-1"),
        ),
        ({"parties": ("NOBODY",)}, pl.lit(False)),
        ({"categories": ("health", "nothing")}, pl.col("categories").list.contains("health")),
        ({"severities": ("high", "low")}, pl.col("severity").is_in(["high", "low"])),
        ({"purposes": ("public.health",)}, pl.col("purpose") == "public.health"),
        ({"causes": ("consented",)}, pl.col("cause_code") == "consented"),
        (
            {"verdicts": ("violation",), "parties": ("PTR-2",)},
            (pl.col("verdict") == "violation")
            & ((pl.col("sender") == "PTR-2") | (pl.col("recipient") == "PTR-2")),
        ),
    ],
)
def test_a_filter_finds_exactly_what_it_asks(
    run: KeptRun, table: pl.DataFrame, filters: dict[str, Any], expected: pl.Expr
) -> None:
    assert names(asked(run, **filters)) == table.filter(expected)["fingerprint"].to_list()


def test_a_role_is_that_of_the_recipient(run: KeptRun, table: pl.DataFrame) -> None:
    partners = table.filter(pl.col("recipient").is_in(["PTR-1", "PTR-2"]))
    assert names(asked(run, roles=("authorized_partner",))) == partners["fingerprint"].to_list()
    strange = asked(run, roles=(NONE,)).frame
    assert set(strange["recipient"]) >= {"STRANGER"}
    assert strange["recipient_role"].null_count() == strange.height


def test_a_finding_is_in_every_period_that_it_touches(run: KeptRun, table: pl.DataFrame) -> None:
    for days in range(12):
        since = DAWN + timedelta(days=days)
        late = table.filter(pl.col("last_seen") >= since)["fingerprint"].to_list()
        assert names(asked(run, since=since)) == late
        early = table.filter(pl.col("first_seen") < since)["fingerprint"].to_list()
        assert names(asked(run, until=since)) == early


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stranger", pl.col("recipient") == "STRANGER"),
        ("  partner ptr-2", pl.col("recipient") == "PTR-2"),
        ("3-2-7C", pl.col("clause") == "3-2-7c"),
        ("行踪轨迹", pl.col("categories").list.contains("location.trace")),
        ("location TRACE", pl.col("categories").list.contains("location.trace")),
        ("public.heal", pl.col("purpose") == "public.health"),
        ("%", pl.lit(False)),
        (".*", pl.lit(False)),
    ],
)
def test_text_is_looked_up_in_names_codes_and_words(
    run: KeptRun, table: pl.DataFrame, text: str, expected: pl.Expr
) -> None:
    assert names(asked(run, text=text)) == table.filter(expected)["fingerprint"].to_list()


def test_a_fingerprint_is_found_by_its_beginning(run: KeptRun, table: pl.DataFrame) -> None:
    name = table["fingerprint"][2]
    assert names(asked(run, text=name[:16])) == [name]


def test_facets_count_each_under_the_other_fields(run: KeptRun, table: pl.DataFrame) -> None:
    told = findings.facets(run, OFFICER, Filter(verdicts=("violation",), parties=("PTR-2",)))
    assert (
        set(told)
        == set(FACETS)
        == {each.name for each in fields(Filter)}
        - {
            "since",
            "until",
            "text",
            "stand",
        }
    )
    party = (pl.col("sender") == "PTR-2") | (pl.col("recipient") == "PTR-2")
    of_party = table.filter(party)["verdict"].fill_null(NONE).value_counts()
    assert dict(told["verdicts"].iter_rows()) == dict(of_party.iter_rows())
    violations = table.filter(pl.col("verdict") == "violation")
    parties: dict[str, int] = {}
    for sender, recipient in violations.select("sender", "recipient").iter_rows():
        for each in {sender, recipient}:
            parties[each] = parties.get(each, 0) + 1
    assert dict(told["parties"].iter_rows()) == parties
    both = violations.filter(party)["categories"].explode().value_counts()
    assert dict(told["categories"].iter_rows()) == dict(both.iter_rows())


def test_what_a_facet_counts_is_what_its_code_finds(run: KeptRun) -> None:
    for field, counts in findings.facets(run, OFFICER).items():
        for code, count in counts.iter_rows():
            filters: dict[str, Any] = {field: (code,)}
            assert asked(run, **filters).total == count


def test_one_finding_is_told_whole(run: KeptRun, table: pl.DataFrame) -> None:
    row = table.row(1, named=True)
    told = findings.finding(run, OFFICER, row["fingerprint"])
    assert {name: told[name] for name in row} == row


def test_a_finding_that_is_not_there_is_refused(run: KeptRun) -> None:
    with pytest.raises(UsageRefused):
        findings.finding(run, ADMIN, "0" * 64)


def test_the_page_on_which_a_finding_stands(run: KeptRun, table: pl.DataFrame) -> None:
    for place, name in enumerate(table["fingerprint"]):
        assert findings.page_of(run, OFFICER, name, ALL, Turn(size=2)) == place // 2 + 1
    outside = table.filter(pl.col("verdict") != "violation")["fingerprint"][0]
    assert findings.page_of(run, OFFICER, outside, Filter(verdicts=("violation",))) is None


def test_single_findings_are_for_officers(run: KeptRun, table: pl.DataFrame) -> None:
    for ask in (findings.finding, findings.page_of):
        with pytest.raises(NotAllowed):
            ask(run, VIEWER, table["fingerprint"][0])


def told_names(run: KeptRun, table: pl.DataFrame) -> dict[str, str]:
    """What a viewer is told instead of each fingerprint: another where an end may be a person."""
    ends = pl.col("sender", "recipient").is_in(list(organisations(run))).fill_null(True)
    people = table.select(~pl.all_horizontal(ends)).to_series()
    names = table["fingerprint"]
    return dict(zip(names, sealed(run, names, people), strict=True))


def test_a_viewer_sees_no_flow_and_no_count_of_few_people(
    run: KeptRun, table: pl.DataFrame
) -> None:
    for order in Order:
        shown = findings.page(run, VIEWER, ALL, Turn(order=order)).frame
        told = told_names(run, table)
        assert sorted(shown["fingerprint"]) == sorted(told.values())
        assert not shown["examples"].explode().drop_nulls().len()
        few = table.filter((pl.col("subjects") > 0) & (pl.col("subjects") < 5))["fingerprint"]
        hidden = shown.filter(pl.col("suppressed"))
        assert {told[each] for each in few} <= set(hidden["fingerprint"])
        counts = ["flows", "subjects", "records", "first_seen", "last_seen"]
        assert hidden.select(counts).null_count().row(0) == (hidden.height,) * len(counts)


def test_what_is_hidden_of_a_sum_is_never_a_single_row(run: KeptRun) -> None:
    marks = findings.page(run, VIEWER).frame.select("fingerprint", hidden="suppressed")
    told = findings.page(run, OFFICER).frame.join(marks, on="fingerprint", validate="1:1")
    groups = told.filter(pl.col("subjects") > 0).partition_by("recipient_role", "layer", "verdict")
    assert any(group["hidden"].any() and not group["hidden"].all() for group in groups)
    for group in groups:
        assert group["hidden"].all() or group["hidden"].sum() != 1


def test_where_a_hidden_finding_stands_tells_nothing(tmp_path: Path) -> None:
    """Two runs that differ only in what is hidden put their findings in the same order."""
    shown = [*several("A", people=9), *several("D", people=8, sender="PTR-2")]
    small = [
        several("B", people=1, start=90, recipient="PTR-2", records=records) for records in (1, 40)
    ]
    runs = [kept(tmp_path / f"{n}", [*shown, *few]) for n, few in enumerate(small)]
    told = [names(findings.page(run, OFFICER)) for run in runs]
    assert told[0] != told[1]
    for order in Order:
        for falling in (True, False):
            turn = Turn(1, 50, order, falling)
            pages = [findings.page(run, VIEWER, ALL, turn) for run in runs]
            assert pages[0].frame.equals(pages[1].frame)


def test_a_viewer_cannot_ask_when_a_hidden_finding_was_seen(run: KeptRun) -> None:
    hidden = findings.page(run, VIEWER).frame.filter(pl.col("suppressed"))["fingerprint"]
    early = asked(run, VIEWER, until=DAWN + timedelta(days=1000))
    assert not set(hidden) & set(names(early))


def test_no_findings_are_a_page_as_well(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1", recipient="PTR-1"), Flow("F2", recipient="PTR-2")])
    for reader in (OFFICER, VIEWER):
        page = findings.page(run, reader, Filter(verdicts=("violation",)))
        assert (page.total, page.number, page.pages, page.frame.height) == (0, 1, 1, 0)
        assert findings.facets(run, reader)["verdicts"].columns == ["code", "findings"]
