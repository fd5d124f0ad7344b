"""What a document says of the run and in short, and what a reader must know besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.casework.withholding import OTHERS
from audit.clauses.clause import Verdict
from audit.evaluation.duties import DutyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.casework.dossier import Dossier
    from audit.casework.handout.words import Words


def facts(dossier: Dossier, words: Words) -> Iterator[tuple[str, str]]:
    """Who it is about, how much there is, and of which run."""
    about, manifest = words.about, words.about.manifest
    if dossier.revealed is not None:
        yield words.say("subject-fact-id"), dossier.revealed
    yield words.say("subject-fact-pseudonym"), dossier.subject
    yield words.say("subject-fact-counts"), words.say("subject-counts", **counts(dossier))
    yield from run_facts(words)
    if about.last:
        yield words.say("subject-fact-last"), str(words.minute(about.last))
    yield words.say("subject-fact-zone"), str(manifest["options"]["timezone"])


def run_facts(words: Words) -> Iterator[tuple[str, str]]:
    """Which run it was, and by which packs it judged."""
    manifest = words.about.manifest
    packs = (f"{pack['id']} {pack['version']}" for pack in manifest["packs"])
    yield words.say("subject-fact-run"), str(manifest["run_id"])
    yield words.say("subject-fact-packs"), words.joined(packs)


def counts(dossier: Dossier) -> dict[str, str]:
    """How many there are of what; a number that nobody can know is a question mark."""
    verdicts = dossier.flows["overall"].to_list()
    owed = None if dossier.duties is None else dossier.duties["state"].to_list()
    held = dossier.holders["party"].n_unique()
    return {
        "flows": f"{len(verdicts):,}",
        "parties": f"{dossier.parties.height:,}",
        "violations": f"{verdicts.count(Verdict.VIOLATION.value):,}",
        "doubts": f"{verdicts.count(Verdict.INDETERMINATE.value):,}",
        "consents": f"{dossier.consents.height:,}",
        "holders": f"{held:,}",
        "breached": "?" if owed is None else f"{owed.count(DutyState.BREACHED.value):,}",
    }


def notes(dossier: Dossier, words: Words) -> Iterator[str]:
    """What is not in the document, and how it is to be read."""
    yield words.say("subject-note-others", sign=OTHERS)
    if words.about.everybody:
        yield words.say("subject-note-everybody", flows=f"{words.about.everybody:,}")
    if rejected := words.about.manifest["rows"]["flows"]["rejected"]:
        yield words.say("subject-note-rejected", rows=f"{rejected:,}")
    if dossier.duties is None:
        yield words.say("person-duties-other-key")
    elif not words.about.book.imposed:
        yield words.say("subject-note-no-duties")
    yield words.say("subject-note-verdicts")
