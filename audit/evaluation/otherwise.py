"""What a violation would be if the clause that comes nearest to allowing it were met."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import Verdict
from audit.clauses.compiling import BITS
from audit.clauses.conditions import WORDS, fact_of, judged
from audit.evaluation.deciding import NONE, decide
from audit.evaluation.missing import Proof, Settlement, merged, told_codes
from audit.evaluation.settling import entailed, names_of
from audit.evaluation.supposing import suppose
from audit.evaluation.units import States
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.clauses.clause import Clause, Condition
    from audit.clauses.compiling import PackProgram, Words
    from audit.evaluation.missing import Question
    from audit.evaluation.settling import Literal

VERDICTS = tuple(Verdict)


def otherwise(question: Question, nearest: str) -> tuple[Settlement, ...]:
    """What would come of it if the conditions of this clause held that do not, or may not.

    Empty where they all hold already, or where no code meets them together.
    """
    clause = question.pack.pack.by_id[nearest]
    known, lines = question.known, question.reading.conditions
    lacking = [line for line in clause.when if known.truth(lines.index(line)) is not Truth.TRUE]
    codes = dict(_codes_wanted(question, clause, lacking))
    if not lacking or any(not wanted for wanted in codes.values()):
        return ()
    supposed = suppose(question.unit, codes, _asked(question.pack))
    found = []
    for cell in product(*(range(1, len(axis.classes) + 1) for axis in supposed.axes)):
        for literals in product(*(_literals(line) for line in lacking if _is_truth(line))):
            state = supposed.true[cell].copy(), supposed.false[cell].copy()
            _make_true(question, literals, state)
            found.append((cell, (literals, *_decided(question, state))))
    return tuple(
        Settlement(
            (
                *told_codes(chosen, supposed, codes),
                *(Proof(name, truth) for name, truth in literals),
            ),
            verdict,
            by,
        )
        for chosen, (literals, verdict, by) in merged(found, len(supposed.axes))
    )


def _asked(pack: PackProgram) -> Words:
    asked: Words = np.bitwise_or.reduce(pack.masks, axis=0)
    return asked


def _is_truth(line: Condition) -> bool:
    return not WORDS[line.word].asks_a_code and line.word != "contested"


def _literals(line: Condition) -> list[Literal]:
    """What would meet the condition: of several proofs any."""
    return [(name, Truth.TRUE) for name in names_of(line)]


def _codes_wanted(
    question: Question, clause: Clause, lacking: Sequence[Condition]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Per fact that is a code and does not meet the clause, the codes that would."""
    numbering, ours = question.unit.registers.numbering, question.unit.one_party

    def named(line: Condition) -> str:
        fact = fact_of(line)
        return fact.replace("sender_", "recipient_") if ours else fact

    for fact in dict.fromkeys(named(line) for line in lacking if WORDS[line.word].asks_a_code):
        asking = [
            line for line in clause.when if WORDS[line.word].asks_a_code and named(line) == fact
        ]
        yield (
            fact,
            tuple(
                code
                for code in numbering.domains[fact]
                if code is not None
                and all(judged(numbering.vocabulary, line, code) is Truth.TRUE for line in asking)
            ),
        )


def _make_true(question: Question, literals: Sequence[Literal], state: tuple[Words, Words]) -> None:
    """Write the literals, and what they show of others, over the conditions that ask them."""
    waiting = list(literals)
    names = [name for line in question.reading.conditions for name in names_of(line)]
    while waiting:
        name, truth = waiting.pop()
        for bit, line in enumerate(question.reading.conditions):
            alone = names_of(line) == (name,)
            if not WORDS[line.word].asks_a_code and (
                alone or (truth is Truth.TRUE and name in names_of(line))
            ):
                _write(bit, truth, state)
        waiting.extend(entailed(name, truth, names))


def _write(bit: int, truth: Truth, state: tuple[Words, Words]) -> None:
    word, mask = bit // BITS, np.uint64(1 << (bit % BITS))
    for words, value in zip(state, (Truth.TRUE, Truth.FALSE), strict=True):
        words[word] = words[word] | mask if truth is value else words[word] & ~mask


def _decided(question: Question, state: tuple[Words, Words]) -> tuple[Verdict, tuple[str, ...]]:
    true, false = state
    decided = decide(question.pack, States(true[None], false[None]), np.array([NONE]))
    by = tuple(question.pack.ids[i] for i in np.flatnonzero(decided.deciding[0]))
    return VERDICTS[int(decided.verdict[0])], by
