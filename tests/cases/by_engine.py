"""Cases judged by the engine: side by side in one export where they cannot touch, else alone.

A run takes as long for one flow as for a thousand. Cases whose rows can speak of no flow but their
own share an export, every id of theirs marked with the number of the case. A case stays alone when
its flow is one of the whole base, or when a row of it may concern every flow: it names no subject,
and is not of a kind that counts for the flow that cites it only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from tests.cases import by_reference
from tests.cases.casefile import FLOW_ID, Book, Case, Tables, all_cases
from tests.engine import Said, judged
from tests.exporting import Packs

ROLES = by_reference.VOCABULARY["roles"]
COMMON = {"", "*", "CUSTOMER", *ROLES}  # they mean the same in every case
IDS = {
    "flows": ("flow_id", "subject_id", "sender", "recipient", "evidence_id"),
    "parties": ("party_id",),
    "consents": ("consent_id", "subject_id", "recipient"),
    "evidence": ("evidence_id", "subject_id", "issued_by", "reference"),
}


def verdict(case: Case) -> Said:
    """What the engine says of a case."""
    if not _is_sociable(case):
        packs = [by_reference.pack(case.book)]
        return judged(case.tables, packs, complete=case.complete, timezone=case.timezone)[FLOW_ID]
    return _side_by_side(case.book, case.complete, case.timezone)[case]


def _is_sociable(case: Case) -> bool:
    rows = [row for table in ("consents", "evidence") for row in case.tables[table]]
    named = all(row.get("subject_id") or row["kind"] in _cited_only(case.book) for row in rows)
    return named and case.situation["flow"]["subject_id"] != "*"


@cache
def _cited_only(book: Book) -> frozenset[str]:
    """The kinds that may name no subject, and then count for the flow that cites them only."""
    declared = by_reference.pack(book).get("evidence_kind", ())
    kinds = [*by_reference.VOCABULARY["evidence_kinds"].values(), *declared]
    return frozenset(kind["code"] for kind in kinds if kind.get("subject_optional"))


@cache
def _side_by_side(book: Book, complete: frozenset[str], timezone: str) -> dict[Case, Said]:
    """What it says of every sociable case whose run is given the same."""
    cases = filter(_is_sociable, all_cases(book))
    alike = [case for case in cases if (case.complete, case.timezone) == (complete, timezone)]
    return together(alike, [by_reference.pack(book)])


def together(cases: Sequence[Case], packs: Packs) -> dict[Case, Said]:
    """What the engine says of sociable cases whose run is given the same, all in one export."""
    marked = {f"{number:04}": case for number, case in enumerate(cases)}
    tables = _joined(_marked(case.tables, mark) for mark, case in marked.items())
    said = judged(tables, packs, complete=cases[0].complete, timezone=cases[0].timezone)
    return {case: _unmarked(said[_mark(FLOW_ID, mark)], mark) for mark, case in marked.items()}


def _joined(exports: Iterable[Tables]) -> Tables:
    joined: Tables = {table: [] for table in IDS}
    for tables in exports:
        for table, rows in tables.items():
            joined[table] += rows
    return joined


def _marked(tables: Tables, mark: str) -> Tables:
    return {
        table: [
            {
                column: _mark(cell, mark) if column in IDS[table] else cell
                for column, cell in row.items()
            }
            for row in rows
        ]
        for table, rows in tables.items()
    }


def _mark(own_id: str, mark: str) -> str:
    return own_id if own_id in COMMON else f"{mark}/{own_id}"


def _unmarked(said: Said, mark: str) -> Said:
    consents = tuple(own_id.removeprefix(f"{mark}/") for own_id in said.consents)
    inferred = said.inferred and said.inferred.removeprefix(f"{mark}/")
    return replace(said, consents=consents, inferred=inferred)
