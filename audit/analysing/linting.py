"""What is wrong with a pack, or should be looked at: every question, answered with a flow.

All questions are put to complete worlds (`space`), in which clauses can still be unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from audit.analysing.answering import Undecided
from audit.analysing.formulas import (
    NO,
    PERHAPS,
    YES,
    All,
    Asks,
    Differ,
    Formula,
    Question,
    Ruling,
    Stands,
    applies,
)
from audit.analysing.widening import Witness, widened
from audit.clauses.clause import Effect
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from audit.analysing.answering import Answering
    from audit.analysing.space import World
    from audit.clauses.clause import Condition
    from audit.clauses.compiling import PackProgram
    from audit.wording import Bilingual


class Kind(StrEnum):
    """What an answer is about."""

    NEVER_APPLIES = "never-applies"
    ALWAYS_DEFEATED = "always-defeated"
    NEVER_CERTAIN = "never-certain"
    REDUNDANT = "redundant"
    IDLE_EXCEPTION = "idle-exception"
    WIDER_EXCEPTION = "wider-exception"
    CONTRADICTION = "contradiction"
    GAP = "gap"
    REFUTED = "refuted"
    PROVED = "proved"
    UNDECIDED = "undecided"

    @property
    def is_fault(self) -> bool:
        """Whether the pack must be mended; else somebody should look, or nobody need."""
        return self in _FAULTS


_SURE_FIRST = (YES, PERHAPS)
_FAULTS = frozenset({Kind.NEVER_APPLIES, Kind.ALWAYS_DEFEATED, Kind.REFUTED})


@dataclass(frozen=True)
class Answer:
    """One answer: the clauses it is about, the first of which it is told under, and its flows."""

    kind: Kind
    clauses: tuple[str, ...]
    witnesses: tuple[Witness, ...] = ()
    conditions: tuple[Condition, ...] = ()  # of a clause that never applies, those never met
    asked: Kind | None = None  # what is undecided
    title: Bilingual | None = None  # of a statement
    left: int = 0  # combinations that are in no gap told


@dataclass(frozen=True)
class Lint:
    """The questions on the first pack of a space."""

    answering: Answering

    @property
    def pack(self) -> PackProgram:
        """The pack."""
        return self.answering.space.program.packs[0]

    def answers(self) -> Iterator[Answer]:
        """What there is to say, clause by clause in the order of the pack, then of two clauses."""
        dead: set[int] = set()
        for clause in self.clauses:
            for answer in self._settled(Kind.NEVER_APPLIES, (clause,), self._alone):
                dead |= {clause} if answer.kind.is_fault else set()
                yield answer
        live = [clause for clause in self.clauses if clause not in dead]
        for clause in live:
            yield from self._settled(Kind.REDUNDANT, (clause,), self._redundant)
        for clause in live:
            yield from self._exceptions(clause, live)
        for clause in live:
            if self._effect(clause) is Effect.FORBID:
                yield from self._contradictions(clause, live)

    @property
    def clauses(self) -> list[int]:
        """The clauses, in the order of the pack."""
        place = {clause: i for i, clause in enumerate(self.pack.ids)}
        return [place[clause.id] for clause in self.pack.pack.judging]

    def _settled(
        self, kind: Kind, clauses: tuple[int, ...], ask: Callable[..., Iterator[Answer]]
    ) -> Iterator[Answer]:
        """What there is to say, or that it could not be found out."""
        try:
            yield from list(ask(*clauses))
        except Undecided:
            ids = tuple(self.pack.ids[clause] for clause in clauses)
            yield Answer(Kind.UNDECIDED, ids, asked=kind)

    def _find(self, *parts: Formula) -> World | None:
        return self.answering.find(Question(All(parts), self.answering.space.whole))

    def _answer(self, kind: Kind, clauses: tuple[int, ...], *parts: Formula) -> Answer | None:
        """An answer of this kind where a world shows it."""
        world = self._find(*parts)
        if world is None:
            return None
        witness = widened(self.answering, All(parts), world)
        return Answer(kind, tuple(self.pack.ids[clause] for clause in clauses), (witness,))

    def _first(
        self, kind: Kind, clauses: tuple[int, ...], formulas: Iterable[Formula]
    ) -> Iterator[Answer]:
        """An answer by the first of these formulas that some world shows."""
        found = (self._answer(kind, clauses, formula) for formula in formulas)
        yield from islice((answer for answer in found if answer), 1)

    def _effect(self, clause: int) -> Effect:
        return list(Effect)[int(self.pack.effects[clause])]

    def _applies(self, clause: int, values: frozenset[Truth]) -> Asks:
        return applies(self.answering.space, 0, clause, values)

    def _stands(self, clause: int, values: frozenset[Truth]) -> Formula:
        return All((self._applies(clause, PERHAPS), Stands(Ruling(0), clause, values)))

    def _alone(self, clause: int) -> Iterator[Answer]:
        """Whether a clause can be in force at all."""
        if self._find(self._stands(clause, YES)) is not None:
            return
        sure = self._find(self._applies(clause, YES)) is not None
        if not sure and not self._disputed(clause):
            yield self._closest(clause)
            return
        certain = self._find(self._stands(clause, PERHAPS)) is None
        kind = Kind.ALWAYS_DEFEATED if certain else Kind.NEVER_CERTAIN
        showing = self._applies if certain else self._stands
        yield from self._first(kind, (clause,), (showing(clause, each) for each in _SURE_FIRST))

    def _disputed(self, clause: int) -> bool:
        """Whether it asks what can never be true, but unknown; and may be met for the rest."""
        space = self.answering.space
        best = (
            max(reading.outcomes.max() for reading in space.readings[bit])
            for bit in space.bodies[0][clause]
        )
        unsure = any(outcome == Truth.UNKNOWN for outcome in best)
        return unsure and self._find(self._applies(clause, PERHAPS)) is not None

    def _closest(self, clause: int) -> Answer:
        """A flow that meets as many conditions as can be met together, in their order."""
        program = self.answering.space.program
        bits = sorted(self.answering.space.bodies[0][clause])
        met: frozenset[int] = frozenset()
        for bit in bits:
            if self._find(Asks(met | {bit}, YES)) is not None:
                met |= {bit}
        answer = self._answer(Kind.NEVER_APPLIES, (clause,), Asks(met, YES))
        missed = tuple(program.conditions[bit] for bit in bits if bit not in met)
        witnesses = answer.witnesses if answer else ()
        return Answer(Kind.NEVER_APPLIES, (self.pack.ids[clause],), witnesses, missed)

    def _redundant(self, clause: int) -> Iterator[Answer]:
        """Whether any verdict would change without the clause."""
        changed = Differ(Ruling(0), Ruling(0, frozenset({clause})))
        if self._find(self._applies(clause, PERHAPS), changed) is None:
            shown = (self._stands(clause, each) for each in _SURE_FIRST)
            yield from self._first(Kind.REDUNDANT, (clause,), shown)

    def _exceptions(self, clause: int, live: list[int]) -> Iterator[Answer]:
        """Of an exception, which targets it never meets, and whether it reaches beyond them all."""
        targets = [each for each in live if clause in self.pack.attackers[each]]
        for target in targets:
            yield from self._settled(Kind.IDLE_EXCEPTION, (clause, target), self._idle)
        if targets:
            yield from self._settled(Kind.WIDER_EXCEPTION, (clause, *targets), self._wider)

    def _idle(self, clause: int, target: int) -> Iterator[Answer]:
        both = self._applies(clause, PERHAPS), self._applies(target, PERHAPS)
        if self._find(*both) is None:
            kind, shown = Kind.IDLE_EXCEPTION, (self._applies(clause, each) for each in _SURE_FIRST)
            yield from self._first(kind, (clause, target), shown)

    def _wider(self, clause: int, *targets: int) -> Iterator[Answer]:
        beyond = [self._applies(target, NO) for target in targets]
        parts = self._applies(clause, YES), *beyond
        answer = self._answer(Kind.WIDER_EXCEPTION, (clause, *targets), *parts)
        yield from [answer] if answer else []

    def _contradictions(self, forbid: int, live: list[int]) -> Iterator[Answer]:
        """What permits or excuses a flow while the clause forbids it, neither yielding."""
        grants = [each for each in live if self._effect(each) is not Effect.FORBID]
        bodies = self.answering.space.bodies[0]
        meets = self.answering.together(bodies[forbid], [bodies[each] for each in grants])
        met: list[str] = []
        shown: list[Witness] = []
        for grant, can in zip(grants, meets, strict=True):
            for answer in self._settled(
                Kind.CONTRADICTION, (forbid, grant), self._clash if can else self._nothing
            ):
                if answer.kind is Kind.UNDECIDED:
                    yield answer
                else:
                    met.append(answer.clauses[1])
                    shown += answer.witnesses
        if met:
            yield Answer(Kind.CONTRADICTION, (self.pack.ids[forbid], *met), tuple(shown))

    def _clash(self, forbid: int, grant: int) -> Iterator[Answer]:
        edge = forbid in self.pack.attackers[grant] or grant in self.pack.attackers[forbid]
        both = self._stands(forbid, YES), self._stands(grant, YES)
        answer = None if edge else self._answer(Kind.CONTRADICTION, (forbid, grant), *both)
        yield from [answer] if answer else []

    def _nothing(self, *_: int) -> Iterator[Answer]:
        return iter(())
