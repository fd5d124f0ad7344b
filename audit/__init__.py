"""The door: what dashboards, the command line and a notebook may use."""

from importlib import import_module
from typing import Any

_ROOMS = {
    "audit.casework.desk": "Desk",
    "audit.casework.findings": "Filter Order Page Turn",
    "audit.casework.roles": "NotAllowed Reader Role",
    "audit.casework.workspace": "KeptRun Workspace",
    "audit.clauses.clause": "Layer Verdict",
    "audit.evaluation.explaining": "Explanation",
    "audit.flowgraph.building": "as_multidigraph",
    "audit.outcome": "Audit",
    "audit.problems": "InputRefused Problem Refusal ResourcesExhausted UsageRefused",
    "audit.publishing": "verify",
    "audit.reports": "FORMATS",
    "audit.reports.recalling": "recall",
    "audit.reports.run_folder": "leave",
    "audit.running": "Checked Progress Request Stage audit check explained",
    "audit.wording": "Language phrase sentence",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever the room has)
    """A name from the room that has it, which is opened when it is first asked for."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOM_OF[name]), name)
