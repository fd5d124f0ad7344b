# The names behind the door with their types; `__init__.py` opens the rooms.

from collections.abc import Mapping

from audit.casework.desk import Desk as Desk
from audit.casework.findings import Filter as Filter
from audit.casework.findings import Order as Order
from audit.casework.findings import Page as Page
from audit.casework.findings import Turn as Turn
from audit.casework.roles import NotAllowed as NotAllowed
from audit.casework.roles import Reader as Reader
from audit.casework.roles import Role as Role
from audit.casework.workspace import KeptRun as KeptRun
from audit.casework.workspace import Workspace as Workspace
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

_ROOMS: Mapping[str, str]
