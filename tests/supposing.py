"""What the reference interpreter says of a unit if some of what is unknown were known.

A *literal* is a fact with what it turns out to be: a code, which is written into the flow or the
register of parties and everything asked again, or a truth, which stands in for what is unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from audit.evaluation.missing import Proof, Settlement
from tests import reference
from tests.reference import FALSE, TRUE, UNKNOWN, Case, Clause, Pack, Truth

Literal = tuple[str, str | Truth]
OF_FLOW = ("operation", "purpose", "channel")
OF_CONSENTS = ("separately_consented", "consented_in_writing")
NEVER = ("contested", "sender_keeps_data")


def known_code(case: Case, category: str, literal: tuple[str, str]) -> tuple[Case, str]:
    """The case in which a fact that is a code has this one."""
    fact, code = literal
    if fact == "data":
        return case, code
    if fact in OF_FLOW:
        return replace(case, flow={**case.flow, fact: code}), category
    side, _, column = fact.partition("_")
    own_id = case.flow[side]
    row = {**reference.party(case, own_id), column: code}
    parties = {**case.world.parties, own_id: row}
    return replace(case, world=replace(case.world, parties=parties)), category


def shown(literals: Iterable[Literal]) -> set[Literal]:
    """The literals with what they show of others."""
    told, waiting = set(), list(literals)
    while waiting:
        literal = waiting.pop()
        if literal not in told:
            told.add(literal)
            waiting.extend(_shows(*literal))
    return told


def stands(told: Iterable[Literal], literals: Iterable[Literal]) -> bool:
    """Whether the literals show all that is told; what is not there came after nothing either."""
    known = shown(literals)
    return all(
        literal in known
        or (literal[1] is FALSE and (literal[0].partition(" after ")[0], FALSE) in known)
        for literal in told
    )


def _shows(name: str, value: str | Truth) -> Iterator[Literal]:
    agreement = {"agreement_in_force", "agreement_settling"}
    match name, value:
        case (("agreement_in_force" | "agreement_settling"), Truth.TRUE):
            yield from ((other, FALSE) for other in agreement - {name})
        case (("separately_consented" | "consented_in_writing"), Truth.TRUE):
            yield "consented", TRUE
        case "consented", Truth.FALSE:
            yield from ((other, FALSE) for other in OF_CONSENTS)
    if " after " in name and value is TRUE:
        yield from ((f"evidence {kind}", TRUE) for kind in name[9:].split(" after "))


def verdict(
    case: Case, pack: Pack, category: str, literals: Sequence[Literal]
) -> reference.Verdict | None:
    """The unit's verdict under the literals; None where they cannot stand together."""
    for fact, code in literals:
        if isinstance(code, str):
            case, category = known_code(case, category, (fact, code))
    truths = shown(literal for literal in literals if isinstance(literal[1], Truth))
    if len({name for name, _ in truths}) < len(truths):
        return None
    assumed: dict[str, Any] = dict(truths)
    for name, value in assumed.items():
        if truth(case, category, name, {}) not in (value, UNKNOWN):
            return None
    return judged(case, pack, category, assumed)


def supposed(
    case: Case, pack: Pack, category: str, literals: Sequence[Literal]
) -> reference.Verdict:
    """The unit's verdict if this were so, whatever is known."""
    for fact, code in literals:
        if isinstance(code, str) and fact != "basis":
            case, category = known_code(case, category, (fact, code))
        elif isinstance(code, str):
            case = replace(case, flow={**case.flow, "basis": code})
    truths = [literal for literal in literals if isinstance(literal[1], Truth)]
    return judged(case, pack, category, dict(shown(truths)))  # type: ignore[arg-type]


