"""The columns of each section of a dossier: what stands in a cell, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.casework.handout.document import Cell, Section
from audit.clauses.clause import Verdict
from audit.vocabulary import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    import polars as pl

    from audit.casework.handout.words import Words

    Row = Mapping[str, Any]
    Columns = Mapping[str, Callable[[Row], Cell]]  # name of the heading -> what is in the cell

_SENTENCES = {"cause", "gist", "verdicts", "ground", "categories", "holds", "notice"}


def section(  # noqa: PLR0913 (what is told, of what, and how it is meant)
    words: Words,
    key: str,
    rows: pl.DataFrame,
    columns: Columns,
    mark: Callable[[Row], str] = lambda _: "",
) -> Section:
    """The rows as a section; `mark` says how each of them is meant."""
    told = rows.to_dicts()
    return Section(
        key=key,
        title=words.say(f"subject-{key}"),
        headings=tuple(words.say(f"subject-column-{name}") for name in columns),
        rows=tuple(tuple(cell(row) for cell in columns.values()) for row in told),
        empty=words.say(f"subject-{key}-none"),
        lead=words.say(f"subject-{key}-lead"),
        wide=frozenset(n for n, name in enumerate(columns) if name in _SENTENCES),
        marks=tuple(map(mark, told)),
    )


def parties(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "party": lambda row: named(words, row),
        "role": lambda row: words.role(row["role"]),
        "purposes": lambda row: words.words(Listing.purposes, row["purposes"]),
        "categories": lambda row: words.words(Listing.categories, row["categories"]),
        "flows": lambda row: row["flows"],
        "violation": lambda row: row["violation"],
        "indeterminate": lambda row: row["indeterminate"],
        "first_received": lambda row: words.minute(row["first_received"]),
        "last_received": lambda row: words.minute(row["last_received"]),
    }


def named(words: Words, row: Row) -> str:
    """A party by what is left of its name and its id."""
    name = row["name"]
    if name in {None, row["party"]}:
        return str(row["party"])
    return words.say("finding-party", name=name, party=row["party"])


def holders(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "party": lambda row: named(words, row),
        "role": lambda row: words.role(row["role"]),
        "consent_id": lambda row: row["consent_id"],
        "how": lambda row: words.coded("person-event", row["how"]),
        "ended_at": lambda row: words.minute(row["ended_at"]),
        "categories": lambda row: words.words(Listing.categories, row["categories"]),
        "last_before": lambda row: words.minute(row["last_received"]),
        "flows_before": lambda row: row["flows"],
        "flows_after": lambda row: row["flows_after"],
    }


def consents(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "consent_id": lambda row: row["consent_id"],
        "document": lambda row: words.joined(
            each for each in (row["document"], row["version"]) if each
        ),
        "effect": lambda row: words.coded("person-effect", row["effect"]),
        "whom": lambda row: _whom(words, row["recipient"]),
        "purposes": lambda row: words.words(Listing.purposes, row["purposes"]),
        "categories": lambda row: words.words(Listing.categories, row["data_categories"]),
        "given_at": lambda row: words.minute(row["given_at"]),
        "withdrawn_at": lambda row: words.minute(row["withdrawn_at"]),
        "expires_at": lambda row: words.minute(row["expires_at"]),
        "state": lambda row: words.coded("person-state", row["state"]),
        "carried": lambda row: row["carried"],
    }


def _whom(words: Words, recipient: str | None) -> str | None:
    """A role, a party, or anybody."""
    if recipient is None:
        return words.say("subject-any")
    role = words.word(Listing.roles, recipient)
    return role if role != recipient else words.party(recipient)


def history(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "at": lambda row: words.minute(row["at"]),
        "event": lambda row: words.coded("person-event", row["event"]),
        "consent_id": lambda row: row["consent_id"],
    }


def findings(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "severity": lambda row: words.coded("severity", row["severity"]),
        "verdict": lambda row: words.coded("verdict", row["verdict"]),
        "clause": lambda row: words.clause(row["layer"], row["clause"]),
        "recipient": lambda row: words.party(row["recipient"]),
        "own_flows": lambda row: row["own_flows"],
        "cause": lambda row: row[f"cause_{words.language}"],
    }


def owed(words: Words) -> Columns:
    """Of the duties."""
    return {
        "state": lambda row: state_told(words, row),
        "duty": lambda row: words.clause(row["layer"], row["duty"]),
        "gist": lambda row: gist_told(words, row),
        "raised": lambda row: words.say(f"duty-raised-{row['event']}", id=row["event_id"]),
        "towards": lambda row: words.party(row["party"]),
        "arisen_at": lambda row: words.minute(row["arisen_at"]),
        "due": lambda row: words.minute(row["due"]),
        "done_by": lambda row: _act(words, row["done_by"]),
        "done_at": lambda row: words.minute(row["done_at"]),
    }


def state_told(words: Words, row: Row) -> str:
    """The state of a duty; of what was done too late that it was done."""
    late = row["state"] == "breached" and row["done_by"]
    return words.say("duty-late") if late else words.say(f"duty-state-{row['state']}")


def gist_told(words: Words, row: Row) -> str | None:
    """What a duty asks; nothing where the pack is no longer the one of the run."""
    duty = words.about.book.duties.get((row["layer"], row["duty"]))
    return duty.gist.into(words.language) if duty else None


def _act(words: Words, done_by: str | None) -> str | None:
    if done_by is None:
        return None
    kind, _, name = done_by.partition(":")
    return words.say(f"duties-act-{kind}", id=name)


def evidence(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "evidence_id": lambda row: row["evidence_id"],
        "kind": lambda row: words.word(Listing.evidence_kinds, row["kind"]),
        "of": lambda row: words.coded("person-evidence-of", row["of"]),
        "issued_by": lambda row: words.party(row["issued_by"]),
        "valid_from": lambda row: words.minute(row["valid_from"]),
        "valid_until": lambda row: words.minute(row["valid_until"]),
        "amount": lambda row: None if row["amount"] is None else str(row["amount"]),
        "reference": lambda row: row["reference"],
        "cited": lambda row: row["cited"] + row["inferred"],
    }


def flows(words: Words) -> Columns:
    """Of the section that is called so."""
    return {
        "when": lambda row: words.minute(row["occurred_at"]),
        "flow_id": lambda row: row["flow_id"],
        "sender": lambda row: words.party(row["sender"]),
        "recipient": lambda row: words.party(row["recipient"]),
        "operation": lambda row: words.word(Listing.operations, row["operation"]),
        "purpose": lambda row: words.word(Listing.purposes, row["purpose"]),
        "categories": lambda row: words.words(Listing.categories, row["data_categories"]),
        "ground": lambda row: words.apart(_grounds(words, row)),
        "overall": lambda row: words.coded("verdict", row["overall"]),
        "verdicts": lambda row: words.apart(_verdicts(words, row)),
    }


def _grounds(words: Words, row: Row) -> Iterator[str]:
    """What the flow claims, and what it rests on."""
    if row["basis"]:
        yield words.say("subject-ground-claimed", basis=row["basis"])
    if row["consents"]:
        yield words.say("subject-ground-consents", consents=words.joined(row["consents"]))
    for column, key in (("evidence_id", "cited"), ("inferred", "inferred")):
        if row[column]:
            yield words.say(f"subject-ground-{key}", evidence=row[column])


def _verdicts(words: Words, row: Row) -> Iterator[str]:
    """What each layer said, and by which clauses."""
    for layer in words.about.layers:
        if (verdict := row[f"{layer}_verdict"]) is None:
            continue
        facts = {
            "layer": words.say(f"layer-{layer}"),
            "verdict": words.say(f"verdict-{verdict}"),
        }
        named_: Sequence[str] = row[f"{layer}_decided_by"] or row[f"{layer}_possible"] or ()
        listed = words.joined(words.clause(layer, each) for each in named_)
        key = "subject-verdict-may" if verdict == Verdict.INDETERMINATE else "subject-verdict"
        yield words.say(key if listed else "subject-verdict-bare", **facts, clauses=listed)
