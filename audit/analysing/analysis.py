"""The two analyses from end to end: packs in, answers out, every flow of them run by the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from audit.analysing.answering import By, Either, Undecided, answering
from audit.analysing.confirming import confirmed
from audit.analysing.differing import changes, edits
from audit.analysing.formulas import Question
from audit.analysing.gaps import Gaps, silent
from audit.analysing.linting import Answer, Kind, Lint
from audit.analysing.space import space_of
from audit.analysing.statements import load_statements
from audit.analysing.tables import Tables
from audit.analysing.widening import widened
from audit.clauses.compiling import compile_packs
from audit.clauses.reading import load_pack
from audit.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from audit.analysing.answering import Answering
    from audit.analysing.differing import Change, Edits
    from audit.analysing.space import Space
    from audit.analysing.statements import Statement, Statements
    from audit.analysing.widening import Witness
    from audit.clauses.clause import Pack

BELYING = 3  # classes of flows that belie one statement


@dataclass(frozen=True)
class Found:
    """What an analysis found; the engine was asked about every witness, in this order."""

    space: Space
    packs: tuple[str, ...]
    answers: tuple[Answer, ...]
    changes: tuple[Change, ...]
    edits: Edits | None
    witnesses: tuple[Witness, ...]
    confirmed: tuple[bool, ...]

    @property
    def is_clean(self) -> bool:
        """Nothing that must be mended, nothing changed, nothing that the engine denies."""
        faults = any(answer.kind.is_fault for answer in self.answers)
        return not faults and not self.changes and all(self.confirmed)


def lint(name: str, by: By = By.both, prove: Path | None = None) -> Found:
    """What there is to say of the pack of this name; raises UsageRefused."""
    pack = load_pack(name)
    statements = load_statements(prove, pack) if prove else None
    space = _space((pack,), statements)
    asked = _answering(space, by)
    answers = [*Lint(asked).answers(), *_gaps(asked)]
    for statement in statements.statements if statements else ():
        answers += _proved(asked, statement)
    witnesses = [witness for answer in answers for witness in answer.witnesses]
    return _found(space, (name,), witnesses, answers=tuple(answers))


def diff(old: str, new: str, by: By = By.both) -> Found:
    """How the two packs of these names judge differently; raises UsageRefused."""
    packs = load_pack(old), load_pack(new)
    space = _space(packs, None)
    told = tuple(changes(_answering(space, by)))
    witnesses = [witness for change in told for witness in change.witnesses]
    found = _found(space, (old, new), witnesses)
    return replace(found, changes=told, edits=edits(*packs))


def _found(
    space: Space,
    names: tuple[str, ...],
    witnesses: Sequence[Witness],
    answers: tuple[Answer, ...] = (),
) -> Found:
    sure = confirmed(space, [witness.world for witness in witnesses], names)
    return Found(space, names, answers, (), None, tuple(witnesses), tuple(sure))


def _space(packs: tuple[Pack, ...], statements: Statements | None) -> Space:
    """The worlds of the packs; what a statement asks is asked too, but is nothing to claim."""
    kinds = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
    vocabulary = load_vocabulary().with_evidence(kinds)
    program = compile_packs(packs, vocabulary)
    if statements is None:
        return space_of(program)
    asking = compile_packs((*packs, statements.pack), vocabulary)
    domains = {**asking.domains, "basis": program.domains["basis"]}
    return space_of(replace(asking, domains=domains))


def _answering(space: Space, by: By) -> Answering:
    """Who answers; where it is not too large, one table is made once for all questions."""
    asked = answering(space, by)
    if isinstance(asked, Either):
        asked.tables.keep(tuple(dict.fromkeys(bits for pack in space.bodies for bits in pack)))
    return asked


def _gaps(asked: Answering) -> Iterator[Answer]:
    tables = asked.tables if isinstance(asked, Either) else Tables(asked.space)
    boxes, left = Gaps(tables).found()
    for box in boxes:
        witness = silent(asked, box)
        yield Answer(Kind.GAP, (), (witness,) if witness else ())
    if left:
        yield Answer(Kind.GAP, (), left=left)


def _proved(asked: Answering, statement: Statement) -> Iterator[Answer]:
    """Counterexamples of a statement, or that there is none; then a flow that `unless` excuses."""
    kind = Kind.REFUTED
    try:
        shown = tuple(islice(_classes(asked, statement, belied=True), BELYING))
        if not shown:
            kind = Kind.PROVED
            shown = tuple(islice(_classes(asked, statement, belied=False), 1))
        yield Answer(kind, (statement.id,), shown, title=statement.title)
    except Undecided:
        yield Answer(Kind.UNDECIDED, (statement.id,), title=statement.title, asked=Kind.PROVED)


def _classes(asked: Answering, statement: Statement, *, belied: bool) -> Iterator[Witness]:
    formula = (statement.belied_by if belied else statement.tried_by)(asked.space)
    found: list[Witness] = []
    while True:
        beside = tuple(witness.box for witness in found)
        world = asked.find(Question(formula, asked.space.whole, beside))
        if world is None:
            return
        found.append(widened(asked, formula, world))
        yield found[-1]
