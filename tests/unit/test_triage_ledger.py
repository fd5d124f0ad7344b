"""The log of decisions: whatever is changed in it, taken out or put in is found."""

import json

import pytest

from audit.outcome import canonical
from audit.triage.ledger import EMPTY, Head, Row, log_of
from audit.triage.state import State
from tests.triaged import CAUSE, NOON, decision, ended, log, on, rows_of

ROWS = rows_of(
    decision(),
    decision(State.ACCEPTED_RISK, *on("b"), approver="王"),
    decision(State.REMEDIATING, CAUSE),
)
HEAD = ended(ROWS)


def faults(rows: list[Row], head: Head = HEAD) -> list[str]:
    return [problem.code for problem in log_of(rows, head).faults]


def test_a_log_as_it_was_written_is_sound() -> None:
    assert faults(ROWS) == []
    assert faults([], EMPTY) == []
    assert [entry.at for entry in log_of(ROWS, HEAD).entries] == [NOON] * 3


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("field", ["previous", "body", "digest"])
def test_every_character_that_is_changed_is_found(number: int, field: str) -> None:
    text = getattr(ROWS[number], field)
    for place, letter in enumerate(text):
        other = "0" if letter != "0" else "1"
        changed = ROWS[number]._replace(**{field: text[:place] + other + text[place + 1 :]})
        assert faults([*ROWS[:number], changed, *ROWS[number + 1 :]]), place


@pytest.mark.parametrize("number", range(3))
def test_every_character_that_is_taken_out_or_put_in_is_found(number: int) -> None:
    text = ROWS[number].body
    for place in range(len(text) + 1):
        for body in (text[:place] + text[place + 1 :], text[:place] + " " + text[place:]):
            changed = ROWS[number]._replace(body=body)
            assert body == text or faults([*ROWS[:number], changed, *ROWS[number + 1 :]]), place


@pytest.mark.parametrize("kept", [[], [0], [0, 1], [1, 2], [0, 2], [0, 2, 1], [0, 1, 2, 2]])
def test_entries_removed_cut_off_swapped_or_repeated_are_found(kept: list[int]) -> None:
    assert faults([ROWS[number] for number in kept])


def test_an_entry_rewritten_with_its_digest_is_found_by_the_next_and_by_the_head() -> None:
    other = rows_of(decision(State.OPEN), decision(), decision())
    assert faults([other[0], *ROWS[1:]]) == ["triage-entry-unchained"]
    assert faults([*ROWS[:2], other[2]]) == ["triage-entry-unchained", "triage-head-differs"]
    assert faults(other) == ["triage-head-differs"]


def test_a_log_written_anew_is_found_by_the_run_that_knew_the_old() -> None:
    assert log_of(ROWS, HEAD).holds(HEAD)
    assert log_of(ROWS, HEAD).holds(ended(ROWS[:2]))
    assert log_of(ROWS, HEAD).holds(EMPTY)
    other = rows_of(decision(State.OPEN), decision(), decision())
    assert not log_of(other, ended(other)).holds(ended(ROWS[:2]))
    assert not log_of(ROWS[:2], ended(ROWS[:2])).holds(HEAD)
    assert not log_of([], EMPTY).holds(HEAD)
    assert not log_of(ROWS, HEAD).holds(Head(-1, HEAD.digest))
    assert not log_of(ROWS, ended(ROWS[:2])).holds(ended(ROWS[:1])), "a broken log holds nothing"


def test_text_that_is_no_decision_is_an_entry_without_one() -> None:
    body = json.loads(ROWS[0].body)
    told = {**body["decision"], "state": "forgiven"}
    row = ROWS[0]._replace(body=canonical({**body, "decision": told}).decode())
    (entry,) = log_of([row], HEAD).entries
    assert (entry.decision, entry.lacking) == (None, "state")
    for text in ("", "[]", "{", "null", '{"at":"now","decision":{}}', "[" * 100_000):
        (entry,) = log_of([ROWS[0]._replace(body=text)], HEAD).entries
        assert (entry.decision, entry.lacking) == (None, "decision")


def test_a_log_of_many_decisions_keeps_their_order() -> None:
    told = [decision(reason=str(number)) for number in range(50)]
    assert [entry.decision for entry in log(*told).entries] == told
