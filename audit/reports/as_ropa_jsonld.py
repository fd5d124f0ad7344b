"""The record of processing as JSON-LD, in the words of the Data Privacy Vocabulary (DPV 2).

https://w3id.org/dpv; where our code has no counterpart in it, the code itself is told.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from audit.reports.ropa_words import RecordWords
from audit.vocabulary import HOME_COUNTRY, Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key

DPV, PD = "https://w3id.org/dpv#", "https://w3id.org/dpv/pd#"
# All of it stands here: a reader asks no network for what a word means.
CONTEXT = {
    "dpv": DPV,
    "dpv-pd": PD,
    "dct": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "ours": "urn:consent-audit:vocabulary:",
}
_LANGUAGES = {Language.zh: "zh-Hans", Language.en: "en"}


def render(
    audit: Audit, _key: Key = None, language: Language | None = None
) -> Mapping[str, Writer]:
    """ropa.jsonld: the record, its activities, and the parties that they name."""
    return {"ropa.jsonld": partial(_write, audit, language or audit.options.language)}


def _write(audit: Audit, language: Language, path: Path) -> None:
    told = json.dumps(document(audit, language), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_bytes(told.encode(errors="backslashreplace") + b"\n")


def document(audit: Audit, language: Language) -> dict[str, Any]:
    """The whole of it as JSON."""
    writer = _Linked(RecordWords(audit, language))
    activities = list(writer.activities())
    record = {
        "@id": f"urn:consent-audit:run:{audit.run_id}",
        "dct:title": writer.text(phrase("ropa-title", language)),
        "dct:description": writer.text(phrase("ropa-how", language)),
        "dpv:hasPersonalDataProcess": [{"@id": each["@id"]} for each in activities],
    }
    return {
        "@context": CONTEXT,
        "@graph": [record, *activities, *writer.parties(), *writer.contradictions()],
    }


class _Linked:
    """The rows of a record as nodes."""

    def __init__(self, words: RecordWords) -> None:
        self.words = words
        self.root = f"urn:consent-audit:run:{words.audit.run_id}"
        self.register = {row["party_id"]: row for row in words.record.parties.to_dicts()}

    def text(self, text: str) -> dict[str, str]:
        """A text in the language of the record."""
        return {"@value": text, "@language": _LANGUAGES[self.words.language]}

    def activities(self) -> Iterator[dict[str, Any]]:
        """A process for each activity, handlers' and entrusted parties' alike."""
        for number, row in enumerate(self.words.record.activities.to_dicts(), start=1):
            holder = "dpv:hasDataProcessor" if row["acts_for_others"] else "dpv:hasDataController"
            purposes = row["purpose"].split(";") if row["purpose"] else ()
            node = {
                "@id": f"{self.root}:activity:{number}",
                "@type": "dpv:PersonalDataProcess",
                holder: self._party(row["holder"]),
                "dpv:hasPurpose": self._terms(Listing.purposes, purposes),
                "dpv:hasProcessing": self._terms(Listing.operations, row["operations"]),
                "dpv:hasPersonalData": self._terms(Listing.categories, row["categories"]),
                "dpv:hasDataSubject": {"@id": "dpv:Customer"},
                "dpv:hasRecipient": [self._party(each) for each in row["recipients"]],
                "dpv:hasThirdCountry": self._abroad(row["recipients"]),
                "dpv:hasLegalBasis": [self._basis(each) for each in row["grounds"]],
                "ours:people": self.words.people(row),
                "ours:verdict": row["verdict"],
                "ours:retention": self.text(phrase("ropa-not-recorded", self.words.language)),
                "dct:temporal": self._period(row),
            }
            yield {name: told for name, told in node.items() if told not in (None, [], "")}

    def parties(self) -> Iterator[dict[str, Any]]:
        """Every party; natural persons are one node for each role, without id and country."""
        persons: dict[str, dict[str, Any]] = {}
        for party_id, row in self.register.items():
            node = {
                **self._party(party_id),
                "@type": self._types(row),
                "dpv:hasName": self.words.party(party_id),
            }
            if self.words.is_person(party_id):
                persons[str(node["@id"])] = node
                continue
            country = {"dpv:hasCountry": self._country(row["country"])} if row["country"] else {}
            told = {"dct:identifier": party_id, "ours:registered": row["registered"]}
            yield {**node, **told, **country}
        yield from persons.values()

    def contradictions(self) -> Iterator[dict[str, Any]]:
        """Where the register and the flows disagree."""
        for number, row in enumerate(self.words.record.contradictions.to_dicts(), start=1):
            yield {
                "@id": f"{self.root}:contradiction:{number}",
                "@type": "ours:Contradiction",
                "ours:kind": row["kind"],
                "ours:party": self._party(row["party"]),
                "ours:code": row["codes"],
                "rdfs:label": self.text(phrase(f"ropa-kind-{row['kind']}", self.words.language)),
            }

    def _party(self, party_id: str) -> dict[str, str]:
        if self.words.is_person(party_id):
            return {"@id": f"{self.root}:person:{self.register[party_id]['role']}"}
        return {"@id": f"{self.root}:party:{quote(party_id, safe='')}"}

    def _types(self, row: Mapping[str, Any]) -> list[str]:
        """What the register says that it is to personal data."""
        entries = load_vocabulary().entries
        named = (
            entries[listing].get(row[column] or "")
            for listing, column in ((Listing.legal_roles, "legal_role"), (Listing.roles, "role"))
        )
        told = [entry.dpv for entry in named if entry is not None and entry.dpv is not None]
        return list(dict.fromkeys(["dpv:LegalEntity", *told]))

    def _terms(self, listing: Listing, codes: Iterable[str]) -> list[dict[str, Any]]:
        """Each code as the term that its list maps it to, called as we call it."""
        return [self._term(listing, code) for code in codes]

    def _term(self, listing: Listing, code: str) -> dict[str, Any]:
        vocabulary = load_vocabulary()
        entry = vocabulary.entries[listing].get(code)
        label = self.text(vocabulary.label(listing, code).into(self.words.language))
        told: dict[str, Any] = {
            "@id": f"ours:{listing}:{quote(code, safe='.')}",
            "rdfs:label": label,
        }
        if entry is not None and entry.dpv is not None:
            told["@type"] = entry.dpv
        return told

    def _basis(self, place: str) -> dict[str, Any]:
        return {
            "@id": f"ours:clause:{quote(place, safe='/')}",
            "@type": "dpv:LegalBasis",
            "rdfs:label": self.text(self.words.ground(place)),
        }

    def _abroad(self, recipients: Iterable[str]) -> list[dict[str, Any]]:
        rows = (self.register.get(each, {}) for each in recipients)
        codes: set[str] = {row["country"] for row in rows if row.get("country")}
        return [self._country(code) for code in sorted(codes - {HOME_COUNTRY})]

    def _country(self, code: str) -> dict[str, Any]:
        label = load_vocabulary().label(Listing.countries, code).into(self.words.language)
        return {
            "@id": f"ours:country:{quote(code, safe='')}",
            "@type": "dpv:Country",
            "dct:identifier": code,
            "rdfs:label": self.text(label),
        }

    def _period(self, row: Mapping[str, Any]) -> str:
        months = [self.words.month(row[name]) for name in ("first_seen", "last_seen")]
        return "/".join(filter(None, months))
