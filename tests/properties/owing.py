"""Random worlds and duties: few people, parties and codes, so that events and acts meet often.

Times are whole hours within a few weeks around a long holiday, in a year whose holidays are known
or in one where they are not; so ends of periods are met to the instant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.generate import Row, Tables, shipped_vocabulary
from tests.reference import CHINA

VOCABULARY = shipped_vocabulary()
STARTS = (datetime(2025, 1, 18, tzinfo=CHINA), datetime(2021, 12, 20, tzinfo=CHINA))
HOURS = 24 * 30
SUBJECTS = ("S-1", "S-2", "S-3", "S-4", "S-5", "*")
PARTIES: Mapping[str, Row] = {
    "CAR": {"role": "carrier", "country": "CN", "legal_role": "handler"},
    "PTR": {"role": "authorized_partner", "country": "CN", "legal_role": "processor"},
    "AFF": {"role": "affiliate", "country": "US", "legal_role": "handler"},
    "BUR": {"role": "credit_bureau", "country": "CN", "legal_role": None},
    "ODD": {"role": "unmapped_role", "country": None, "legal_role": "joint"},
}
STRANGER = "X-1"  # in no register
ENDS = (*PARTIES, STRANGER, "CUSTOMER")
PURPOSES = ("service.callback", "service", "credit.report", "credit.correct", "marketing", "odd")
OPERATIONS = ("share", "share", "contact", "delete", "collect", "unmapped_operation")
CATEGORIES = ("contact.phone", "contact", "location.trace", "health", "unmapped_category")
CHANNELS = ("sms", "phone", "hall", None, "unmapped_channel")
KINDS = ("arrears", "notice", "public_interest", "emergency", "stop")
STOP = {"code": "stop", "subject_optional": True}
COMPLETE = (
    frozenset({"consents"}),
    frozenset({"consents", "flows", *(f"evidence.{kind}" for kind in KINDS)}),
    frozenset({"consents", "flows", "evidence.notice"}),
)


def document(rng: Random, layer: str = "contract") -> dict[str, Any]:
    """A pack with one clause that nobody cares about, and a dozen duties."""
    gist = {"zh": "甲", "en": "a"}
    clause = {"id": "1", "cite": "1", "effect": "permit", "gist": gist, "when": {"consented": True}}
    return {
        "pack": {"id": f"p_{layer}", "version": "1.0.0", "layer": layer, "title": gist},
        "evidence_kind": [STOP],
        "clause": [clause],
        "duty": [duty(rng, f"d-{number}") for number in range(12)],
    }


def duty(rng: Random, own_id: str) -> dict[str, Any]:
    """A valid duty of any kind."""
    event = rng.choice(
        ["flow", "flow", "evidence", "evidence_ends", "withdrawal", "agreement_ends"]
    )
    arises = raised(rng, event)
    relation = event == "flow" and "earlier" not in arises and rng.random() < 0.4
    has_party = event in {"flow", "agreement_ends"} or "earlier" in arises
    gist = {"zh": "甲", "en": "a"}
    return {
        "id": own_id,
        "cite": own_id,
        "gist": gist,
        **({"per": "relation"} if relation else {}),
        **({"draft": True} if rng.random() < 0.05 else {}),
        "arises": arises,
        "due": due(rng),
        "fulfilled": fulfilled(rng, has_party=has_party),
    }


def raised(rng: Random, event: str) -> dict[str, Any]:
    """What raises it."""
    told: dict[str, Any] = {"event": event}
    if event == "flow":
        told["flow"] = words(rng)
    if event.startswith("evidence"):
        told["evidence"] = rng.choice(KINDS)
    if event == "agreement_ends" and rng.random() < 0.6:
        told["party"] = {"role": ["authorized_partner", "affiliate", "credit_bureau"]}
        if rng.random() < 0.5:
            told["party"]["legal_role"] = ["processor", "joint"]
    if rng.random() < {"withdrawal": 0.7, "flow": 0.3}.get(event, 0.5):
        told["earlier"] = words(rng)
    return told


def due(rng: Random) -> dict[str, Any]:
    """Until when."""
    kind = rng.choice(["before", "since", "days", "days", "hours"])
    if kind == "days":
        return {"days": rng.choice([1, 3, 7, 12])}
    if kind == "hours":
        return {"hours": rng.choice([1, 24, 100])}
    return {"before": True, **({"since": rng.choice(KINDS)} if kind == "since" else {})}


def fulfilled(rng: Random, *, has_party: bool) -> dict[str, Any]:
    """What fulfils it."""
    told: dict[str, Any] = {}
    either = rng.choice(["evidence", "flow", "both"])
    if either != "flow":
        few = rng.sample(KINDS, rng.choice([1, 1, 2]))
        told["evidence"] = few[0] if len(few) == 1 else few
        bound = rng.choice(["nothing", "nothing", "issuer", "carrier", "name", "both"])
        if bound in {"carrier", "both"}:
            told["issued_by"] = "carrier"
        if bound == "issuer" and has_party:
            told["issued_by"] = "party"
        if bound in {"name", "both"} and has_party:
            told["names_party"] = True
    if either != "evidence":
        told["flow"] = words(rng)
        if has_party and rng.random() < 0.6:
            told["party"] = rng.choice(["sender", "recipient"])
    return told


def words(rng: Random) -> dict[str, Any]:
    """Flow words, not too narrow."""
    pool: dict[str, Any] = {
        "sender_role": ["carrier", "authorized_partner", "affiliate"],
        "recipient_role": ["credit_bureau", "authorized_partner", "subject"],
        "recipient_role_not": ["carrier", "subject"],
        "operation": ["share", "contact", "collect"],
        "operation_not": ["delete"],
        "purpose": ["service", "credit"],
        "purpose_not": ["marketing"],
        "data": ["contact", "location"],
        "data_not": ["contact.phone"],
        "channel": ["sms"],
        "channel_such_as": ["phone", "hall"],
        "recipient_country": ["CN"],
        "recipient_country_not": ["CN"],
        "sender_legal_role": ["handler"],
        "recipient_legal_role_not": ["joint"],
        "whole_base": True,
    }
    chosen = rng.sample(sorted(pool), rng.choice([1, 1, 2, 3]))
    if "whole_base" in chosen and rng.random() < 0.8:
        chosen = ["operation"]
    return {word: pool[word] for word in chosen}


# ------------------------------------------------------------------ tables


def tables(rng: Random, size: int, *, losses: bool) -> Tables:
    """Raw-text tables with this many flows and as many rows of evidence."""
    start = rng.choice(STARTS)
    told: Tables = {
        "flows": [flow(rng, start, number) for number in range(size)],
        "parties": [party(rng, start, own_id) for own_id in PARTIES],
        "consents": [consent(rng, start, number) for number in range(size // 4)],
        "evidence": [evidence(rng, start, number) for number in range(size // 2)],
    }
    if losses:
        lose(rng, told)
    for rows in told.values():
        rng.shuffle(rows)
    return told


def lose(rng: Random, told: Tables) -> None:
    """Rows that are rejected: each table at times."""
    column = {"flows": "occurred_at", "parties": "agreement_from", "consents": "given_at"}
    for table, rows in told.items():
        if rng.random() < 0.4:
            rng.choice(rows)[column.get(table, "valid_from")] = "yesterday"


def moment(rng: Random, start: datetime) -> datetime:
    """A whole hour, at times midnight."""
    hour = rng.randrange(HOURS)
    return start + timedelta(hours=hour - hour % 24 if rng.random() < 0.3 else hour)


def flow(rng: Random, start: datetime, number: int) -> Row:
    """A flow of anybody, from anybody to anybody."""
    sender, recipient = rng.choice(ENDS), rng.choice(ENDS)
    many = rng.sample(CATEGORIES, rng.choice([1, 1, 2]))
    return {
        "flow_id": f"F-{number:03}",
        "occurred_at": moment(rng, start).isoformat(),
        "subject_id": rng.choice([*SUBJECTS, *SUBJECTS[:-1], "STRANGER"]),
        "sender": sender,
        "recipient": sender if rng.random() < 0.1 else recipient,
        "data_categories": ";".join(many),
        "purpose": rng.choice(PURPOSES),
        "operation": rng.choice(OPERATIONS),
        "channel": rng.choice(CHANNELS),
    }


def party(rng: Random, start: datetime, own_id: str) -> Row:
    """A party, whose contract may end."""
    until = moment(rng, start)
    ends = rng.choice([None, until.isoformat(), until.date().isoformat()])
    row: Row = {"party_id": own_id, "name": own_id, "agreement_from": "2020-01-01"}
    return {**row, **PARTIES[own_id], "agreement_until": ends}


def consent(rng: Random, start: datetime, number: int) -> Row:
    """A consent or a refusal, mostly withdrawn."""
    given, withdrawn, expires = sorted(moment(rng, start) for _ in range(3))
    row: Row = {
        "consent_id": f"C-{number:03}",
        "subject_id": rng.choice(SUBJECTS[:-1]),
        "document": "form",
        "kind": rng.choice(["separate", "written", "agreement"]),
        "effect": rng.choice([None, "allow", "allow", "forbid"]),
        "given_at": given.isoformat(),
        "withdrawn_at": rng.choice([withdrawn, withdrawn, expires]).isoformat(),
        "expires_at": rng.choice([None, None, expires.isoformat(), withdrawn.isoformat()]),
        "recipient": rng.choice([None, *ENDS, "authorized_partner", "credit_bureau"]),
        "purposes": rng.choice([None, "service", "service.callback;credit", "odd"]),
        "data_categories": rng.choice([None, "contact", "contact.phone;health"]),
    }
    return row | {"withdrawn_at": None} if rng.random() < 0.15 else row


def evidence(rng: Random, start: datetime, number: int) -> Row:
    """Evidence of any kind about anybody or nobody, issued by anybody or nobody."""
    begins, ends = moment(rng, start), moment(rng, start)
    return {
        "evidence_id": f"E-{number:03}",
        "kind": rng.choice([*KINDS, *KINDS, "unmapped_kind"]),
        "subject_id": rng.choice([*SUBJECTS, *SUBJECTS[:-1], None]),
        "issued_by": rng.choice([None, *ENDS, "CAR"]),
        "valid_from": begins.isoformat(),
        "valid_until": rng.choice([None, ends.isoformat(), ends.date().isoformat()]),
        "amount": rng.choice(["5", "5", "0", None]),
        "reference": rng.choice([None, "No. 7", *ENDS]),
    }


def as_of(rng: Random, told: Mapping[str, Sequence[Row]]) -> str | None:
    """No instant, a day, or the very hour of something."""
    written = [row["occurred_at"] for row in told["flows"] if row["occurred_at"] != "yesterday"]
    chosen = rng.choice(sorted(filter(None, written)))
    return rng.choice([None, None, chosen, chosen[:10]])
