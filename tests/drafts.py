"""The example under the agreement's pack with some of its clauses drafts."""

import re
from pathlib import Path

from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests.commanding import HOUSE

EXAMPLE = HOUSE / "examples" / "small_carrier"
AGREEMENT = HOUSE / "consent_schemas" / "packs" / "telecom_agreement.toml"
STOPPING = """
[[clause]]
id      = "x-stop"
cite    = "第三条(二)7"
effect  = "forbid"
draft   = true
gist.zh = "草案：不得委托。"
gist.en = "A draft: no entrusting."

[clause.when]
operation = ["entrust"]
"""


def with_drafts(folder: Path, *clauses: str) -> Path:
    """The agreement's pack with these clauses drafts, and a draft more that forbids."""
    text = AGREEMENT.read_text(encoding="utf-8")
    for clause in clauses:
        pattern = rf'(?m)^(id\s*= "{re.escape(clause)}"\n)'
        text, found = re.subn(pattern, r"\1draft = true\n", text)
        assert found == 1, clause
    pack = folder / "with_drafts.toml"
    pack.write_text(text + STOPPING, encoding="utf-8")
    return pack


def drafted_run(folder: Path, *clauses: str) -> Path:
    """A run of the example under that pack."""
    request = Request(EXAMPLE, (str(with_drafts(folder, *clauses)),))
    run = folder / "run"
    leave(audit(request), run, asked=asked(request, run))
    return run
