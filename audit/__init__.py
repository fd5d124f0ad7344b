"""The door: what dashboards, the command line and a notebook may use."""

from importlib import import_module
from typing import Any

_ROOMS = {
    "audit.casework.clausebook": "Book Decided Entry WouldChange clause_books",
    "audit.casework.comparing": "Change Comparison",
    "audit.casework.desk": "By Desk DutyBook DutyFilter Replayed Ruling Stale State Target Kind",
    "audit.casework.dossier": "Dossier dossier",
    "audit.casework.example": "example_export",
    "audit.casework.exporting": "Export Form MOST_IN_A_WORKBOOK MOST_PLAIN too_many",
    "audit.casework.findings": "Filter Order Stand Turn",
    "audit.casework.flows": "FlowFilter",
    "audit.casework.jobfiles": "JobOrder Step",
    "audit.casework.jobs": "Job JobState Jobs Upload",
    "audit.casework.mapping": "Period chains_of cut_of edges_of relations_of spread_of",
    "audit.casework.overviewing": "Notice Overview trend",
    "audit.casework.paging": "Page",
    "audit.casework.partybook": "Contract last_flow parties_of received_by",
    "audit.casework.quoting": "Quotable Quote quotable",
    "audit.casework.rehearsing": "Rehearsals",
    "audit.casework.roles": "NotAllowed Reader Role",
    "audit.casework.streams": "streams_of",
    "audit.casework.workspace": "KeptRun Workspace opened",
    "audit.changes.reading": "Supposition change_of load_change",
    "audit.clauses.citations": "Document Paragraph",
    "audit.clauses.clause": "Clause Layer Verdict",
    "audit.clauses.reading": "known_packs load_packs",
    "audit.clauses.reviewing": "Citation Standing quoted unreviewed",
    "audit.clauses.sentences": "cite_told coded in_words standing_told",
    "audit.evaluation.explaining": "Asked CategorySaid ClauseSaid Explanation LayerSaid",
    "audit.evaluation.requesting": "requests",
    "audit.evaluation.telling": (
        "clause_told draft_told found_told had_a_say moves_told open_question overridden reasons set_aside without_subject"  # noqa: E501
    ),
    "audit.findings.people": "people_told",
    "audit.flowgraph.building": "as_multidigraph",
    "audit.flowgraph.cutting": "Cut Fate",
    "audit.flowgraph.spreading": "Spread",
    "audit.outcome": "Audit",
    "audit.problems": "InputRefused Problem Refusal ResourcesExhausted UsageRefused",
    "audit.publishing": "verify",
    "audit.reports": "FORMATS",
    "audit.reports.recalling": "recall recall_agreement recall_citations",
    "audit.reports.run_folder": "leave",
    "audit.running": "Checked Progress Request Stage audit check explained",
    "audit.sources.zones": "zone_of",
    "audit.vocabulary": "WHOLE_BASE Listing Truth load_vocabulary",
    "audit.wording": "Language phrase sentence",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever the room has)
    """A name from the room that has it, which is opened when it is first asked for."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOM_OF[name]), name)
