"""Runs with duties written by hand: a pack that imposes a few, and what became of each case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from audit.casework.workspace import KeptRun, opened
from audit.clauses.reading import load_pack
from audit.evaluation.duties import DUTIES
from audit.evaluation.duty_rows import DutyRows
from audit.findings.background import Background
from audit.findings.missed import with_missed
from audit.outcome import Audit
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit
from audit.sources.zones import zone_of
from audit.vocabulary import load_vocabulary
from audit.wording import Language

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "small_carrier"
AS_OF = datetime(2025, 10, 31, 16, tzinfo=UTC)
DAWN = datetime(2025, 3, 1, 2, tzinfo=UTC)
PACK = """
[pack]
id = "dutiful"
version = "1.0.0"
layer = "statute"
title.zh = "只有义务的条款包"
title.en = "A pack of duties"

[[clause]]
id = "any"
cite = "1"
effect = "permit"
source = "verified"
gist.zh = "允许"
gist.en = "Allowed"
when.sender_role = ["carrier"]

[[duty]]
id = "correct"
cite = "25"
source = "verified"
gist.zh = "付清后二十日内更正征信记录"
gist.en = "Correct the credit record within twenty days of payment"
missing.zh = "付清而未更正"
missing.en = "paid but not corrected"
note.zh = "自付清次日起算"
note.en = "Counted from the day after payment"
arises.event = "evidence_ends"
arises.evidence = "arrears"
arises.earlier.recipient_role = ["credit_bureau"]
due.days = 20
fulfilled.flow.purpose = ["credit.correct"]
fulfilled.party = "recipient"

[[duty]]
id = "tell-first"
cite = "15"
source = "verified"
gist.zh = "报送不良信息前先告知本人"
gist.en = "Tell the person before adverse data is reported"
missing.zh = "未先告知即报送"
missing.en = "reported without prior notice"
arises.event = "flow"
arises.flow.recipient_role = ["credit_bureau"]
due.before = true
due.since = "arrears"
fulfilled.evidence = ["notice"]

[[duty]]
id = "assess"
cite = "55"
source = "verified"
per = "relation"
gist.zh = "委托之前进行影响评估"
gist.en = "Assess the impact before entrusting"
arises.event = "flow"
arises.flow.operation = ["entrust"]
due.before = true
fulfilled.evidence = ["statute"]
"""


@dataclass(frozen=True)
class Case:
    """One duty and what became of it; days count from DAWN."""

    duty: str = "correct"
    state: str = "breached"
    event_id: str = "EV-1"
    subject: str | None = "S-0001"
    party: str | None = "BUR-CREDIT"
    day: float = 0
    done_by: str | None = None
    flows: int = 1

    def row(self) -> tuple[object, ...]:
        """The case as a row of DUTIES."""
        event = "evidence_ends" if self.duty == "correct" else "flow"
        arisen = DAWN + timedelta(days=self.day)
        due = arisen + timedelta(days=20) if self.duty == "correct" else arisen
        done_at = due + timedelta(days=1) if self.done_by else None
        return (
            *("statute", self.duty, event, self.event_id, self.subject, self.party),
            *(arisen, due, self.state, self.done_by, done_at, self.flows),
        )


def table(cases: Iterable[Case]) -> pl.DataFrame:
    """The cases as the engine gives them."""
    rows = [case.row() for case in cases]
    return pl.DataFrame(rows, schema=DUTIES, orient="row").sort(DUTIES.names())


def pack_in(folder: Path) -> Path:
    """The pack as a file of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dutiful.toml"
    file.write_text(PACK, encoding="utf-8")
    return file


def background(folder: Path) -> Background:
    """What findings are told against under this pack, in Shanghai."""
    packs = (load_pack(str(pack_in(folder))),)
    parties = pl.read_csv(EXAMPLE / "parties.csv", infer_schema=False)
    return Background(parties, packs, load_vocabulary(), zone_of("Asia/Shanghai"))


def audited(folder: Path, cases: Sequence[Case], language: Language = Language.en) -> Audit:
    """The audit of the example under the pack in this folder, with these duties in the end."""
    request = Request(EXAMPLE, (str(pack_in(folder)),), language=language)
    found, duties = audit(request), DutyRows(table(cases))
    told = Background(
        found.parties, found.packs, load_vocabulary(), zone_of(found.options.timezone)
    )
    findings = with_missed(_of_flows(found), duties, told, language)
    return replace(found, duty_rows=duties, as_of=AS_OF, findings=findings)


def _of_flows(found: Audit) -> pl.DataFrame:
    return found.findings.filter(~pl.col("cause_code").str.starts_with("duty_"))


def kept_without(runs: Path) -> KeptRun:
    """The example under the same pack without its duties, left in a folder of runs."""
    file = pack_in(runs.with_name(f"{runs.name}-packs"))
    file.write_text(PACK[: PACK.index("[[duty]]")], encoding="utf-8")
    request, folder = Request(EXAMPLE, (str(file),)), runs / "dutiful"
    leave(audit(request), folder, asked=asked(request, folder))
    return opened(folder)


def kept(runs: Path, cases: Sequence[Case]) -> KeptRun:
    """The same, left in a folder of runs."""
    pack = pack_in(runs.with_name(f"{runs.name}-packs"))
    folder = runs / "dutiful"
    found = audited(pack.parent, cases)
    leave(found, folder, asked=asked(Request(EXAMPLE, (str(pack),)), folder))
    return opened(folder)
