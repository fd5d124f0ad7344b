"""The door: what dashboards, the command line and a notebook may use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.clauses.clause import Layer as Layer
    from audit.clauses.clause import Verdict as Verdict
    from audit.evaluation.explaining import Explanation as Explanation
    from audit.flowgraph.building import as_multidigraph as as_multidigraph
    from audit.outcome import Audit as Audit
    from audit.problems import InputRefused as InputRefused
    from audit.problems import Problem as Problem
    from audit.problems import Refusal as Refusal
    from audit.problems import ResourcesExhausted as ResourcesExhausted
    from audit.problems import UsageRefused as UsageRefused
    from audit.publishing import verify as verify
    from audit.reports import FORMATS as FORMATS
    from audit.reports.recalling import recall as recall
    from audit.reports.run_folder import leave as leave
    from audit.running import Checked as Checked
    from audit.running import Progress as Progress
    from audit.running import Request as Request
    from audit.running import Stage as Stage
    from audit.running import audit as audit
    from audit.running import check as check
    from audit.running import explained as explained
    from audit.wording import Language as Language
    from audit.wording import phrase as phrase
    from audit.wording import sentence as sentence

_ROOMS = {
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