def truth(case: Case, category: str, name: str, assumed: Mapping[str, Truth]) -> Truth:
    """A fact that is a truth, as the reference has it or as assumed."""
    if name in assumed:
        return assumed[name]
    if name.startswith("evidence "):
        proof = tuple(name.removeprefix("evidence ").split(" after "))
        later = f"evidence {proof[0]}"
        # What is shown not to be there did not come after anything either.
        if len(proof) > 1 and assumed.get(later) is FALSE:
            return FALSE
        return reference.evidence(case, *proof)
    if name.startswith("occurs_"):
        word, day = name.split()
        return reference.CODE_WORDS[word](case, category, (day,))
    if name in reference.FLOW_FACTS:
        return reference.FLOW_FACTS[name](case)
    return reference.CATEGORY_FACTS[name](case, category)


def judged(
    case: Case, pack: Pack, category: str, assumed: Mapping[str, Truth]
) -> reference.Verdict:
    """As `reference.judge_unit`, with some facts assumed."""
    force: dict[str, Truth] = {}
    strength = {"forbid": FALSE, "permit": FALSE, "except": FALSE}
    for clause in pack.clauses:
        lines = [value(case, category, (clause, word), assumed) for word in clause.when]
        attacked = reference.either(force[each] for each in pack.attackers[clause.clause_id])
        force[clause.clause_id] = min(TRUE, *lines, reference.negate(attacked))
        strength[clause.effect] = max(strength[clause.effect], force[clause.clause_id])
    return reference.verdict_of(*strength.values())


def value(
    case: Case, category: str, line: tuple[Clause, str], assumed: Mapping[str, Truth]
) -> Truth:
    """One line of a clause."""
    names = names_of(*line)
    if names:
        return reference.either(truth(case, category, name, assumed) for name in names)
    return reference.condition(case, category, *line)


def names_of(clause: Clause, word: str) -> list[str]:
    """The truths that a line reads; none where it reads a code."""
    if word == "evidence":
        return [f"evidence {kind}" for kind in reference.listed(clause.when[word])]
    if word == "evidence_after":
        return [f"evidence {' after '.join(clause.when[word])}"]
    if word.startswith("occurs_"):
        return [f"{word} {clause.when[word]}"]
    named = word in reference.FLOW_FACTS or word in reference.CATEGORY_FACTS
    return [word] if named else []


def literals(case: Case, pack: Pack, unit: reference.Unit) -> list[Literal]:
    """Every literal that the unknown lines of the clauses that may hold ask for."""
    found: dict[Literal, None] = {}
    for clause in pack.clauses:
        lines = unit.lines[clause.clause_id]
        if FALSE in lines.values():
            continue
        for word in clause.when:
            if lines[reference.spelled(clause, word)] is UNKNOWN:
                found |= dict.fromkeys(_of_line(case, unit.category, clause, word))
    return list(found)


def _of_line(case: Case, category: str, clause: Clause, word: str) -> Iterator[Literal]:
    if word == "sender_keeps_data":
        yield from _codes(case, category, "operation")
        yield from _codes(case, category, "recipient_role")
    names = names_of(clause, word)
    for name in names:
        if truth(case, category, name, {}) is UNKNOWN:
            yield from ((name, value) for value in may_be(case, name))
    if not names and not word.startswith(("claimed", "occurs")):
        fact = word.removesuffix("_not").removesuffix("_such_as")
        yield from _codes(case, category, fact)


def may_be(case: Case, name: str) -> tuple[Truth, ...]:
    """What an unknown fact may turn out to be."""
    whole = reference.whole_base(case) is TRUE
    if name in NEVER or (whole and name.startswith("agreement_")):
        return ()
    if whole and name in ("consented", *OF_CONSENTS, "prohibited_by_customer"):
        return (FALSE,)
    return (TRUE,) if name == "recipient_licensed" else (TRUE, FALSE)


