"""What a case shows of a condition: dates met to the microsecond, and how things can turn out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from tests import reference
from tests.cases import by_reference
from tests.cases.casefile import Case
from tests.reference import CHINA, FALSE, MOMENT, TRUE, UNKNOWN, Cells, Truth

Span = tuple[datetime | None, datetime | None]
Clause = Mapping[str, Any]
Shows = Callable[[Case, Clause], bool]
DISPUTED = "contested"  # never anything but unknown: a clause that says so is met at best in part


def is_alone(case: Case, clause: Clause, word: str, value: Truth) -> bool:
    """Whether for some category this condition has this value and every other one is true."""
    return any(
        line[word] is value and all(line[other] is TRUE for other in line.keys() - {word, DISPUTED})
        for line in by_reference.lines(case, clause["id"])
    )


def asked(clause: Clause, word: str) -> tuple[str, ...]:
    """What a condition lists."""
    return reference.listed(clause["when"][word])


# ------------------------------------------------------------------ dates


def _terms(rows: Iterable[Cells], start: str, end: str) -> list[Span]:
    return [(row[start], row[end]) for row in rows]


def _rows(posed: reference.Case) -> list[Cells]:
    return list(posed.consents_of(posed.flow["subject_id"]))


def _agreements(posed: reference.Case, _: Clause) -> list[Span]:
    return _terms(filter(reference.is_base, _rows(posed)), "given_at", "end")


def _settlings(posed: reference.Case, _: Clause) -> list[Span]:
    """From the end of an agreement to the end of the next month, Beijing time."""
    ended = [row for row in _rows(posed) if reference.is_base(row) and row["end"]]
    return [(row["end"], _month_begins(reference.month_of(row["last"]) + 2)) for row in ended]


def _month_begins(month: int) -> datetime:
    return datetime((month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=CHINA)


def _contracts(posed: reference.Case, _: Clause) -> list[Span]:
    holding = [reference.party(posed, holder) for holder in reference.holders(posed)]
    return _terms(holding, "agreement_from", "agreement_until")


def _proofs(posed: reference.Case, clause: Clause) -> list[Span]:
    kinds = asked(clause, "evidence")
    proofs = (row for row in posed.world.evidence.values() if row["kind"] in kinds)
    return _terms(proofs, "valid_from", "valid_until")


def _consents(posed: reference.Case, _: Clause) -> list[Span]:
    allows = [row for row in _rows(posed) if row["effect"] != "forbid"]
    return _terms([row for row in allows if not reference.is_base(row)], "given_at", "end")


def _refusals(posed: reference.Case, _: Clause) -> list[Span]:
    return _terms([row for row in _rows(posed) if row["effect"] == "forbid"], "given_at", "end")


DATED: Mapping[str, Callable[[reference.Case, Clause], list[Span]]] = {
    "agreement_in_force": _agreements,
    "agreement_settling": _settlings,
    "recipient_authorised": _contracts,
    "evidence": _proofs,
    "consented": _consents,
    "prohibited_by_customer": _refusals,
}
# Which of the two dates the flow meets, how many microseconds after it, and what is true then.
INSTANTS: Mapping[str, tuple[int, int, Truth]] = {
    "a microsecond before the start": (0, -1, FALSE),
    "at the start": (0, 0, TRUE),
    "a microsecond before the end": (1, -1, TRUE),
    "at the end": (1, 0, FALSE),
}


def meets(case: Case, clause: Clause, word: str, instant: str) -> bool:
    """Whether the flow occurs at this instant of something dated that the condition asks for."""
    date, microseconds, value = INSTANTS[instant]
    posed = by_reference.posed(case)
    dates = [span[date] for span in DATED[word](posed, clause)]
    wanted = posed.now - microseconds * MOMENT
    return wanted in dates and is_alone(case, clause, word, value)


# ------------------------------------------------------------------ turns


def _cited(case: Case) -> Cells | None:
    posed = by_reference.posed(case)
    return posed.world.evidence.get(posed.flow["evidence_id"])


def wrong_evidence(case: Case, clause: Clause) -> bool:
    """Evidence of another kind is cited."""
    row = _cited(case)
    is_other = row is not None and row["kind"] not in asked(clause, "evidence")
    return is_other and is_alone(case, clause, "evidence", FALSE)


def evidence_of_another(case: Case, clause: Clause) -> bool:
    """Evidence of another person is cited; for some kinds somebody has to look."""
    row, subject = _cited(case), by_reference.posed(case).flow["subject_id"]
    is_other = row is not None and row["subject_id"] not in {None, subject}
    return is_other and any(is_alone(case, clause, "evidence", v) for v in (FALSE, UNKNOWN))


def missing_evidence(case: Case, clause: Clause) -> bool:
    """The evidence cited is not in the register."""
    cites = by_reference.posed(case).flow["evidence_id"] is not None
    return cites and _cited(case) is None and is_alone(case, clause, "evidence", UNKNOWN)


def inferred_evidence(case: Case, clause: Clause) -> bool:
    """Nothing is cited, but a row proves it."""
    is_inferred = by_reference.verdict(case).inferred is not None
    return is_inferred and is_alone(case, clause, "evidence", TRUE)


def unregistered_sender(case: Case, clause: Clause) -> bool:
    """The sender is not registered."""
    return _is_unregistered(case, clause, "sender")


def unregistered_recipient(case: Case, clause: Clause) -> bool:
    """The recipient is not registered."""
    return _is_unregistered(case, clause, "recipient")


def _is_unregistered(case: Case, clause: Clause, column: str) -> bool:
    posed = by_reference.posed(case)
    words = [word for word in clause["when"] if word.startswith(f"{column}_role")]
    is_unknown = any(
        line[word] is UNKNOWN for line in by_reference.lines(case, clause["id"]) for word in words
    )
    return posed.flow[column] not in posed.world.parties and is_unknown


def withdrawn(case: Case, clause: Clause) -> bool:
    """What was signed, consented to or refused is withdrawn."""
    return _has_ended(case, clause, "withdrawn_at")


def expired(case: Case, clause: Clause) -> bool:
    """What was signed, consented to or refused has expired."""
    return _has_ended(case, clause, "expires_at")


def _has_ended(case: Case, clause: Clause, column: str) -> bool:
    posed = by_reference.posed(case)
    words = [word for word in clause["when"] if word in RECORDED]
    ended = any(row[column] and row[column] <= posed.now for row in _rows(posed))
    return ended and any(is_alone(case, clause, word, FALSE) for word in words)


def unsigned(case: Case, clause: Clause) -> bool:
    """No agreement of the customer is known."""
    signed = any(map(reference.is_base, _rows(by_reference.posed(case))))
    words = [word for word in clause["when"] if word.startswith("agreement_")]
    return not signed and any(is_alone(case, clause, word, UNKNOWN) for word in words)


def supplement(case: Case, clause: Clause) -> bool:
    """A signed supplement carries it."""
    decided_by = by_reference.layer_said(case).decided_by
    signed = any(
        row["kind"] == "agreement" for row in reference.standing_allows(by_reference.posed(case))
    )
    return signed and f"{clause['id']} (supplement)" in decided_by


def incomplete(case: Case, clause: Clause) -> bool:
    """None is found, and the register of consents is not complete."""
    return "consents" not in case.complete and is_alone(case, clause, "consented", UNKNOWN)


def unreadable(case: Case, clause: Clause) -> bool:
    """A row of the customer cannot be read."""
    lost = any(table == "consents" for table, *_ in by_reference.posed(case).world.rejected)
    words = [word for word in clause["when"] if word in RECORDED]
    return lost and any(is_alone(case, clause, word, UNKNOWN) for word in words)


def lifted(case: Case, clause: Clause) -> bool:
    """A refusal that stands is lifted by a later consent."""
    posed = by_reference.posed(case)
    refused = any(
        row["effect"] == "forbid" and reference.stands(posed, row) for row in _rows(posed)
    )
    consented = bool(reference.standing_allows(posed))
    return refused and consented and is_alone(case, clause, "prohibited_by_customer", FALSE)


def of_the_whole_base(case: Case, clause: Clause) -> bool:
    """Somebody in the whole base has refused."""
    everyone = by_reference.posed(case).flow["subject_id"] == "*"
    return everyone and is_alone(case, clause, "prohibited_by_customer", UNKNOWN)


RECORDED = {"agreement_in_force", "agreement_settling", "consented", "prohibited_by_customer"}
TURNS: Mapping[str, tuple[Shows, ...]] = {
    "sender_role": (unregistered_sender,),
    "recipient_role": (unregistered_recipient,),
    "recipient_role_not": (unregistered_recipient,),
    "evidence": (wrong_evidence, evidence_of_another, missing_evidence, inferred_evidence),
    "agreement_in_force": (withdrawn, unsigned),
    "agreement_settling": (withdrawn, unsigned, unreadable),
    "consented": (withdrawn, expired, supplement, incomplete, unreadable),
    "prohibited_by_customer": (withdrawn, expired, lifted, unreadable, of_the_whole_base),
}
TREES: Mapping[str, tuple[str, str]] = {  # the list of codes, and the flow's column
    "purpose": ("purposes", "purpose"),
    "data": ("categories", "data_categories"),
}


def is_below(clause: Clause, word: str, code: str) -> bool:
    """Whether a code is meant because a wider one is listed."""
    return code not in asked(clause, word) and _covered(clause, word, code) is TRUE


def is_above(clause: Clause, word: str, code: str) -> bool:
    """Whether a code may or may not be meant because a narrower one is listed."""
    mapped = code in by_reference.VOCABULARY[TREES[word][0]]
    return mapped and _covered(clause, word, code) is UNKNOWN


def _covered(clause: Clause, word: str, code: str) -> Truth:
    return reference.covers(by_reference.VOCABULARY[TREES[word][0]], code, asked(clause, word))


def codes(case: Case, word: str) -> tuple[str, ...]:
    """The purpose of a case's flow, or its categories."""
    return reference.listed(by_reference.posed(case).flow[TREES[word][1]])
