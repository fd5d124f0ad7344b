"""The codes of a dossier in the words of one language, its instants in the zone of the run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.dutybook import DutyBook, dutybook
from audit.casework.masking import organisations
from audit.casework.naming import EVERYBODY
from audit.casework.partybook import last_flow
from audit.casework.quoting import Quotable, quotable
from audit.casework.roles import Reader, Role
from audit.casework.withholding import OTHERS
from audit.clauses.clause import NO_GROUND, Layer
from audit.clauses.sentences import cite_told
from audit.sources.zones import zone_of
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo
    from typing import Any

    from audit.casework.gathered import Source
    from audit.casework.workspace import KeptRun


@dataclass(frozen=True)
class About:
    """What a document says of the run: the same for everybody in it.

    names: the parties that have one and are no people. everybody: how many flows are of the whole
    customer base.
    """

    run: KeptRun
    zone: tzinfo
    names: Mapping[str, str]
    cited: Quotable
    book: DutyBook
    last: datetime | None
    everybody: int

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the manifest of the run says."""
        return self.run.manifest

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that judged the run, in their order."""
        judged = {each["layer"] for each in self.manifest["packs"]}
        return tuple(layer for layer in Layer if layer in judged)


def about(source: Source) -> About:
    """What documents about people of this run say of the run."""
    run = source.run
    parties = pl.read_parquet(run.file("parties.parquet"), glob=False)
    told = parties.filter(pl.col("party_id").is_in(list(organisations(run))))
    base = source.journal.flows.filter(pl.col("person") == EVERYBODY)
    return About(
        run=run,
        zone=zone_of(str(run.manifest["options"]["timezone"])),
        names=dict(told.select("party_id", "name").drop_nulls().iter_rows()),
        cited=quotable(run),
        book=dutybook(run, Reader(Role.officer)),
        last=last_flow(run),
        everybody=int(base.select(pl.len()).collect().item()),
    )


@dataclass(frozen=True)
class Words:
    """What puts the values of dossiers into words."""

    about: About
    language: Language

    def say(self, key: str, **facts: str | int) -> str:
        """A sentence of ours."""
        return phrase(key, self.language, **facts)

    def minute(self, instant: datetime | None) -> str | None:
        """The instant to the minute; nothing for null."""
        return f"{instant.astimezone(self.about.zone):%Y-%m-%d %H:%M}" if instant else None

    def joined(self, parts: Iterable[str]) -> str:
        """Several words, as the language joins them."""
        return self.say("clause-codes").join(parts)

    def apart(self, parts: Iterable[str]) -> str:
        """Several statements, as the language joins them."""
        return self.say("subject-apart").join(parts)

    def word(self, listing: Listing, code: str | None) -> str | None:
        """What people call the code."""
        return code if code is None else _labels(listing, self.language).get(code, code)

    def words(self, listing: Listing, codes: Iterable[str] | None) -> str:
        """What people call these codes; what may be any, where there is no list."""
        if codes is None:
            return self.say("subject-any")
        return self.joined(_labels(listing, self.language).get(each, each) for each in codes)

    def party(self, party: str | None) -> str | None:
        """The party by its name and its id."""
        name = self.about.names.get(party or "")
        if party is None or name in {None, party}:
            return party
        return self.say("finding-party", name=str(name), party=party)

    def role(self, role: str | None) -> str:
        """The role; who has none is not registered."""
        return self.word(Listing.roles, role) or self.say("finding-unregistered")

    def clause(self, layer: str, name: str) -> str:
        """The clause by its place in the document and its id."""
        cite = self.about.cited.cite(layer, name)
        if name == NO_GROUND:
            return self.say("ground-no-ground")
        return f"{cite_told(cite, self.language)} [{name}]" if cite else name

    def coded(self, stem: str, code: str | None) -> str | None:
        """A code of ours as our sentences have it."""
        return code if code in {None, OTHERS} else self.say(f"{stem}-{code}")


@cache
def _labels(listing: Listing, language: Language) -> Mapping[str, str]:
    entries = load_vocabulary().entries[listing]
    return {code: entry.label.into(language) for code, entry in entries.items()}
