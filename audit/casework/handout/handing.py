"""One person's dossier as a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.casework.dossier import handed_over, known, refuse_everybody
from audit.casework.exporting import Export
from audit.casework.gathered import source_of
from audit.casework.handout import MIMES, Paper, dossier_file
from audit.casework.handout.words import Words, about
from audit.problems import InputRefused, Problem, UsageRefused

if TYPE_CHECKING:
    from audit.casework.workspace import KeptRun
    from audit.wording import Language


def dossier_export(run: KeptRun, subject: str, paper: str, language: Language) -> Export:
    """The dossier of the person with this id or pseudonym, fit to be handed over.

    Raises InputRefused where the run is no longer as it was left, and as `dossier` does.
    """
    refuse_everybody(subject)
    if faults := run.faults():
        raise InputRefused(*faults)
    source = source_of(run)
    people = known(source, [subject])
    if people.is_empty():
        raise UsageRefused(Problem("subject-unknown"))
    (dossier,) = handed_over(source, people.head(1))
    form = Paper(paper)
    body = dossier_file(dossier, Words(about(source), language), form)
    return Export(f"dossier-{dossier.subject}.{form}", MIMES[form], body)
