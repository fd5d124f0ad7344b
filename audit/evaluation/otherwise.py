"""What a violation would be if the clause that comes nearest to allowing it were met."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import Verdict
from audit.clauses.compiling import BITS
from audit.clauses.conditions import WORDS, fact_of, judged
from audit.evaluation.deciding import NONE, decide
from audit.evaluation.knowing import entailed, names_of
from audit.evaluation.missing import Settlement, merged, told_codes, truths
from audit.evaluation.supposing import suppose
from audit.evaluation.units import States
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from audit.clauses.clause import Clause, Condition
    from audit.clauses.compiling import PackProgram, Words
    from audit.evaluation.knowing import Literal
    from audit.evaluation.missing import Chosen, Proof, Question
    from audit.evaluation.supposing import Supposed

VERDICTS = tuple(Verdict)


def otherwise(question: Question, nearest: str) -> tuple[Settlement, ...]:
    """What would come of it if the conditions of this clause held that do not, or may not.

    Where that leaves it forbidden, and an exception to what forbids it would help, if that held
    too. Told are those that take the fewest facts; none where no code meets the clause at all.
    """
    by_id = question.pack.pack.by_id
    found = _if_met(question, (by_id[nearest],))
    beating = {by for each in found for by in each.decided_by} or set(_forbidding(question))
    if found and not all(each.verdict is Verdict.VIOLATION for each in found):
        return found
    exceptions = [
        clause
        for clause in question.pack.pack.judging
        if clause.id != nearest and beating & set(clause.exception_to)
    ]
    both = [
        each
        for clause in exceptions
        for each in _if_met(question, (by_id[nearest], clause))
        if each.verdict in (Verdict.PERMITTED, Verdict.EXCEPTED)
    ]
    return _fewest(both) or tuple(each for each in found if each.proofs)


def _forbidding(question: Question) -> tuple[str, ...]:
    """The clauses that forbid the unit as it stands."""
    ((_, by),) = _decided(question, [(question.state.true[0], question.state.false[0])])
    return by


def _fewest(settlements: Sequence[Settlement]) -> tuple[Settlement, ...]:
    least = min((len(each.proofs) for each in settlements), default=0)
    return tuple(each for each in settlements if len(each.proofs) == least)


def _if_met(question: Question, clauses: tuple[Clause, ...]) -> tuple[Settlement, ...]:
    """What the unit would be if these clauses were met, by the fewest facts."""
    known, place = question.known, question.reading.conditions.index
    lines = tuple(dict.fromkeys(line for clause in clauses for line in clause.when))
    lacking = [line for line in lines if known.truth(place(line)) is not Truth.TRUE]
    codes = dict(_codes_wanted(question, lines, lacking))
    if any(not wanted for wanted in codes.values()):
        return ()
    supposed = suppose(question.unit, question.state, codes, _asked(question.pack))
    cases, states = [], []
    for cell in product(*(range(1, len(axis.classes) + 1) for axis in supposed.axes)):
        there = question.under(supposed.true[cell], supposed.false[cell])
        open_ = [ln for ln in lines if _is_truth(ln) and there.truth(place(ln)) is not Truth.TRUE]
        for literals in product(*(_literals(line) for line in open_)):
            state = supposed.true[cell].copy(), supposed.false[cell].copy()
            _make_true(question, literals, state)
            cases.append((cell, _needed(literals)))
            states.append(state)
    brought = _brought(question, states, clauses)
    found = [
        (cell, (literals, *told)) for (cell, literals), told in zip(cases, brought, strict=True)
    ]
    return _fewest(
        [
            Settlement((*_wanted(chosen, supposed, codes, lines), *truths(literals)), verdict, by)
            for chosen, (literals, verdict, by) in merged(found, len(supposed.axes))
        ]
    )


def _brought(
    question: Question, states: Sequence[tuple[Words, Words]], clauses: tuple[Clause, ...]
) -> Iterator[tuple[Verdict, tuple[str, ...]]]:
    """The verdicts, and which of these clauses carry each; of a violation, whatever forbids it."""
    for verdict, by in _decided(question, states):
        if verdict is Verdict.VIOLATION:
            yield verdict, by
        else:
            yield verdict, tuple(clause.id for clause in clauses if clause.id in by)


def _needed(literals: Sequence[Literal]) -> tuple[Literal, ...]:
    """The literals, but those that others of them show."""
    shown = {more for name, truth in literals for more in entailed(name, truth, ())}
    return tuple(each for each in dict.fromkeys(literals) if each not in shown)


def _wanted(
    chosen: Chosen,
    supposed: Supposed,
    codes: Mapping[str, tuple[str, ...]],
    lines: Sequence[Condition],
) -> Iterator[Proof]:
    """The codes chosen; where all that are wanted are, by the conditions that want them."""
    for proof in told_codes(chosen, supposed, codes):
        if len(proof.codes) == len(codes[proof.fact]):
            asked = tuple(line for line in lines if fact_of(line) == proof.fact)
            yield replace(proof, asked=asked)
        else:
            yield replace(proof, others=())


def _asked(pack: PackProgram) -> Words:
    asked: Words = np.bitwise_or.reduce(pack.masks, axis=0)
    return asked


def _is_truth(line: Condition) -> bool:
    return not WORDS[line.word].asks_a_code and line.word != "contested"


def _literals(line: Condition) -> list[Literal]:
    """What would meet the condition: of several proofs any."""
    return [(name, Truth.TRUE) for name in names_of(line)]


def _codes_wanted(
    question: Question, lines: Sequence[Condition], lacking: Sequence[Condition]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Per fact that is a code and does not meet the lines, the codes that would."""
    numbering, ours = question.unit.registers.numbering, question.unit.one_party

    def named(line: Condition) -> str:
        fact = fact_of(line)
        return fact.replace("sender_", "recipient_") if ours else fact

    for fact in dict.fromkeys(named(line) for line in lacking if WORDS[line.word].asks_a_code):
        asking = [line for line in lines if WORDS[line.word].asks_a_code and named(line) == fact]
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


def _decided(
    question: Question, states: Sequence[tuple[Words, Words]]
) -> list[tuple[Verdict, tuple[str, ...]]]:
    """The verdict of each state, and the clauses that decide it."""
    true, false = (np.stack(words) for words in zip(*states, strict=True))
    decided = decide(question.pack, States(true, false), np.full(len(states), NONE))
    return [
        (VERDICTS[int(verdict)], tuple(question.pack.ids[i] for i in np.flatnonzero(deciding)))
        for verdict, deciding in zip(decided.verdict, decided.deciding, strict=True)
    ]
