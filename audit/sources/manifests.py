"""Systems of fides manifests as parties, and what they declare as flows.

A declaration is a plan of many flows, no record of one: when it holds, what is done and whom it
concerns is said by the source file, and a role or a contract by `meta.consent_audit` alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.sources.taxonomy import codes_of_keys
from audit.vocabulary import Listing, Vocabulary

UNREAD = "fides:"  # before a key that no code of ours stands for, so that it never looks like one
_CUSTOMER = "customer"  # fides' key of the people who have signed the agreement
_SYSTEM = "system"
_WAYS = ("egress", "ingress")

System = Mapping[str, Any]
Cells = dict[str, Any]


def parties(systems: Sequence[System]) -> Iterator[Cells]:
    """Each system as a party; what only a contract tells is null unless it is said."""
    for system in systems:
        facts = (system.get("meta") or {}).get("consent_audit") or {}
        key = system["fides_key"]
        yield {"party_id": key, "name": system.get("name") or key, **facts}


class Declared:
    """What is declared of systems, as flows of one instant."""

    def __init__(self, vocabulary: Vocabulary, how: Mapping[str, str], met: Counter[str]) -> None:
        self._categories = codes_of_keys(vocabulary, Listing.categories)
        self._purposes = codes_of_keys(vocabulary, Listing.purposes)
        self._how, self._met = how, met

    def flows(self, systems: Sequence[System]) -> Iterator[Cells]:
        """A flow for each place that a declaration names, and each that none names."""
        for system in systems:
            for way in _WAYS:
                yield from self._ways_of(system, way)
            silent = [each for each in _each(system, "privacy_declarations") if not _places(each)]
            self._met["nowhere"] += len(silent)

    def _ways_of(self, system: System, way: str) -> Iterator[Cells]:
        carried, kinds = dict[str, list[str]](), dict[str, str]()
        for flow in _each(system, way):
            kinds[flow["fides_key"]] = flow["type"]
            carried.setdefault(flow["fides_key"], []).extend(_each(flow, "data_categories"))
        named = set[str]()
        for number, declaration in enumerate(_each(system, "privacy_declarations"), start=1):
            for key in dict.fromkeys(_each(declaration, way)):
                named.add(key)
                said = {**declaration, "data_categories": carried.get(key) or None}
                said["data_categories"] = said["data_categories"] or declaration["data_categories"]
                names = (system["fides_key"], str(number), way, _party(key, kinds.get(key)))
                yield self._flow(names, said)
        for key in sorted(carried.keys() - named):
            names = (system["fides_key"], "-", way, _party(key, kinds[key]))
            yield self._flow(names, {"data_categories": carried[key]})

    def _flow(self, names: tuple[str, str, str, str], said: Mapping[str, Any]) -> Cells:
        system, _, way, other = names
        sender, recipient = (system, other) if way == _WAYS[0] else (other, system)
        categories = {self._read(key, self._categories) for key in _each(said, "data_categories")}
        concerns_customers = _CUSTOMER in _each(said, "data_subjects")
        return {
            "flow_id": "/".join(names),
            "occurred_at": self._how["as_of"],
            "subject_id": self._how["subject"] if concerns_customers else None,
            "sender": sender,
            "recipient": recipient,
            "data_categories": sorted(categories),
            "purpose": said.get("data_use") and self._read(said["data_use"], self._purposes),
            "operation": self._how["operation"],
        }

    def _read(self, key: str, codes: Mapping[str, str]) -> str:
        code = codes.get(key, f"{UNREAD}{key}")
        self._met[f"read {key} = {code}"] += key in codes
        return code


def _party(key: str, kind: str | None) -> str:
    """The id of a place: only a system is a party; a dataset of the same key is not that system."""
    return key if kind == _SYSTEM else f"{kind or UNREAD.rstrip(':')}:{key}"


def _each(said: Mapping[str, Any], word: str) -> Sequence[Any]:
    return said.get(word) or ()


def _places(declaration: Mapping[str, Any]) -> bool:
    return any(declaration.get(way) for way in _WAYS)
