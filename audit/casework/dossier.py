"""Everything a run has about one person, for a data subject's request; other people stay masked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.gathered import WHOSE, Gathered, gathered, source_of
from audit.casework.naming import named, spelled_as_pseudonym
from audit.casework.roles import Role
from audit.casework.withholding import withheld
from audit.problems import Problem, UsageRefused
from audit.records.pseudonyms import pseudonym
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from audit.casework.gathered import Source
    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun

_AT_ONCE = 5_000  # people of one pass
_WHOSE_STAYS = {"flows", "duties"}  # a page of them has the column on every screen
_FRAMES = tuple(each.name for each in fields(Gathered) if each.name != "people")


@dataclass(frozen=True)
class Dossier:
    """One person under their pseudonym; every frame is about them alone.

    flows: in the order of time, as a page of flows.
    parties: who got the data: party, name, role, flows, categories, purposes, first_received,
        last_received and a column per verdict.
    consents: consent_id, document, version, recipient, purposes, data_categories, kind, effect,
        given_at, withdrawn_at, expires_at, state (coming, given, withdrawn, expired) at the last
        flow of the run, carried (how many flows rested on it).
    history: what became of the consents, in the order of time: at, event (given, withdrawn,
        expired), consent_id.
    evidence: evidence_id, kind, of (self, nobody, other), issued_by, valid_from, valid_until,
        amount, reference, cited (by how many flows), inferred (for how many flows). What another
        person's row says beyond its kind and dates is null.
    findings: the open questions about these flows, gravest first: rows of the run's findings with
        own_flows, how many of them are this person's.
    holders: who still holds data after the consent that let it in had ended: party, name, role,
        consent_id, ended_at, how (withdrawn, expired), categories, last_received (before the end),
        flows (before the end), flows_after. Who told to have deleted it since is not among them.
    duties: what is owed to this person, as a page of duties; None where the run gave pseudonyms
        under another key than lies beside it now, so that nobody knows which are theirs.
    revealed: the person's own id, only in what is handed over and where that was asked.
    """

    subject: str
    flows: pl.DataFrame
    parties: pl.DataFrame
    consents: pl.DataFrame
    history: pl.DataFrame
    evidence: pl.DataFrame
    findings: pl.DataFrame
    holders: pl.DataFrame
    duties: pl.DataFrame | None
    revealed: str | None = field(default=None, repr=False)


def dossier(run: KeptRun, reader: Reader, subject: str) -> Dossier:
    """The dossier of the person with this id or pseudonym.

    Raises NotAllowed for a viewer, UsageRefused where the run knows no such person, and what
    `journal_of` raises where the export is gone or changed.
    """
    reader.needs(Role.officer)
    refuse_everybody(subject)
    source = source_of(run)
    people = known(source, [subject])
    if people.is_empty():
        raise UsageRefused(Problem("subject-unknown"))
    (told,) = _dossiers(gathered(source, people.drop("asked")), reveal=False)
    return told


def handed_over(source: Source, people: pl.DataFrame, *, reveal: bool = False) -> Iterator[Dossier]:
    """The dossiers of these people, fit to leave the house: other people are not told in them.

    people: subject_id, subject, once each. `reveal`: they are called by their own ids.
    """
    for part in people.select("subject_id", WHOSE).iter_slices(_AT_ONCE):
        yield from _dossiers(withheld(source, gathered(source, part), reveal=reveal), reveal=reveal)


def refuse_everybody(subject: str) -> None:
    """Raises UsageRefused for the whole customer base, which is no person."""
    if subject == WHOLE_BASE:
        raise UsageRefused(Problem("subject-everybody"))


def known(source: Source, asked: Sequence[str]) -> pl.DataFrame:
    """Whom these ids or pseudonyms mean: asked (nothing twice), subject_id, subject.

    In the order in which they were asked, without those whom the run does not know. A person may be
    there by id and by pseudonym.
    """
    subjects = source.inquiry.subjects()
    subjects = subjects.filter(subjects != WHOLE_BASE)
    wanted = pl.DataFrame({"asked": asked}, {"asked": pl.String}).unique(maintain_order=True)
    by_id = wanted.filter(pl.col("asked").is_in(subjects.implode()))
    found = [by_id.with_columns(subject_id="asked")]
    left = wanted.join(by_id, on="asked", how="anti")
    if any(map(spelled_as_pseudonym, left["asked"])):
        names = pl.DataFrame({"asked": named(source.key, subjects)[0], "subject_id": subjects})
        found.append(left.join(names, on="asked", validate="1:1"))
    told = wanted.join(pl.concat(found), on="asked", validate="1:1", maintain_order="left")
    names_ = [pseudonym(source.key, each) for each in told["subject_id"]]
    return told.with_columns(pl.Series(WHOSE, names_, pl.String))


def _dossiers(told: Gathered, *, reveal: bool) -> Iterator[Dossier]:
    """One by one, in the order of the people."""
    parts = {name: _parts(name, getattr(told, name)) for name in _FRAMES}
    for subject_id, subject in told.people.select("subject_id", WHOSE).iter_rows():
        frames: dict[str, Any] = {name: part(subject) for name, part in parts.items()}
        yield Dossier(subject, **frames, revealed=subject_id if reveal else None)


def _parts(name: str, rows: pl.DataFrame | None) -> Callable[[str], pl.DataFrame | None]:
    """What gives the rows about one person, in their order."""
    if rows is None:
        return lambda _: None
    apart = rows.partition_by(
        WHOSE, as_dict=True, maintain_order=True, include_key=name in _WHOSE_STAYS
    )
    none = rows.clear() if name in _WHOSE_STAYS else rows.clear().drop(WHOSE)
    return lambda subject: apart.get((subject,), none)
