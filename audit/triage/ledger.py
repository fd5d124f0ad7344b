"""The log of decisions: every entry holds the digest of the one before, and the last is the head.

Pure: texts in, a log out, with the first place at which it is no longer as it was written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from audit.outcome import canonical
from audit.problems import Problem
from audit.triage.decision import Decision, Malformed, as_json, decision_of

_KEPT = 1 << 15  # entries, some 3 KB each
FIRST = "0" * 64  # what stands before the first entry


class Row(NamedTuple):
    """An entry as a store keeps it."""

    sequence: int
    previous: str
    body: str
    digest: str


class Head(NamedTuple):
    """How many entries there are, and the digest of the last."""

    entries: int
    digest: str


EMPTY = Head(0, FIRST)


@dataclass(frozen=True)
class Entry:
    """One entry: when it was written, and what was decided.

    told: the decision's text, parsed. decision: None where that is no decision; `lacking` then
    names the field.
    """

    sequence: int
    at: datetime | None
    told: Mapping[str, Any] = field(hash=False)
    decision: Decision | None
    lacking: str | None = None


@dataclass(frozen=True)
class Log:
    """The entries in order, the head, and what is wrong with them; a sound log has no faults."""

    entries: tuple[Entry, ...] = ()
    head: Head = EMPTY
    faults: tuple[Problem, ...] = ()
    digests: tuple[str, ...] = field(default=(), repr=False)

    def holds(self, head: Head) -> bool:
        """Whether the log once ended so, and has only grown since."""
        if self.faults:
            return False
        return head == EMPTY or self.digests[head.entries - 1 : head.entries] == (head.digest,)


def row_of(decision: Decision, head: Head, at: datetime) -> Row:
    """The entry that follows this head; `at` is told to the second, in UTC."""
    told = at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    body = {
        "sequence": head.entries + 1,
        "previous": head.digest,
        "at": told,
        "decision": as_json(decision),
    }
    text = canonical(body).decode()
    return Row(head.entries + 1, head.digest, text, _digest(text))


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode(errors="surrogatepass")).hexdigest()


def log_of(rows: Sequence[Row], head: Head) -> Log:
    """The log that these rows are; every fault is told with the number of its entry."""
    entries = tuple(_read(row)[0] for row in rows)
    faults = (*_chain_faults(rows), *_head_faults(rows, head))
    return Log(entries, head, faults, tuple(row.digest for row in rows))


def _chain_faults(rows: Iterable[Row]) -> Iterator[Problem]:
    """Where an entry was changed, or does not follow the one before it."""
    before = EMPTY
    for row in rows:
        if row.sequence != before.entries + 1:
            facts = {"entry": before.entries + 1, "found": row.sequence}
            yield Problem("triage-entry-missing", facts)
        elif row.previous != before.digest:
            yield Problem("triage-entry-unchained", {"entry": row.sequence})
        if _read(row)[1]:
            yield Problem("triage-entry-altered", {"entry": row.sequence})
        before = Head(row.sequence, row.digest)


@lru_cache(maxsize=_KEPT)
def _read(row: Row) -> tuple[Entry, bool]:
    """What a row says, and whether it was altered; the same row is read once a process."""
    try:
        body = json.loads(row.body)
    except (ValueError, RecursionError):
        return Entry(row.sequence, None, {}, None, "decision"), True
    return _entry(row.sequence, body), _altered(row, body)


def _altered(row: Row, body: Any) -> bool:  # noqa: ANN401 (whatever JSON can hold)
    """Whether the text is another one than the digest was made of, or says another place."""
    try:
        placed = (body["sequence"], body["previous"]) == (row.sequence, row.previous)
        same = canonical(body).decode() == row.body
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
    return _digest(row.body) != row.digest or not placed or not same


def _head_faults(rows: Sequence[Row], head: Head) -> Iterator[Problem]:
    """Where the log ends elsewhere than its head says: entries were cut off, or put on."""
    last = Head(rows[-1].sequence, rows[-1].digest) if rows else EMPTY
    if last != head:
        yield Problem("triage-head-differs", {"entries": head.entries, "found": last.entries})


def _entry(sequence: int, body: Any) -> Entry:  # noqa: ANN401 (whatever JSON can hold)
    """What the text says, as far as it can be understood."""
    try:
        told = body["decision"]
        at = datetime.fromisoformat(str(body["at"]))
    except (ValueError, KeyError, TypeError):
        return Entry(sequence, None, {}, None, "decision")
    if at.tzinfo is None or not isinstance(told, dict):
        return Entry(sequence, None, {}, None, "decision")
    try:
        return Entry(sequence, at, told, decision_of(told))
    except Malformed as fault:
        return Entry(sequence, at, told, None, str(fault))
