"""Random tables in which everything meets: few customers, parties, codes and instants.

Where `tests/generate.py` aims each flow at a clause, here rows of every kind fall on each other: a
customer with a dozen consents and refusals, flows of the whole base beside them, rows lost, parties
in two minds. Verdicts are mostly grave; what is tried is that rows are told apart.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.generate import Row, Tables
from tests.reference import COLUMNS

PARTIES: Mapping[str, str | None] = {
    "CAR": "carrier",
    "AFF": "affiliate",
    "PTR": "authorized_partner",
    "BUR": "credit_bureau",
    "CRT": "judicial_authority",
    "TP": "third_party",
    "AGT": "agent",
    "CUSTOMER": "subject",
    "UNREG": None,  # met in flows and consents, in no register
}
SUBJECTS = [f"S{number}" for number in range(10)]
DAYS = [f"2025-{month:02}-{day:02}" for month in (1, 3, 6, 7, 8) for day in (1, 15, 30)]
PURPOSES = [
    *("service", "service.billing", "service.repair", "service.content", "service.notice"),
    *("improve.analytics", "collection", "credit.report", "public.health", "vital.emergency"),
    *("rights.access", "marketing", "service.enrol", "personalise", "unmapped"),
]
CATEGORIES = [
    *("identity", "identity.name", "contact.phone", "billing", "billing.arrears", "comm"),
    *("comm.content", "aggregate.anonymous", "account.status", "unmapped"),
]
OPERATIONS = [
    *("collect", "store", "use", "share", "entrust", "transfer", "disclose", "contact", "contact"),
    *("delete", "unmapped"),
]
SCOPES = [
    *(None, "service", "service.billing", "service.repair;improve", "unmapped;marketing"),
    "service;collection;marketing;rights;personalise;public;vital;credit",
]
NEEDS = [
    *(None, "identity", "identity.name;contact", "contact.phone", "billing", "unmapped;comm"),
    "identity;contact;billing;comm;account;aggregate",
]
KINDS = [
    *("arrears", "arrears", "legal_request", "public_interest", "emergency", "statute", "notice"),
    "unmapped",
]


class Crowd:
    """Tables in the making."""

    def __init__(self, rng: Random, claims: Sequence[str]) -> None:
        self.rng = rng
        self.claims = claims

    def tables(self, flows: int, rows: int) -> Tables:
        """So many flows, and so many consents and rows of evidence."""
        lost = self.lost() if self.rng.random() < 0.5 else {"consents": [], "evidence": []}
        return {
            "flows": [full("flows", self.flow(number)) for number in range(flows)],
            "parties": [full("parties", self.party(name)) for name in PARTIES if name != "UNREG"],
            "consents": [
                *(full("consents", self.consent(number)) for number in range(rows)),
                *(full("consents", self.base(number)) for number in range(len(SUBJECTS))),
                *lost["consents"],
            ],
            "evidence": [
                *(full("evidence", self.evidence(number)) for number in range(rows)),
                *lost["evidence"],
            ],
        }

    def pick(self, *of: Any) -> Any:  # noqa: ANN401 (whatever cells hold)
        """One of these."""
        return self.rng.choice(of)

    def instant(self) -> str:
        """An instant of a few, written in one form or another."""
        day = self.pick(*DAYS)
        clocks = ("T00:00:00+08:00", "T12:00:00+08:00", "T23:59:59.999999+08:00", " 00:00:00")
        return f"{day}{self.pick(*clocks)}"

    def start(self) -> str:
        """A day or an instant."""
        return str(self.pick(self.pick(*DAYS), self.instant()))

    def end(self, share: float = 0.5) -> str | None:
        """The same, or none."""
        return self.start() if self.rng.random() < share else None

    def flow(self, number: int) -> Row:
        """One flow, mostly of the carrier."""
        count = self.pick(1, 1, 2, 3)
        parties = [*PARTIES, "affiliate"]  # a role's code is nobody's name
        return {
            "flow_id": f"F{number}",
            "occurred_at": self.instant(),
            "subject_id": self.pick(*SUBJECTS, "*", "*", "S99"),
            "sender": self.pick("CAR", "CAR", "CAR", *parties),
            "recipient": self.pick("CUSTOMER", "CUSTOMER", "CAR", *parties),
            "data_categories": ";".join(self.rng.sample(CATEGORIES, count)),
            "purpose": self.pick(*PURPOSES),
            "operation": self.pick(*OPERATIONS),
            "basis": self.pick(None, None, "unmapped", *self.claims),
            "evidence_id": self.pick(None, None, "E999", "LOST", *(f"E{n}" for n in range(20))),
            "channel": self.pick(None, "sms", "hall", "phone", "app_push", "unmapped"),
        }

    def party(self, name: str) -> Row:
        """One party; its role is at times not mapped."""
        role = PARTIES[name]
        return {
            "party_id": name,
            "name": name,
            "role": role if name == "CUSTOMER" else self.pick(role, role, role, "unmapped"),
            "purposes": self.pick(*SCOPES),
            "data_categories": self.pick(*NEEDS),
            "agreement_from": self.end(0.8),
            "agreement_until": self.end(),
            "country": self.pick("CN", "CN", "US", None, "unmapped"),
        }

    def consent(self, number: int) -> Row:
        """A customer allows or refuses something."""
        return {
            "consent_id": f"C{number}",
            "subject_id": self.pick(*SUBJECTS),
            "document": "form",
            "recipient": self.pick(None, None, *PARTIES, "affiliate", "third_party", "X"),
            "purposes": self.pick(*SCOPES, SCOPES[-1], SCOPES[-1]),
            "data_categories": self.pick(*NEEDS, NEEDS[-1], NEEDS[-1]),
            "kind": self.pick("agreement", "separate", "written"),
            "given_at": self.start(),
            "withdrawn_at": self.end(0.3),
            "expires_at": self.end(0.3),
            "effect": self.pick(None, "allow", "allow", "forbid"),
        }

    def base(self, number: int) -> Row:
        """A base agreement row."""
        return {
            "consent_id": f"B{number}",
            "subject_id": SUBJECTS[number],
            "document": "agreement",
            "kind": "agreement",
            "given_at": self.start(),
            "withdrawn_at": self.end(0.3),
            "expires_at": self.end(0.3),
        }

    def evidence(self, number: int) -> Row:
        """One row of evidence."""
        return {
            "evidence_id": f"E{number}",
            "kind": self.pick(*KINDS),
            "subject_id": self.pick(None, *SUBJECTS, "*"),
            "issued_by": self.pick(None, *PARTIES, "X"),
            "valid_from": self.start(),
            "valid_until": self.end(),
            "amount": self.pick(None, "0", "-1", "12.5", "12.5"),
        }

    def lost(self) -> Tables:
        """A row of consents and one of evidence that are rejected."""
        consent = self.consent(-1) | {"consent_id": "LOST", "given_at": "2025-13-01"}
        proof = self.evidence(-1) | {"evidence_id": "LOST", "valid_from": "soon"}
        return {
            "consents": [full("consents", consent)],
            "evidence": [full("evidence", proof)],
        }


def full(table: str, row: Row) -> Row:
    """The row with every column of its table."""
    return dict.fromkeys(COLUMNS[table].split()) | row
