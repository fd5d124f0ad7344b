"""Which facts bind which: no world is impossible, so no witness is.

A bond forbids only what can never be (semantics, sections 2 and 3). One that is missing costs a
witness, which the engine then does not confirm; one too many would cost a proof its truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.clauses.clause import AFTER, CONSENTED
from audit.clauses.conditions import AGREEMENTS, CONSENTS, KINDS_OF_CONSENT, PROOF
from audit.vocabulary import OPERATION_CONTACT, ROLE_CARRIER, ROLE_SUBJECT, Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from audit.vocabulary import EvidenceKind

Value = str | int  # a code, a Truth, or the place of an interval of time
OCCURS = "occurs"  # between which of the dates asked about a flow occurs

SHARED = (("sender_role", "recipient_role"), ("sender_legal_role", "recipient_legal_role"))

_OF_CUSTOMERS = (*CONSENTS, "prohibited_by_customer")

# The values of a truth where they are not just false and true. A complete world leaves nothing
# unknown but what can never be known: a dispute, a licence that nobody registered, and the
# agreement of the whole base, which is nobody's.
TRUTHS: Mapping[str, tuple[Truth, ...]] = {
    **dict.fromkeys(AGREEMENTS, tuple(Truth)),
    "contested": (Truth.UNKNOWN,),
    "recipient_licensed": (Truth.UNKNOWN, Truth.TRUE),
}
KNOWN = (Truth.FALSE, Truth.TRUE)


@dataclass(frozen=True)
class Bond:
    """Facts that may not have all values together; where one of `because` is asked, all count."""

    because: frozenset[str]
    names: tuple[str, ...]
    may: Callable[..., bool]
    marked: Mapping[str, str] = field(default_factory=dict)  # a value that `may` tells apart


def bonds_of(asked: Collection[str], kinds: Mapping[str, EvidenceKind]) -> Iterator[Bond]:
    """The bonds among facts of which these are asked."""
    wanted = frozenset(asked)
    bonds = (*_of_the_base(), *_of_consents(), *_of_one_party(wanted), *_of_proofs(wanted, kinds))
    yield from (bond for bond in bonds if bond.because & wanted)


def _of_the_base() -> Iterator[Bond]:
    yield Bond(frozenset(AGREEMENTS), ("whole_base", *AGREEMENTS), _agreement)
    for name in _OF_CUSTOMERS:
        yield Bond(frozenset({name}), ("whole_base", name), _not_both)


def _agreement(whole_base: Value, in_force: Value, settling: Value) -> bool:
    """The base as a whole has no agreement; a customer's is in force or over, never both."""
    if Truth.UNKNOWN in (in_force, settling):
        return whole_base == Truth.TRUE and in_force == settling
    return whole_base == Truth.FALSE and _not_both(in_force, settling)


def _not_both(one: Value, other: Value) -> bool:
    return not (one == Truth.TRUE and other == Truth.TRUE)


def _of_consents() -> Iterator[Bond]:
    """A separate consent, or one in writing, is a consent."""
    for name in KINDS_OF_CONSENT:
        yield Bond(frozenset({name}), (name, CONSENTED), _implies)


def _implies(one: Value, other: Value) -> bool:
    return one != Truth.TRUE or other == Truth.TRUE


def _of_one_party(asked: frozenset[str]) -> Iterator[Bond]:
    """Who contacts the subject keeps the data; else who sends to itself, and is one party."""
    keeping, marked = "sender_keeps_data", {"operation": OPERATION_CONTACT}
    roles, *others = SHARED
    yield Bond(
        frozenset({keeping}),
        ("operation", keeping, *roles),
        _keeps,
        {**marked, "recipient_role": ROLE_SUBJECT},
    )
    for pair in others:
        if asked.issuperset(pair):
            yield Bond(frozenset({keeping}), ("operation", keeping, *pair), _alike, marked)


def _keeps(operation: Value, keeps: Value, sender: Value, recipient: Value) -> bool:
    if operation == OPERATION_CONTACT:
        return (keeps == Truth.TRUE) == (recipient == ROLE_SUBJECT)
    return keeps != Truth.TRUE or sender == recipient


def _alike(operation: Value, keeps: Value, sender: Value, recipient: Value) -> bool:
    return operation == OPERATION_CONTACT or keeps != Truth.TRUE or sender == recipient


def _of_proofs(asked: frozenset[str], kinds: Mapping[str, EvidenceKind]) -> Iterator[Bond]:
    """Evidence after other evidence takes both; of two that there are one began no earlier.

    What its recipient issues and the carrier does not, is not issued to the carrier.
    """
    for name in sorted(name for name in asked if AFTER in name):
        later, earlier = (PROOF + kind for kind in name.removeprefix(PROOF).split(AFTER))
        yield Bond(frozenset({name}), (name, later), _implies)
        yield Bond(frozenset({name}), (name, earlier), _implies)
        back = f"{earlier}{AFTER}{later.removeprefix(PROOF)}"
        if back in asked and name < back:
            yield Bond(frozenset({name}), (name, back, later, earlier), _one_is_later)
    for kind, declared in kinds.items():
        if declared.issued_by_recipient and declared.independent:
            because, names = frozenset({PROOF + kind}), (PROOF + kind, "recipient_role")
            yield Bond(because, names, _of_another, {"recipient_role": ROLE_CARRIER})


def _one_is_later(one: Value, other: Value, *both: Value) -> bool:
    return Truth.FALSE in both or Truth.TRUE in (one, other)


def _of_another(proof: Value, recipient: Value) -> bool:
    return proof != Truth.TRUE or recipient != ROLE_CARRIER
