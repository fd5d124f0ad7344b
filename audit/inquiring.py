"""Questions about a run's flows, answered from its export, which is read and compiled once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from audit.evaluation.explaining import Explanation, explain
from audit.evaluation.judgement import INSTANT
from audit.evaluation.judging import judge
from audit.findings.background import Background
from audit.findings.finding import FINDINGS
from audit.findings.strands import Strands, check_strands, verdict_strands
from audit.flowgraph.building import build
from audit.flowgraph.tracing import trace
from audit.problems import InputRefused, Problem, UsageRefused
from audit.records.checking import FlowBatches, flow_batches
from audit.records.holding import hold
from audit.records.reading import cells_of, understand, uniform
from audit.records.tables import CONSENTS, FILE, table
from audit.running import Progress, Request, Stage, Tell, compiled_registers, prepared
from audit.sources.raw import RawBatch
from audit.sources.reading import digest, read
from audit.sources.zones import zone_of

if TYPE_CHECKING:
    from audit.evaluation.judgement import Judgement
    from audit.records.checking import Registers
    from audit.sources.export import Export, TableFile

_ROWS_JUDGED = 100_000  # at a time
_TALLY = ("sender", "recipient", "operation", "purpose", "outcome")
_CAUSE = {"cause": pl.UInt32()} | {
    name: FINDINGS[name]
    for name in ("layer", "verdict", "clause", "clauses", "cause_code", "nearest")
}


class Inquiry:
    """An export read once, of which many threads may ask many questions.

    What was read lies in files without a name, mapped into memory: no other user can open them, and
    they are gone with the process, however it ends.
    """

    def __init__(self, request: Request, tell: Tell = lambda _: None) -> None:
        """Read the export; raises as `audit` does."""
        tell(Progress(Stage.REGISTERS))
        setting = prepared(request)
        self._export, self._packs = setting.export, setting.packs
        self._vocabulary = setting.vocabulary
        self._compiled = compiled_registers(setting)
        self._registers = _kept(setting.registers)
        batches = flow_batches(self._export, self._vocabulary)
        self._flows = kept(_read(batches, tell))
        self._repeated = batches.repeated()  # rejected, every row of them
        self._lock = Lock()  # compiling numbers what it meets for the first time

    def explain(self, flow_id: str) -> Explanation:
        """Why the flow got its verdict; raises UsageRefused where no flow of this id is judged."""
        rows = self._flows.filter(pl.col("flow_id") == flow_id)
        if rows.is_empty() or flow_id in self._repeated:
            code = "flow-repeated" if flow_id in self._repeated else "flow-unknown"
            raise UsageRefused(Problem(code, {"flow": flow_id}))
        records = self._registers.concerning(rows.row(0, named=True))
        with self._lock:
            return explain(rows, self._compiled, records)

    def flows(self, flow_ids: pl.Series) -> pl.DataFrame:
        """These flows as they were read, in the order of the export; whose they are included."""
        asked = flow_ids.filter(~flow_ids.is_in(list(self._repeated)))
        found = self._flows.filter(pl.col("flow_id").is_in(asked.implode()))
        return found.with_columns(pl.col(pl.Categorical).cast(pl.String))

    def subjects(self) -> pl.Series:
        """Every subject id of a flow, a consent or evidence, once; in no order."""
        registers = self._registers
        rows = (self._flows, registers.consents, registers.evidence)
        return pl.concat([each["subject_id"] for each in rows]).drop_nulls().unique()

    def consents_of(self, subjects: pl.Series) -> pl.DataFrame:
        """The valid consents of these subjects with every column of their table, by consent_id.

        Read once more: the judging needs withdrawal and expiry as one. Raises InputRefused where a
        file is no longer what was read.
        """
        kept = self._registers.consents.filter(pl.col("subject_id").is_in(subjects.implode()))
        # Touched, or put back, they are still what was read, which their digests tell.
        files = [replace(file, state=None) for file in self._export.files(CONSENTS)]
        self._refuse_changed(files)
        rows = [_consents(file, kept["consent_id"], self._export) for file in files]
        return pl.concat(rows).unique("consent_id").sort("consent_id") if rows else kept

    def _refuse_changed(self, files: Iterable[TableFile]) -> None:
        read = {each.name: each.sha256 for each in self._registers.inputs}
        if changed := [file.name for file in files if digest(file) != read[file.name]]:
            raise InputRefused(*(Problem("file-changed", {"file": name}) for name in changed))

    def withdrew(self, now: datetime | None) -> pl.Series:
        """The subjects who had withdrawn a consent by `now`, once; nobody where that is null."""
        withdrawn = self._registers.consents.filter(pl.col("withdrawn_at") <= pl.lit(now, INSTANT))
        return withdrawn["subject_id"].unique()

    def evidence_of(self, subjects: pl.Series, cited: pl.Series) -> pl.DataFrame:
        """The valid evidence that names one of the subjects or has one of these ids, by its id."""
        mine = pl.col("subject_id").is_in(subjects.implode())
        asked = pl.col("evidence_id").is_in(cited.implode())
        return self._registers.evidence.filter(mine | asked).sort("evidence_id")

    def judged(self, flow_ids: pl.Series) -> Judgement:
        """These flows judged once more, and nothing else."""
        flows = self.flows(flow_ids)
        with self._lock:
            return judge(flows.iter_slices(_ROWS_JUDGED), self._compiled)

    def members(
        self, findings: pl.DataFrame, flow_ids: pl.Series, edges: pl.DataFrame
    ) -> pl.DataFrame:
        """Which of the flows each finding (a row of FINDINGS) explains: fingerprint and flow_id.

        `edges` are those of the whole run, of which the checks of the graph are made again.
        """
        judgement = self.judged(flow_ids)
        strands = [self._clauses_strands(judgement)]
        if findings["layer"].has_nulls():
            strands.append(self._graph_strands(judgement, edges))
        tallies = pl.concat([_explained(findings, each) for each in strands])
        keys = judgement.tallies.select("tally", *_TALLY)
        return (
            self.flows(flow_ids)
            .join(judgement.verdicts, on="flow_id", validate="1:1")
            .join(keys, on=_TALLY, how="left", validate="m:1")
            .join(tallies, on="tally")
            .select("fingerprint", "flow_id")
            .sort("fingerprint", "flow_id")
        )

    def _clauses_strands(self, judgement: Judgement) -> Strands:
        zone = zone_of(self._export.timezone)
        parties, packs = self._registers.parties, self._packs
        return verdict_strands(judgement, Background(parties, packs, self._vocabulary, zone))

    def _graph_strands(self, judgement: Judgement, edges: pl.DataFrame) -> Strands:
        parties, vocabulary = self._registers.parties, self._vocabulary
        traces = trace(edges, build(judgement, edges, parties), parties, vocabulary)
        return check_strands(judgement, traces)


def _consents(file: TableFile, ids: pl.Series, export: Export) -> pl.DataFrame:
    """The rows of these consents in the file, typed; rows of other people are not understood."""
    about = table(CONSENTS)
    parts = []
    for raw in read(file, about.layout(export.columns.get(CONSENTS, {}))):
        own = cells_of(raw, about.column(about.key))[0].is_in(ids.implode())
        rows = understand(RawBatch(raw.frame.filter(own)), about, export.timezone).frame
        parts.append(hold(uniform(rows, about).with_columns(pl.lit(file.name).alias(FILE)), about))
    return pl.concat(part.valid for part in parts)


def _kept(registers: Registers) -> Registers:
    """The registers with their large tables out of the memory that is ours."""
    return replace(
        registers, consents=kept([registers.consents]), evidence=kept([registers.evidence])
    )


def _read(batches: FlowBatches, tell: Tell) -> Iterator[pl.DataFrame]:
    rows = 0
    for batch in batches:
        rows += batch.frame.height + batch.rejected.height
        yield batch.frame
        tell(Progress(Stage.FLOWS, rows))


def kept(batches: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The batches as one frame that stays on the disk, in files that have no name any more."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for number, batch in enumerate(batches):
            file = Path(folder) / str(number)
            batch.write_ipc(file)
            parts.append(_mapped(file))
    return pl.concat(parts) if parts else pl.DataFrame()


def _mapped(file: Path) -> pl.DataFrame:
    with pa.memory_map(str(file)) as mapped:
        frame = pl.from_arrow(pa.ipc.open_file(mapped).read_all())
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"a table was written, a {type(frame).__name__} was read")
    return frame


def _explained(findings: pl.DataFrame, strands: Strands) -> pl.DataFrame:
    """The tallies that each finding explains: fingerprint and tally.

    What made the group of strands that became the finding: its cause, its parties, and the purpose
    and operation where the cause turns on them.
    """
    causes = [
        (n, each.layer, each.verdict, each.clause, each.clauses, each.code, each.nearest)
        for n, each in enumerate(strands.causes)
    ]
    told = pl.DataFrame(causes, schema=_CAUSE, orient="row")
    named = strands.rows.with_columns(pl.col(pl.Enum).cast(pl.String))
    rows = named.join(told, on="cause", how="left", validate="m:1")
    turns = [
        pl.col(f"turns_{name}").is_null() | (pl.col(f"turns_{name}") == pl.col(f"{name}_right"))
        for name in ("purpose", "operation")
    ]
    alike = [*_CAUSE, "sender", "recipient"][1:]
    return (
        rows.join(findings, on=alike, nulls_equal=True)
        .filter(*turns)
        .select("fingerprint", "tally")
        .drop_nulls()
        .unique()
    )
