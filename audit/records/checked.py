"""What checking gives, as values: flows in batches, registers, what a lost row may change."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import polars as pl

from audit.problems import Problem
from audit.records.notices import Noticed
from audit.sources.export import InputFile


@dataclass(frozen=True)
class FlowBatch:
    """Some flows of one file: those that are judged, typed, and those that are rejected.

    `frame` has file, position and the columns of flows; times in UTC to the microsecond, lists as
    lists of text, null where a cell is empty. `rejected` is as in `rejecting.REJECTED`.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(frozen=True)
class CheckedFile:
    """A file of flows that an earlier run checked: what reading it once more would give.

    `ids` are those of all its records, rejected ones too.
    """

    input: InputFile
    noticed: Noticed
    batches: Callable[[], Iterator[FlowBatch]]
    ids: Callable[[], Iterator[pl.Series]]


@dataclass(frozen=True)
class Taints:
    """What rejected rows of the registers named: there, false is unknown."""

    consent_subjects: frozenset[str] = frozenset()
    evidence_subjects: frozenset[str] = frozenset()
    evidence_ids: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    all_consent_subjects: bool = False
    all_evidence_subjects: bool = False


@dataclass(frozen=True)
class Told:
    """The registers but for the rows of consents and of evidence, which may be very many.

    `unregistered_recipients` are the parties that consents name and the register of parties lacks:
    worth a warning where no flow meets them either. Per table, `valid` counts the rows that can be
    used, `dropped` those that said again what another had said.
    """

    parties: pl.DataFrame
    taints: Taints
    rejected: pl.DataFrame
    notices: tuple[Problem, ...]
    inputs: tuple[InputFile, ...]
    unregistered_recipients: tuple[str, ...]
    dropped: Mapping[str, int]
    valid: Mapping[str, int]


@dataclass(frozen=True)
class Registers:
    """The registers: valid rows, typed; the rest as `Told` says."""

    parties: pl.DataFrame
    consents: pl.DataFrame
    evidence: pl.DataFrame
    taints: Taints
    rejected: pl.DataFrame
    notices: tuple[Problem, ...]
    inputs: tuple[InputFile, ...]
    unregistered_recipients: tuple[str, ...]
    dropped: Mapping[str, int]

    @classmethod
    def of(cls, told: Told, consents: pl.DataFrame, evidence: pl.DataFrame) -> "Registers":
        """The registers of which that is told, with these rows."""
        said = {each.name: getattr(told, each.name) for each in fields(told)}
        del said["valid"]
        return cls(**said, consents=consents, evidence=evidence)

    def concerning(self, flow: Mapping[str, Any]) -> "Registers":
        """These registers with only the rows that an explanation of this flow may show."""
        own = pl.col("subject_id") == flow["subject_id"]
        cited = pl.col("evidence_id") == pl.lit(flow["evidence_id"], pl.String)
        ends = pl.col("party_id").is_in([flow["sender"], flow["recipient"]])
        return replace(
            self,
            parties=self.parties.filter(ends),
            consents=self.consents.filter(own),
            evidence=self.evidence.filter(own | cited),
        )

    @property
    def told(self) -> Told:
        """All but the rows of consents and of evidence."""
        return Told(
            parties=self.parties,
            taints=self.taints,
            rejected=self.rejected,
            notices=self.notices,
            inputs=self.inputs,
            unregistered_recipients=self.unregistered_recipients,
            dropped=self.dropped,
            valid={
                "parties": self.parties.height,
                "consents": self.consents.height,
                "evidence": self.evidence.height,
            },
        )
