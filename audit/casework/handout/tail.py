"""The tail of withdrawals as a document, and in short for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.casework.handout.columns import named, section
from audit.casework.handout.document import Document
from audit.casework.handout.facts import run_facts
from audit.evaluation.duties import DutyState
from audit.vocabulary import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.casework.handout.columns import Columns, Row
    from audit.casework.handout.words import Words

_DAY = 10
_OVERDUE, _PENDING = DutyState.BREACHED.value, DutyState.PENDING.value


def tail_told(tail: pl.DataFrame, words: Words, *, notices: bool) -> Document:
    """Who still holds what, since when, and which notices are open, in words."""
    return Document(
        name=f"withdrawn-{words.about.run.run_id[:12]}",
        title=words.say("subject-tail-title"),
        language=words.language,
        facts=tuple(_facts(tail, words)),
        notes=(words.say("subject-tail-note"), *_without_notices(words, notices=notices)),
        sections=(section(words, "tail", tail, tail_columns(words), _mark),),
    )


def _facts(tail: pl.DataFrame, words: Words) -> Iterator[tuple[str, str]]:
    yield words.say("subject-fact-counts"), tail_counted(tail, words)
    yield from run_facts(words)
    if words.about.last:
        yield words.say("subject-fact-last"), str(words.minute(words.about.last))


def _without_notices(words: Words, *, notices: bool) -> Iterator[str]:
    """Why there is no telling of notices, where there is none."""
    if not notices:
        yield words.say("subject-tail-other-key")
    elif not imposes_stop_notices(words):
        yield words.say("subject-tail-no-notices")


def imposes_stop_notices(words: Words) -> bool:
    """Whether a pack of the run asks for a notice after a withdrawal; yes where it is not known."""
    duties = words.about.book.duties.values()
    known = not words.about.book.problems
    return not known or any(each.arises.event == "withdrawal" for each in duties)


def tail_counted(tail: pl.DataFrame, words: Words) -> str:
    """How many persons, parties and notices."""
    held = tail.filter(pl.col("flows").is_not_null())
    states = tail["state"].drop_nulls().to_list()
    flowing = held.filter(pl.col("flows_after") > 0).select("subject", "consent_id", "party")
    unknown = len(states) - states.count(_OVERDUE) - states.count(_PENDING)
    return words.say(
        "subject-tail-counts",
        people=f"{tail['subject'].n_unique():,}",
        holders=f"{held['party'].n_unique():,}",
        flowing=f"{flowing.unique().height:,}",
        breached=f"{states.count(_OVERDUE):,}",
        pending=f"{states.count(_PENDING):,}",
        unknown=f"{unknown:,}",
    )


def _mark(row: Row) -> str:
    if row["state"] == _OVERDUE or row["flows_after"]:
        return "bad"
    return "doubt" if row["state"] else ""


def tail_columns(words: Words) -> Columns:
    """The columns of the tail."""
    return {
        "person": lambda row: row["subject"],
        "consent_id": lambda row: row["consent_id"],
        "withdrawn_at": lambda row: words.minute(row["withdrawn_at"]),
        "party": lambda row: named(words, row) if row["party"] else None,
        "holds": lambda row: holds_told(words, row),
        "categories": lambda row: words.words(Listing.categories, row["categories"] or ()),
        "flows_after": lambda row: row["flows_after"],
        "notice": lambda row: notice_told(words, row),
        "due": lambda row: words.minute(row["due"]),
    }


def holds_told(words: Words, row: Row) -> str:
    """What a party holds under the consent, and since when."""
    if row["flows"] is None:
        return words.say("subject-tail-not-held")
    last = str(words.minute(row["last_received"]))[:_DAY]
    return words.say("subject-tail-holds", flows=f"{row['flows']:,}", last=last)


def notice_told(words: Words, row: Row) -> str:
    """The stop notice that is owed, and what became of it."""
    if row["state"] is None:
        return words.say("subject-tail-no-notice")
    clause = words.clause(row["layer"], row["duty"])
    return f"{words.say('duty-state-' + row['state'])} · {clause}"
