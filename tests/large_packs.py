"""A pack as large as a carrier's whole rule book, for measuring how far analysis carries."""

from collections.abc import Mapping
from random import Random
from typing import Any

_CODES = {
    "sender_role": ("roles", 2),
    "recipient_role": ("roles", 2),
    "operation": ("operations", 3),
    "purpose": ("purposes", 2),
}
_TRUTHS = ("within_recipient_scope", "recipient_authorised", "necessary_data", "agreement_in_force")


def large_pack(rng: Random, size: int, vocabulary: Mapping[str, Any]) -> dict[str, Any]:
    """A valid pack of this many clauses: one in six forbids, the others except a few of those.

    Clauses ask what clauses of an agreement ask: who, to whom, what, what for; half of them which
    data, some of them for a channel, evidence, a consent, or that a contract holds.
    """
    clauses = [_clause(rng, number, vocabulary) for number in range(size)]
    forbids = [clause["id"] for clause in clauses if clause["effect"] == "forbid"]
    for clause in clauses:
        if clause["effect"] != "forbid":
            clause["exception_to"] = rng.sample(forbids, min(len(forbids), rng.randint(0, 3)))
    header = {"id": "large", "version": "1.0.0", "layer": "contract"}
    return {"pack": {**header, "title": {"zh": "大型", "en": "Large"}}, "clause": clauses}


def _clause(rng: Random, number: int, vocabulary: Mapping[str, Any]) -> dict[str, Any]:
    effect = "forbid" if number % 6 == 0 else rng.choice(["permit", "permit", "except"])
    when: dict[str, Any] = {
        word: rng.sample(sorted(vocabulary[listing]), rng.randint(1, most))
        for word, (listing, most) in _CODES.items()
    }
    if effect == "forbid":
        del when[rng.choice(["sender_role", "purpose"])]
    if rng.random() < 0.5:
        when["data"] = rng.sample(sorted(vocabulary["categories"]), rng.randint(1, 3))
    if rng.random() < 0.2:
        when["channel"] = rng.sample(sorted(vocabulary["channels"]), 3)
    if rng.random() < 0.2:
        when["evidence"] = rng.choice(sorted(vocabulary["evidence_kinds"]))
    when |= {fact: True for fact in _TRUTHS if rng.random() < 0.1 and _fits(fact, effect)}
    if rng.random() < 0.05:
        when["prohibited_by_customer" if effect == "forbid" else "consented"] = True
    own = f"L-{number}"
    gist = {"zh": f"条款{own}", "en": f"Clause {own}"}
    return {"id": own, "cite": own, "effect": effect, "gist": gist, "when": when}


def _fits(fact: str, effect: str) -> bool:
    return effect != "forbid" or fact != "agreement_in_force"
