"""Who withdrew while somebody still holds their data, which notices are open; the gravest first."""

from pathlib import Path

import polars as pl
import pytest

from audit.casework.gathered import Source, source_of
from audit.casework.handout.tail import tail_told
from audit.casework.handout.words import Words, about
from audit.casework.journal import key_of
from audit.casework.withdrawal import withdrawn_tail
from audit.records.pseudonyms import pseudonym
from audit.wording import Language
from tests.example_run import kept_run, own_copy

BOTH = ("telecom_agreement", "cn_statute")
HOLDS = ("categories", "last_received", "flows", "flows_after")
KEY = ("subject", "consent_id", "party")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return source_of(kept_run(tmp_path_factory.mktemp("runs"), packs=BOTH))


def by_name(source: Source, *rows: tuple[str, str, str]) -> set[tuple[str, ...]]:
    """The rows as a tail keys them."""
    return {(pseudonym(key_of(source.run), subject), *rest) for subject, *rest in rows}


def test_the_tail_of_the_example_is_the_one_that_was_found_by_hand(source: Source) -> None:
    """S-0042 withdrew the interview, one second after it went to the paper, which never deleted it.

    S-0004 ended the agreement after AGENT-HE had got two flows; the carrier deleted in April.
    S-0035 ended it, too: the carrier deleted in September and stored again a day later. Of the
    others who withdrew nobody had got anything before.
    """
    tail = withdrawn_tail(source)
    assert set(tail.select(KEY).iter_rows()) == by_name(
        source,
        ("S-0042", "C-0122", "MEDIA-JB"),
        ("S-0004", "B-0004", masked(source, "AGENT-HE")),
        ("S-0035", "B-0035", "CARRIER"),
    )


def masked(source: Source, party: str) -> str:
    """What stands for an agent, who is a person."""
    return f"agent-{pseudonym(key_of(source.run), party)[:12]}"


def test_it_says_since_when_what_and_which_notice_is_open(source: Source) -> None:
    rows = {row["consent_id"]: row for row in withdrawn_tail(source).to_dicts()}
    media, agent, carrier = (rows[each] for each in ("C-0122", "B-0004", "B-0035"))
    assert (media["layer"], media["duty"], media["state"]) == (
        *("statute", "pipl-15d", "fulfilment_unknown"),
    )
    assert media["due"].isoformat() == "2025-04-07T16:00:00+00:00"
    assert media["withdrawn_at"].isoformat() == "2025-03-20T04:00:00+00:00"
    assert (media["flows"], media["flows_after"], media["categories"]) == (1, 1, ["identity.name"])
    assert (agent["flows"], agent["flows_after"], agent["duty"]) == (2, 0, None)
    assert (carrier["flows"], carrier["flows_after"]) == (1, 9)


def test_overdue_comes_first_then_what_flowed_on(source: Source) -> None:
    tail = withdrawn_tail(source)
    told = tail.select(
        breached=(pl.col("state") == "breached").fill_null(value=False),
        after=pl.col("flows_after").fill_null(0),
    )
    assert told.rows() == sorted(told.rows(), reverse=True)


def test_people_are_named_only_where_that_was_asked(source: Source) -> None:
    tail = withdrawn_tail(source, reveal=True)
    assert {"S-0042", "S-0004", "S-0035"} == set(tail["subject"])
    assert "AGENT-HE" in set(tail["party"])
    assert "S-0042" not in withdrawn_tail(source).write_json()


@pytest.fixture
def deleted(tmp_path: Path) -> Source:
    """The example, in which the paper deleted in September what it got before the withdrawal."""
    export = own_copy(tmp_path / "export")
    with (export / "flows.csv").open("a", encoding="utf-8") as file:
        file.write(
            "F-D,2025-09-30T12:00:00+08:00,S-0042,MEDIA-JB,MEDIA-JB,identity.name,"
            "legal.obligation,delete,consent,,email,1\n"
        )
    return source_of(kept_run(tmp_path / "runs", export, BOTH))


def test_who_deleted_holds_nothing_and_a_notice_that_came_late_is_not_open(
    deleted: Source,
) -> None:
    """To delete is one way of fulfilling the duty; it was late, and there is nothing left to do."""
    assert "C-0122" not in set(withdrawn_tail(deleted)["consent_id"])


def test_an_open_notice_is_told_where_nobody_is_known_to_hold_anything(source: Source) -> None:
    """The delivery of the interview is on record nowhere; the duty to tell the paper stands."""
    tail = withdrawn_tail(source).filter(pl.col("consent_id") == "C-0122")
    unknown = tail.with_columns(pl.lit(None, tail.schema[name]).alias(name) for name in HOLDS)
    told = tail_told(unknown, Words(about(source), Language.en), notices=True)
    assert "no record that it holds data" in told.sections[0].rows[0]
    assert "stop notices breached: 0, pending: 0, unknown: 1" in told.facts[0][1]


def test_without_a_pack_of_notices_it_says_so(tmp_path: Path) -> None:
    plain = source_of(kept_run(tmp_path / "runs"))
    document = tail_told(withdrawn_tail(plain), Words(about(plain), Language.en), notices=True)
    assert any("No pack of this audit imposes stop notices" in note for note in document.notes)
    assert document.sections[0].rows
