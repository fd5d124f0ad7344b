"""What findings are told against: the register of parties, the packs, the vocabulary, the zone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from audit.clauses.clause import Clause, Effect, Layer, Pack
from audit.clauses.duty import Duty
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT, Listing, Vocabulary
from audit.wording import Language, phrase

LONGEST_NAME = 60


class Agreement(NamedTuple):
    """Who holds the data of some flows, and from when until when its agreement runs."""

    holder: str
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True)
class Background:
    """The facts behind the sentences; `zone` is the zone of the run, in which dates are written."""

    parties: pl.DataFrame
    packs: tuple[Pack, ...]
    vocabulary: Vocabulary
    zone: tzinfo

    @cached_property
    def registered(self) -> Mapping[str, Mapping[str, Any]]:
        """The register's rows under their party_id."""
        return {row["party_id"]: row for row in self.parties.to_dicts()}

    @cached_property
    def clauses(self) -> Mapping[tuple[Layer, str], Clause]:
        """Every clause of the packs; a clause carried by a supplement under both of its names."""
        return {
            (pack.layer, name): clause
            for pack in self.packs
            for clause in pack.clauses
            for name in (clause.id, clause.supplement_id)
        }

    @cached_property
    def duties(self) -> Mapping[tuple[str, str], Duty]:
        """Every duty of the packs, by layer and id."""
        return {(pack.layer.value, duty.id): duty for pack in self.packs for duty in pack.duties}

    def agreement(self, group: Mapping[str, Any]) -> Agreement:
        """The agreement with the party that must be allowed to hold the data of these flows.

        That is their recipient, but the sender where the subject receives them.
        """
        recipient = group["recipient"] or ""
        role = self.registered.get(recipient, {}).get("role")
        to_subject = recipient == CUSTOMER or role == ROLE_SUBJECT
        holder = group["sender"] or "" if to_subject else recipient
        row = self.registered.get(holder, {})
        return Agreement(holder, row.get("agreement_from"), row.get("agreement_until"))

    def beyond_consent(self, layer: Layer | None, deciding: Iterable[str]) -> bool:
        """Whether one of these clauses forbids what no consent excuses; a refusal can be lifted."""
        if layer is None:
            return False
        return not self._beyond_consent.get(layer, frozenset()).isdisjoint(deciding)

    @cached_property
    def _beyond_consent(self) -> Mapping[Layer, frozenset[str]]:
        return {pack.layer: _never_excused(pack.clauses) for pack in self.packs}

    def party(self, party_id: str, language: Language) -> str:
        """The party by name and id; one without a name by its id."""
        if party_id == CUSTOMER:
            return phrase("finding-customer", language)
        name = " ".join((self.registered.get(party_id, {}).get("name") or "").split())
        if not name or name == party_id:
            return party_id
        return phrase("finding-party", language, name=name[:LONGEST_NAME], party=party_id)

    def label(self, listing: Listing, code: str, language: Language) -> str:
        """A code in words."""
        return self.vocabulary.label(listing, code).into(language)

    def instant(self, when: datetime | None) -> str:
        """A date in the zone of the run, with the time where it is not midnight."""
        if when is None:
            return "?"
        local = when.astimezone(self.zone)
        pattern = "%Y-%m-%d" if local.time() == local.time().min else "%Y-%m-%d %H:%M:%S"
        return local.strftime(pattern)


def _never_excused(clauses: Sequence[Clause]) -> frozenset[str]:
    """The clauses that forbid, a refusal apart, and to which no consent is an exception."""
    consents = [clause for clause in clauses if _asks(clause, "consented")]
    excused = {target for clause in consents for target in clause.exception_to}
    return frozenset(
        clause.id
        for clause in clauses
        if clause.effect is Effect.FORBID
        and not _asks(clause, "prohibited_by_customer")
        and clause.id not in excused
    )


def _asks(clause: Clause, word: str) -> bool:
    return any(condition.word == word for condition in clause.when)
