"""A dossier as a document: who got the data, on what ground, what is wrong and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.casework.handout import columns
from audit.casework.handout.columns import section
from audit.casework.handout.document import Document, Section
from audit.casework.handout.facts import facts, notes
from audit.clauses.clause import Verdict
from audit.evaluation.duties import DutyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from audit.casework.dossier import Dossier
    from audit.casework.handout.columns import Row
    from audit.casework.handout.words import Words

_MARKS = {Verdict.VIOLATION.value: "bad", Verdict.INDETERMINATE.value: "doubt"}
_OWED = {DutyState.BREACHED.value: "bad", DutyState.FULFILLED.value: ""}
_SIGNED = ("subject-signed-by", "subject-signed-on", "subject-signed-with")


def told(dossier: Dossier, words: Words) -> Document:
    """The dossier in words; it holds what `handed_over` left in it and nothing else."""
    sections = [
        section(words, "parties", dossier.parties, columns.parties(words)),
        section(words, "holders", dossier.holders, columns.holders(words), mark=lambda _: "bad"),
        section(words, "consents", dossier.consents, columns.consents(words)),
        section(words, "history", dossier.history, columns.history(words)),
        section(words, "findings", dossier.findings, columns.findings(words), mark=_verdict_mark),
        *_duties(words, dossier.duties),
        section(words, "evidence", dossier.evidence, columns.evidence(words)),
        section(words, "flows", dossier.flows, columns.flows(words), mark=_flow_mark),
    ]
    return Document(
        name=f"dossier-{dossier.subject}",
        title=words.say("subject-title"),
        language=words.language,
        facts=tuple(facts(dossier, words)),
        notes=tuple(notes(dossier, words)),
        sections=tuple(sections),
        signed=tuple(words.say(key) for key in _SIGNED),
    )


def _verdict_mark(row: Row) -> str:
    return _MARKS.get(row["verdict"], "")


def _flow_mark(row: Row) -> str:
    return _MARKS.get(row["overall"], "")


def _duties(words: Words, duties: pl.DataFrame | None) -> Iterator[Section]:
    """What is owed; no section where nobody knows, which a note says."""
    if duties is not None and words.about.book.imposed:
        yield section(words, "duties", duties, columns.owed(words), mark=_duty_mark)


def _duty_mark(row: Row) -> str:
    return _OWED.get(row["state"], "doubt")