def _codes(case: Case, category: str, fact: str) -> Iterator[Literal]:
    """The codes that an unknown one may turn out to be."""
    words = case.words
    one = case.flow["sender"] == case.flow["recipient"]
    fact = fact.replace("sender_", "recipient_") if one else fact
    trees = {"purpose": words.purposes, "data": words.categories}
    if fact in trees:
        own = category if fact == "data" else case.flow[fact]
        below = [c for c in trees[fact] if own in reference.lineage(trees[fact], c)[1:]]
        yield from ((fact, code) for code in (below if own in trees[fact] else trees[fact]))
        return
    side = fact.partition("_")[0]
    lists: dict[str, tuple[Any, Any]] = {
        "operation": (case.flow["operation"], words.operations),
        "channel": (case.flow["channel"], words.channels),
    }
    party = reference.party(case, case.flow.get(side, ""))
    lists[f"{side}_role"] = (party["role"], words.roles)
    lists[f"{side}_country"] = (party["country"], words.countries)
    lists[f"{side}_legal_role"] = (party["legal_role"], words.legal_roles)
    own, codes = lists[fact]
    if own not in codes:
        yield from ((fact, code) for code in sorted(codes))


def told(settlement: Settlement) -> Iterator[tuple[Literal, ...]]:
    """Every set of literals that a settlement stands for."""
    yield from product(*(list(_of_proof(proof)) for proof in settlement.proofs))


def _of_proof(proof: Proof) -> Iterator[Literal]:
    if proof.truth is not None:
        yield proof.fact, Truth(int(proof.truth))
    yield from ((proof.fact, code) for code in proof.codes)


# ---- the registers made to say so


def proven(case: Case, category: str, name: str) -> Case | None:
    """The case with a row by which the fact is true; None where no single row can show it."""
    if name.startswith("evidence ") and " after " not in name:
        return _with_evidence(case, name.removeprefix("evidence "))
    if name not in ("consented", "consented_in_writing", "agreement_in_force"):
        return None
    words, purpose = case.words, case.flow["purpose"]
    if purpose not in words.purposes or category not in words.categories:
        return None
    base = name == "agreement_in_force"
    row = {
        "consent_id": f"new {name}",
        "subject_id": case.flow["subject_id"],
        "recipient": None,
        "purposes": None if base else (purpose,),
        "data_categories": None if base else (category,),
        "kind": "agreement" if base else "written",
        "effect": "allow",
        "given_at": case.now,
        "end": None,
        "last": None,
    }
    subject = case.flow["subject_id"]
    consents = {**case.world.consents, subject: [*case.consents_of(subject), row]}
    return replace(case, world=replace(case.world, consents=consents))


def _with_evidence(case: Case, code: str) -> Case | None:
    kind, subject = case.words.kinds[code], case.flow["subject_id"]
    issuers = [case.flow["recipient"], *([] if kind.issued_by_recipient else case.world.parties)]
    if kind.independent:
        issuers = [each for each in issuers if reference.acts_as(case, each, "carrier") is FALSE]
    if not issuers or (kind.names_recipient and case.flow["recipient"] not in case.world.parties):
        return None
    row = {
        "evidence_id": f"new {code}",
        "kind": code,
        "subject_id": subject,
        "issued_by": issuers[0],
        "reference": case.flow["recipient"],
        "amount": 1.0,
        "valid_from": case.now,
        "valid_until": None,
    }
    world = case.world
    own = {**world.evidence_of, subject: [*world.evidence_of.get(subject, ()), row]}
    evidence = {**world.evidence, row["evidence_id"]: row}
    return replace(case, world=replace(world, evidence=evidence, evidence_of=own))


def registered(case: Case, category: str, literals: Sequence[Literal]) -> tuple[Case, str] | None:
    """The case in which rows, parties and cells say all of this; None where they cannot."""
    for fact, code in literals:
        if isinstance(code, str):
            case, category = known_code(case, category, (fact, code))
    for name, value_ in literals:
        if value_ is FALSE:
            return None
        more = proven(case, category, name) if value_ is TRUE else case
        if more is None:
            return None
        case = more
    return case, category
