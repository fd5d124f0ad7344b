"""The duties of a run: what is watched for while flows are judged, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.duty import Duty, DutyEvent, End
from audit.evaluation.duties import told
from audit.evaluation.duty_rows import DutyRows, DutySpool
from audit.evaluation.owed import computed
from audit.evaluation.raising import Ledgers, Scene
from audit.evaluation.returning import give_back
from audit.evaluation.sharing import shares
from audit.evaluation.watching import Interest, Watching, mark, masks_of, spotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.clauses.clause import Pack
    from audit.evaluation.seen import Pattern
    from audit.evaluation.sharing import Share
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Places

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_REGISTERS = (DutyEvent.EVIDENCE, DutyEvent.EVIDENCE_ENDS, DutyEvent.WITHDRAWAL)


@dataclass(frozen=True)
class Settled:
    """What became of the duties of a run, as of an instant, and the years of unknown holidays."""

    rows: DutyRows
    as_of: int | None = None  # microseconds; None where there is no flow, and nothing was said
    lacking: frozenset[int] = frozenset()

    @property
    def instant(self) -> datetime | None:
        """The as-of instant."""
        return None if self.as_of is None else _EPOCH + timedelta(microseconds=self.as_of)


@dataclass(frozen=True)
class Owing:
    """The duties of the packs, and the registers that they are looked for in."""

    packs: Sequence[Pack]
    compiled: CompiledRegisters
    ledgers: Ledgers

    @cached_property
    def duties(self) -> list[tuple[str, Duty]]:
        """Every duty that is no draft, with its layer."""
        return computed(self.packs)

    def watching(self) -> Watching:
        """What a pass over the flows has to watch for; one for each pass."""
        return Watching(self._patterns, spotted(self._patterns, self.compiled), self._interest)

    def settled(self, watching: Watching, as_of: datetime | None, *, flows_lost: bool) -> Settled:
        """What became of every duty; raises OSError where the disk has no room for what it lays."""
        instant = watching.last if as_of is None else _micros(as_of)
        if instant is None:
            return Settled(DutyRows())
        spool, lacking = DutySpool(), set[int]()
        for share in shares(watching, self.ledgers.rows):
            give_back()
            scene = self._scene(share, instant, flows_lost=flows_lost)
            for _, same in groupby(sorted(self.duties, key=_name_of), key=_name_of):
                parts = [told(scene, duty, layer) for layer, duty in same]
                spool.add(pl.concat(part.rows for part in parts))
                lacking.update(*(part.lacking for part in parts))
        return Settled(spool.rows(), instant, frozenset(lacking))

    def _scene(self, share: Share, as_of: int, *, flows_lost: bool) -> Scene:
        return Scene(
            share=share,
            ledgers=self.ledgers,
            vocabulary=self.compiled.numbering.vocabulary,
            as_of=as_of,
            flows_lost=flows_lost,
        )

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        return tuple(dict.fromkeys(each for _, duty in self.duties for each in duty.patterns))

    @cached_property
    def _interest(self) -> Interest:
        """Which flows each duty has to see: no more than those that can matter to it."""
        subjects = len(self.compiled.numbering.subjects) + 1
        parties = len(self.compiled.parties.numbers) + 1
        one, by_subject = masks_of(3, self._patterns), masks_of(subjects, self._patterns)
        by_sender, by_recipient = (masks_of(parties, self._patterns) for _ in range(2))
        interest = Interest(one[:1], one[1:2], one[2:], by_subject, by_sender, by_recipient)
        for _, duty in self.duties:
            self._mark(interest, duty)
        return interest

    def _mark(self, interest: Interest, duty: Duty) -> None:
        event, everything = duty.arises.event, slice(None)
        if event is DutyEvent.FLOW:
            folded = interest.folded if duty.per_relation else interest.always
            mark(folded, everything, self._place(duty.arises.flow))
        if duty.arises.earlier is not None:
            earlier = self._place(duty.arises.earlier)
            if event is DutyEvent.AGREEMENT_ENDS:
                mark(interest.folded, everything, earlier)
            else:
                self._of_subjects(interest, duty, earlier)
        if duty.fulfilled.flow is not None:
            act = self._place(duty.fulfilled.flow)
            mark(interest.kept, everything, act)
            if event is DutyEvent.AGREEMENT_ENDS and duty.fulfilled.party is not None:
                ends = duty.fulfilled.party is End.SENDER
                mark(interest.by_sender if ends else interest.by_recipient, self._ending, act)
            else:
                self._of_subjects(interest, duty, act)

    def _of_subjects(self, interest: Interest, duty: Duty, place: int) -> None:
        """Of the subjects of the events, where the registers name these; else of everybody."""
        mark(interest.kept, slice(None), place)
        if duty.arises.event not in _OF_REGISTERS:
            mark(interest.always, slice(None), place)
            return
        named = self._named(duty)
        if named.null_count():  # an event of nobody: acts of anybody may tell
            mark(interest.always, slice(None), place)
        found = self.compiled.numbering.subjects.find(named.drop_nulls())
        mark(interest.by_subject, found[found >= 0], place)

    def _named(self, duty: Duty) -> pl.Series:
        """The subjects of the events that the registers tell."""
        if duty.arises.event is DutyEvent.WITHDRAWAL:
            return self.ledgers.rows.consents["subject_id"].unique()
        known = [*self.compiled.numbering.vocabulary.evidence_kinds]
        kind = pl.col("kind")
        other = kind.is_in(known) & (kind != duty.arises.evidence)
        return self.ledgers.rows.evidence.filter(~other)["subject_id"].unique()

    @cached_property
    def _ending(self) -> Places:
        """The parties whose contract ends, by their number."""
        register = self.ledgers.told.parties.drop_nulls("agreement_until")
        found = self.compiled.parties.number(register["party_id"].to_list())
        ending: Places = found[found >= 0]
        return ending

    def _place(self, pattern: Pattern) -> int:
        return self._patterns.index(pattern)


def _name_of(duty: tuple[str, Duty]) -> tuple[str, str]:
    return duty[0], duty[1].id


def _micros(moment: datetime) -> int:
    return int(np.datetime64(moment.replace(tzinfo=None), "us").astype(np.int64))
