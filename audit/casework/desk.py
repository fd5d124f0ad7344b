"""Everything that one reader may see of one run; each method asks the role before it reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from audit.casework import (
    comparing,
    disagreeing,
    dutybook,
    exporting,
    findings,
    flows,
    overviewing,
    replaying,
    reporting,
    triaging,
)
from audit.casework.comparing import Change, Comparison
from audit.casework.dutybook import EVERY_DUTY, DutyBook, DutyFilter
from audit.casework.exporting import Export, Form
from audit.casework.findings import ALL, FIRST, Filter, Turn
from audit.casework.flows import EVERY, FlowFilter
from audit.casework.handout.handing import dossier_export
from audit.casework.journal import inquiry_of
from audit.casework.masking import parties_told, register
from audit.casework.measuring import By, timeline
from audit.casework.overviewing import Overview
from audit.casework.paging import Page, Sheet
from audit.casework.partybook import REASONS
from audit.casework.replaying import Replayed
from audit.casework.roles import Reader, Role
from audit.casework.triaging import Ruling
from audit.casework.workspace import KeptRun
from audit.changes.change import Supposition
from audit.clauses.clause import Layer
from audit.evaluation.explaining import Explanation
from audit.problems import Problem
from audit.running import Tell
from audit.triage.deciding import Stale
from audit.triage.decision import Kind, Target
from audit.triage.ledger import Entry
from audit.triage.state import State
from audit.wording import Language

__all__ = ["By", "Desk", "DutyBook", "DutyFilter", "Replayed", "Ruling", "Stale", "State"]
__all__ += ["Kind", "Target"]


@dataclass(frozen=True)
class Desk:
    """A run as one reader may see it.

    A method for officers raises NotAllowed for a viewer; one for everybody hides from viewers what
    could make somebody recognised (suppression.py), and says so in the column `suppressed`.
    """

    run: KeptRun
    reader: Reader

    def faults(self) -> tuple[Problem, ...]:
        """What is no longer as the run left it; show them before anything else. For everybody."""
        return self.run.faults()

    def overview(self) -> Overview:
        """The run in all: verdicts, roles, gravest findings, notices. For everybody."""
        return overviewing.overview(self.run, self.reader)

    def page(self, asked: Filter = ALL, turn: Turn = FIRST) -> Page:
        """One page of findings. For everybody."""
        return findings.page(self.run, self.reader, asked, turn)

    def facets(self, asked: Filter = ALL) -> Mapping[str, pl.DataFrame]:
        """How many findings each code has, per field of the filter. For everybody."""
        return findings.facets(self.run, self.reader, asked)

    def finding(self, fingerprint: str) -> Mapping[str, Any]:
        """One finding as a row of a page. For officers."""
        return findings.finding(self.run, self.reader, fingerprint)

    def page_of(self, fingerprint: str, asked: Filter = ALL, turn: Turn = FIRST) -> int | None:
        """The number of the page on which a finding stands, None if on none. For officers."""
        return findings.page_of(self.run, self.reader, fingerprint, asked, turn)

    def export(self, asked: Filter, form: Form, language: Language) -> Export:
        """All findings of a filter as a file, in the words of a language. For officers."""
        return exporting.export(self.run, self.reader, asked, form, language)

    def report(self, form: str, language: Language) -> Export:
        """The run as a report in one of FORMATS, the audit being done again. For officers."""
        self.reader.needs(Role.officer)
        return reporting.report(self.run, form, language)

    def parties(self) -> pl.DataFrame:
        """The parties as they stood at the run, registered or seen. For everybody."""
        told = parties_told(self.run, self.reader, register(self.run), "party_id")
        return told.drop(REASONS).sort("party_id")

    def names_of(self, parties: Iterable[str]) -> Mapping[str, str]:
        """The names of these parties, of those that have one and are no people. For everybody."""
        asked = pl.col("party_id").is_in([*parties])
        scan = pl.scan_parquet(self.run.file("parties.parquet"), glob=False)
        rows = scan.filter(asked).select("party_id", "name").collect()
        told = parties_told(self.run, self.reader, rows, "party_id").drop_nulls()
        return dict(told.iter_rows())

    def rejected(self, number: int = 1, size: int = 50) -> Page:
        """One page of the rejected rows with their reasons, values masked. For officers."""
        return overviewing.rejected(self.run, self.reader, Sheet(number, size))

    def compare(self, later: KeptRun) -> Comparison:
        """How many findings a later run has new, gone, changed and the same. For everybody."""
        return comparing.compare(self.run, later)

    def changes(self, later: KeptRun, change: Change, turn: Turn = FIRST) -> pl.DataFrame:
        """One page of the findings that changed so in a later run. For officers."""
        return comparing.changes(self.compare(later), self.reader, change, turn)

    def migration(self, later: KeptRun) -> pl.DataFrame:
        """Which verdicts became which in a later run, with example flows. For officers."""
        return comparing.migration(self.compare(later), self.reader)

    def conflicts(self) -> pl.DataFrame:
        """What one layer allows and the other forbids, clause against clause. For officers."""
        return disagreeing.conflicts(self.run, self.reader)

    def shifts(self, later: KeptRun) -> pl.DataFrame:
        """Which clauses moved which verdicts in a later run. For officers."""
        return comparing.shifts(self.compare(later), self.reader)

    def what_if(self, supposed: Supposition) -> Replayed | None:
        """What a change would make of the verdicts, None if flows must be read. For officers."""
        self.reader.needs(Role.officer)
        return replaying.stored_replay(self.run, supposed)

    def what_if_again(
        self, supposed: Supposition, export: Path | None = None, tell: Tell = lambda _: None
    ) -> Replayed:
        """The same, the flows that the change can touch being judged again. For officers."""
        self.reader.needs(Role.officer)
        return replaying.rejudged_replay(self.run, supposed, export, tell)

    def flows(self, asked: FlowFilter = EVERY, number: int = 1, size: int = 50) -> Page:
        """One page of flows, read from the export once a run. For officers."""
        return flows.flows(self.run, self.reader, asked, Sheet(number, size))

    def explain(self, flow_id: str) -> Explanation:
        """Why a flow got its verdict, clause by clause. For officers."""
        self.reader.needs(Role.officer)
        return inquiry_of(self.run).explain(flow_id)

    def dossier_file(self, subject: str, paper: str, language: Language) -> Export:
        """One person's dossier as html, json, csv or xlsx, others masked. For officers."""
        self.reader.needs(Role.officer)
        return dossier_export(self.run, subject, paper, language)

    def dutybook(self) -> DutyBook:
        """How many duties are in which state, and what each duty is. For everybody."""
        return dutybook.dutybook(self.run, self.reader)

    def duties(self, asked: DutyFilter = EVERY_DUTY, number: int = 1, size: int = 50) -> Page:
        """One page of duties, the gravest first. For officers."""
        return dutybook.duties(self.run, self.reader, asked, Sheet(number, size))

    def duty(self, identity: str) -> Mapping[str, Any]:
        """One duty as a row of a page. For officers."""
        return dutybook.duty(self.run, self.reader, identity)

    def parties_of_duties(self) -> tuple[str, ...]:
        """The parties towards whom duties arose, those of most first. For officers."""
        return dutybook.parties_of_duties(self.run, self.reader)

    def duties_of(self, flow_id: str) -> pl.DataFrame:
        """The duties that a flow raised or fulfilled. For officers."""
        self.reader.needs(Role.officer)
        return dutybook.duties_of_flow(self.run, flow_id)

    def timeline(self, by: By = By.day, layer: Layer | None = None) -> pl.DataFrame:
        """How many flows had which verdict when. For everybody."""
        return timeline(self.run, self.reader, by, layer)

    def standings(self, findings: pl.DataFrame, now: datetime) -> pl.DataFrame:
        """Where findings, as rows of a page, stand at this moment, a row for each. For officers.

        Columns as findings.finding.STANDINGS. Raises UsageRefused where the store cannot be read.
        """
        self.reader.needs(Role.officer)
        log, day = triaging.log_of_run(self.run), triaging.day_of(self.run, now)
        return triaging.standing_of(self.run, findings, log, day)

    def states(self, now: datetime) -> Mapping[State, int]:
        """How many findings of the run are in each state at this moment. For everybody."""
        log, day = triaging.log_of_run(self.run), triaging.day_of(self.run, now)
        return triaging.counts(self.run, log, day)

    def decisions(self, fingerprint: str) -> tuple[int, tuple[Entry, ...]]:
        """How long the log is, and its entries about a finding, newest first. For officers.

        The length is what a form shown now hands to `decide` as `seen`.
        """
        self.reader.needs(Role.officer)
        log = triaging.log_of_run(self.run)
        return len(log.entries), triaging.history(self.run, fingerprint, log)

    def decide(self, ruling: Ruling, seen: int, now: datetime) -> Entry:
        """Write a decision into the log. For officers.

        The author is the reader, or whom the ruling names where nobody has logged in. Raises Stale
        (a UsageRefused) where somebody decided about the same after `seen` entries, and
        UsageRefused with everything that the decision lacks; nothing is written then.
        """
        self.reader.needs(Role.officer)
        author = self.reader.name or ruling.author
        return triaging.rule(self.run, replace(ruling, author=author), seen, now)
