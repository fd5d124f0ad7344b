"""What is known of a unit, what an unknown fact of it may turn out to be, and what that shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.clause import AFTER, CONSENTED
from audit.clauses.conditions import (
    AGREEMENTS,
    CONSENTS,
    KINDS_OF_CONSENT,
    PROOF,
    WORDS,
    facts_read,
)
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import Words

    Literal = tuple[str, Truth]

_BOTH = (Truth.TRUE, Truth.FALSE)


@dataclass(frozen=True)
class Reading:
    """Which facts each condition of a run reads, where they are truths and no codes."""

    conditions: tuple[Condition, ...]
    names: tuple[tuple[str, ...], ...]
    bits: Mapping[str, int]  # of a fact that a condition reads alone, one such condition

    @staticmethod
    def of(conditions: tuple[Condition, ...]) -> Reading:
        """The facts that these conditions read."""
        names = tuple(names_of(line) for line in conditions)
        alone = {each[0]: bit for bit, each in enumerate(names) if len(each) == 1}
        return Reading(conditions, names, alone)


def names_of(line: Condition) -> tuple[str, ...]:
    """The truths that a condition reads, any of which will do; none of one that asks a code."""
    if WORDS[line.word].asks_a_code:
        return ()
    return facts_read(line)


@dataclass(frozen=True)
class Known:
    """What is known of a unit: the condition bits, the proofs, and whether it is the whole base."""

    reading: Reading
    true: int
    false: int
    proofs: Mapping[str, Truth]
    whole_base: bool

    def truth(self, bit: int) -> Truth:
        """The value of a condition."""
        return Truth(1 + (self.true >> bit & 1) - (self.false >> bit & 1))

    def of(self, name: str) -> Truth:
        """The value of a fact that is a truth; one that nothing asks is unknown."""
        if name.startswith(PROOF):
            return self.proofs.get(name.removeprefix(PROOF), Truth.UNKNOWN)
        return self.truth(self.reading.bits[name]) if name in self.reading.bits else Truth.UNKNOWN

    def unknown(self, mask: int) -> list[int]:
        """Of these conditions those that are unknown."""
        return bits_in(mask & ~(self.true | self.false))

    def may_be(self, name: str) -> tuple[Truth, ...]:
        """What an unknown fact may turn out to be; nothing where no proof can ever tell.

        Counsel decides what is contested, nobody proves that there is no licence, and the customers
        as a whole have no agreement and consent to nothing (semantics, section 1).
        """
        if name in ("contested", "sender_keeps_data"):
            return ()
        if name == "recipient_licensed":
            return (Truth.TRUE,)
        if self.whole_base and name in AGREEMENTS:
            return ()
        if self.whole_base and name in (*CONSENTS, "prohibited_by_customer"):
            return (Truth.FALSE,)
        return _BOTH


def bits_in(mask: int) -> list[int]:
    """The places of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def entailed(name: str, truth: Truth, names: Iterable[str]) -> Iterable[Literal]:
    """What a fact shows of others: a separate consent is a consent, and so on."""
    if name in AGREEMENTS and truth is Truth.TRUE:
        yield from ((other, Truth.FALSE) for other in AGREEMENTS if other != name)
    if name in KINDS_OF_CONSENT and truth is Truth.TRUE:
        yield CONSENTED, Truth.TRUE
    if name == CONSENTED and truth is Truth.FALSE:
        yield from ((other, Truth.FALSE) for other in KINDS_OF_CONSENT)
    if AFTER in name and truth is Truth.TRUE:
        yield from ((PROOF + kind, truth) for kind in name.removeprefix(PROOF).split(AFTER))
    if name.startswith(PROOF) and truth is Truth.FALSE:
        yield from ((other, truth) for other in names if other.startswith(name + AFTER))


def as_bits(words: Words) -> int:
    """Words as one number."""
    return int.from_bytes(words.astype("<u8").tobytes(), "little")
