"""What was found where a condition asked: codes, dates and ids behind a truth, in no language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.conditions import DATES, WORDS
from audit.facts.base import is_base
from audit.vocabulary import CUSTOMER, OPERATION_CONTACT, ROLE_SUBJECT

if TYPE_CHECKING:
    from audit.clauses.clause import Condition
    from audit.records.checking import Registers

Flow = dict[str, Any]
NOTHING = "-"


def found_of(line: Condition, flow: Flow, category: str, records: Registers) -> str:
    """What the flow or the register rows show that the condition asks about; `-` for nothing."""
    fact = WORDS[line.word].fact
    if fact == "evidence":
        return _evidence(flow, line.argument, records)
    if fact in DATES:
        return _instant(flow["occurred_at"])
    if fact == "contested":
        return NOTHING
    if fact in _OF_FLOW:
        return str(flow[_OF_FLOW[fact]] or NOTHING)
    if fact == "data":
        return category
    return _OF_REGISTERS[fact](flow, records)


_OF_FLOW = {
    "operation": "operation",
    "purpose": "purpose",
    "channel": "channel",
    "basis": "basis",
    "whole_base": "subject_id",
}


def _party(party_id: str, records: Registers) -> dict[str, Any]:
    rows = records.parties.filter(pl.col("party_id") == party_id).to_dicts()
    if rows and party_id not in records.taints.parties:
        return rows[0]
    return {"party_id": party_id, "role": ROLE_SUBJECT if party_id == CUSTOMER else None}


def _holder(flow: Flow, records: Registers) -> dict[str, Any]:
    recipient = _party(flow["recipient"], records)
    calls = flow["operation"] == OPERATION_CONTACT and recipient["role"] == ROLE_SUBJECT
    return _party(flow["sender"], records) if calls else recipient


def _side(side: str, column: str) -> Callable[[Flow, Registers], str]:
    def found(flow: Flow, records: Registers) -> str:
        party = _party(flow[side], records)
        return f"{party['party_id']}: {party.get(column) or NOTHING}"

    return found


def _of_holder(column: str) -> Callable[[Flow, Registers], str]:
    def found(flow: Flow, records: Registers) -> str:
        holder = _holder(flow, records)
        return f"{holder['party_id']}: {_listed(holder.get(column))}"

    return found


def _term(flow: Flow, records: Registers) -> str:
    holder = _holder(flow, records)
    span = _span(holder.get("agreement_from"), holder.get("agreement_until"))
    return f"{holder['party_id']}: {span}"


def _same(flow: Flow, _: Registers) -> str:
    return f"{flow['sender']} -> {flow['recipient']}"


def _consents(effect: str, *, base: bool) -> Callable[[Flow, Registers], str]:
    def found(flow: Flow, records: Registers) -> str:
        own = pl.col("subject_id") == flow["subject_id"]
        alike = (pl.col("effect") == effect) & (is_base() == base)
        rows = records.consents.filter(own & alike).sort("consent_id")
        spans = [
            f"{row['consent_id']} {_span(row['given_at'], row['ends_at'])}"
            for row in rows.to_dicts()
        ]
        return _listed(spans)

    return found


def _evidence(flow: Flow, kinds: tuple[str, ...], records: Registers) -> str:
    """The cited row, and the subject's own rows of the kinds asked for."""
    own = (pl.col("subject_id") == flow["subject_id"]) & pl.col("kind").is_in(list(kinds))
    cited = pl.col("evidence_id") == pl.lit(flow["evidence_id"], dtype=pl.String)
    rows = records.evidence.filter(own | cited).sort("evidence_id").to_dicts()
    told = [_proof(row, records) for row in rows]
    dangling = flow["evidence_id"] and not any(
        row["evidence_id"] == flow["evidence_id"] for row in rows
    )
    return _listed([*told, *([f"{flow['evidence_id']} ?"] if dangling else [])])


def _proof(row: dict[str, Any], records: Registers) -> str:
    """The row; what it refers to is told where that is a party's id."""
    parts = [row["evidence_id"], row["kind"], _span(row["valid_from"], row["valid_until"])]
    amount = [] if row["amount"] is None else [f"{row['amount']:g}"]
    issuer = [row["issued_by"]] if row["issued_by"] else []
    named = pl.col("party_id") == pl.lit(row["reference"], dtype=pl.String)
    party = [] if records.parties.filter(named).is_empty() else [f"-> {row['reference']}"]
    return " ".join([*parts, *amount, *issuer, *party])


def _span(start: Any, end: Any) -> str:  # noqa: ANN401 - a cell of a row read as a dict
    """`[start, end)` in +08:00, an open end as `…`."""
    first, last = (NOTHING if at is None else _instant(at) for at in (start, end))
    return f"[{first}, {'…' if end is None else last})"


def _instant(at: Any) -> str:  # noqa: ANN401 - a cell of a row read as a dict
    local = pl.Series([at]).dt.convert_time_zone("Asia/Shanghai")
    return str(local.dt.to_string("iso:strict")[0]).replace(".000000", "")


def _listed(members: Any) -> str:  # noqa: ANN401 - a cell of a row read as a dict
    return "; ".join(members) if members else NOTHING


_OF_REGISTERS: dict[str, Callable[[Flow, Any], str]] = {
    "sender_role": _side("sender", "role"),
    "recipient_role": _side("recipient", "role"),
    "recipient_country": _side("recipient", "country"),
    "sender_legal_role": _side("sender", "legal_role"),
    "recipient_legal_role": _side("recipient", "legal_role"),
    "recipient_licensed": _side("recipient", "licence"),
    "within_recipient_scope": _of_holder("purposes"),
    "necessary_data": _of_holder("data_categories"),
    "recipient_authorised": _term,
    "sender_keeps_data": _same,
    "agreement_in_force": _consents("allow", base=True),
    "agreement_settling": _consents("allow", base=True),
    "consented": _consents("allow", base=False),
    "separately_consented": _consents("allow", base=False),
    "consented_in_writing": _consents("allow", base=False),
    "prohibited_by_customer": _consents("forbid", base=False),
}
