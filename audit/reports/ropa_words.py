"""The record of processing in words: the same tables for a workbook, a page and a print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.reports.grounds import known_grounds, unwritten
from audit.reports.ropa import record_of
from audit.sources.zones import zone_of
from audit.vocabulary import HOME_COUNTRY, Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from audit.outcome import Audit
    from audit.reports.grounds import Ground, Place
    from audit.reports.ropa import Record

Row = Mapping[str, Any]
_MOST_NAMED = 20  # recipients in one cell; a sheet of their own has each
_KEY = ("holder", "purpose", "recipients")


@dataclass(frozen=True)
class Told:
    """One table: its name, its columns in their order, rows in words, and how many there are."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int

    def headings(self, language: Language) -> list[str]:
        """What the columns are called."""
        return [phrase(f"ropa-column-{column}", language) for column in self.columns]


@dataclass(frozen=True)
class RecordWords:
    """Turns a record's rows into words."""

    audit: Audit
    language: Language

    @cached_property
    def record(self) -> Record:
        """The record that is told."""
        return record_of(self.audit)

    def tables(self, most: int | None = None) -> Iterator[Told]:
        """All of it, or the first rows of each table; only the whole has every recipient's row.

        What is a handler's activity and what an entrusted party's stands apart.
        """
        record, others = self.record, pl.col("acts_for_others")
        own, acted = record.activities.filter(~others), record.activities.filter(others)
        yield self._table("contradictions", self._contradiction, record.contradictions, most)
        yield self._table("activities", self._activity, own, most)
        yield self._table("processors", self._entrusted, record.entrusted, most)
        yield self._table("by-clients", self._activity, acted, most)
        yield self._table("transfers", self._transfer, record.transfers, most)
        if most is None:
            single = record.activities.select(_KEY).explode("recipients").drop_nulls("recipients")
            yield self._table("recipients", self._recipient, single, most)
        yield self._table("parties", self._party, record.parties, most)

    def _table(
        self,
        name: str,
        told: Callable[[Row], Mapping[str, str]],
        rows: pl.DataFrame,
        most: int | None,
    ) -> Told:
        lines = [told(row) for row in rows.head(most or rows.height).iter_rows(named=True)]
        columns = tuple(lines[0]) if lines else ()
        return Told(name, columns, tuple(tuple(line.values()) for line in lines), rows.height)

    def _contradiction(self, row: Row) -> dict[str, str]:
        of = phrase(f"ropa-of-{row['listing']}", self.language) if row["listing"] else ""
        codes = self._labels(Listing(row["listing"]), row["codes"]) if row["listing"] else ""
        return {
            "party": self.party(row["party"]),
            "kind": phrase(f"ropa-kind-{row['kind']}", self.language),
            "of": self._pair(of, codes) if codes else of,
        }

    def _activity(self, row: Row) -> dict[str, str]:
        return {
            "holder": self.party(row["holder"]),
            "purpose": self.purpose(row["purpose"]),
            "operations": self._labels(Listing.operations, row["operations"]),
            **self._data(row),
            "recipients": self._parties(row["recipients"]),
            "abroad": self._abroad(row["recipients"]),
            **self._judged(row),
        }

    def _recipient(self, row: Row) -> dict[str, str]:
        return {
            "holder": self.party(row["holder"]),
            "purpose": self.purpose(row["purpose"]),
            "recipient": self.party(row["recipients"]),
            "country": self._country(self._register.get(row["recipients"], {}).get("country")),
        }

    def _entrusted(self, row: Row) -> dict[str, str]:
        return {
            "processor": self.party(row["processor"]),
            "clients": self._parties(row["clients"]),
            "purpose": self._labels(Listing.purposes, row["purposes"]),
            "operations": self._labels(Listing.operations, row["operations"]),
            **self._data(row),
            "contract": self._contract(row),
            "declared": self._declared(row),
            "country": self._country(row["country"]),
            "passed-to": self._parties(row["passed_to"]),
            **self._judged(row),
        }

    def _transfer(self, row: Row) -> dict[str, str]:
        return {
            "sender": self.party(row["sender"]),
            "recipient": self.party(row["recipient"]),
            "country": self._country(row["country"]),
            "purpose": self.purpose(row["purpose"]),
            **self._data(row),
            **self._judged(row),
        }

    def _party(self, row: Row) -> dict[str, str]:
        seen = "both" if row["registered"] and row["seen"] else "unseen"
        standing = seen if row["registered"] else "unregistered"
        return {
            "party": self.party(row["party_id"]),
            "role": self._label(Listing.roles, row["role"]),
            "legal-role": self._label(Listing.legal_roles, row["legal_role"]),
            "country": self._country(row["country"]),
            "contract": self._contract(row),
            "declared": self._declared(
                {
                    "declared_purposes": row["purposes"],
                    "declared_categories": row["data_categories"],
                }
            ),
            "standing": phrase(f"ropa-standing-{standing}", self.language),
        }

    def _data(self, row: Row) -> dict[str, str]:
        """Which data, whose, and of how many."""
        return {
            "categories": self._labels(Listing.categories, row["categories"]),
            "sensitive": self._labels(Listing.categories, row["sensitive"]) or self._none,
            "subjects": phrase("ropa-subjects", self.language),
            "people": self.people(row),
        }

    def _judged(self, row: Row) -> dict[str, str]:
        """On which grounds, with which verdict, when; how long it is kept no flow says."""
        clauses = [self.ground(each) for each in row["grounds"]]
        verdict = phrase(f"verdict-{row['verdict']}", self.language) if row["verdict"] else ""
        months = [self.month(row[name]) for name in ("first_seen", "last_seen")]
        return {
            "grounds": self._comma.join(clauses) or self._none,
            "verdict": verdict,
            "period": " – ".join(dict.fromkeys(filter(None, months))),
            "retention": self._not_recorded,
        }

    def people(self, row: Row) -> str:
        """A band; the whole customer base is told as such, beside those named."""
        told = phrase("ropa-people-band", self.language, band=row["people"])
        if not row["whole_base"]:
            return told
        everybody = phrase("people-everybody", self.language)
        if row["people"] == "0":
            return everybody
        facts = {"everybody": everybody, "named": told}
        return phrase("people-everybody-and", self.language, **facts)

    def party(self, party_id: str) -> str:
        """Its name and id; a natural person is called by what it is to the others."""
        row = self._register.get(party_id, {})
        if self.is_person(party_id):
            role = self._label(Listing.roles, row["role"])
            return phrase("ropa-person", self.language, role=role)
        if not row.get("name"):
            return party_id
        return phrase("ropa-party", self.language, name=row["name"], id=party_id)

    def is_person(self, party_id: str) -> bool:
        """Whether it acts in a role in which people do."""
        return self._register.get(party_id, {}).get("role") in self._people

    def ground(self, place: str) -> str:
        """A clause with its layer and where it stands."""
        layer, _, clause = place.partition("/")
        ground = self._grounds.get((layer, clause)) or unwritten(layer, clause)
        return f"{phrase(f'layer-{layer}', self.language)} {clause} {ground.cited(self.language)}"

    def purpose(self, codes: str | None) -> str:
        """A flow may name several."""
        return self._labels(Listing.purposes, codes.split(";") if codes else ())

    def month(self, when: datetime | None) -> str:
        """The month in the zone of the run; a day would tell of single flows."""
        return f"{when.astimezone(self._zone):%Y-%m}" if when else ""

    def _abroad(self, recipients: Sequence[str]) -> str:
        """The countries of recipients, home and the customers' apart; unknown ones are told."""
        others = [each for each in recipients if not self.is_person(each)]
        codes = {self._register.get(each, {}).get("country") for each in others}
        told = sorted(self._country(code) for code in codes - {HOME_COUNTRY})
        return self._comma.join(told) or self._none

    def _parties(self, ids: Sequence[str]) -> str:
        """The parties; of very many the first, and how many there are besides."""
        named = list(dict.fromkeys(map(self.party, ids)))
        told = self._comma.join(named[:_MOST_NAMED]) or self._none
        left = len(named) - _MOST_NAMED
        return phrase("ropa-and-more", self.language, named=told, left=left) if left > 0 else told

    def _contract(self, row: Row) -> str:
        """Its first and its last day; the end itself is no part of it."""
        start, end = row["agreement_from"], row["agreement_until"]
        if not start and not end:
            return self._not_recorded
        ends = (start, end - timedelta.resolution if end else None)
        return " – ".join(
            f"{each.astimezone(self._zone):%Y-%m-%d}" if each else "" for each in ends
        )

    def _declared(self, row: Row) -> str:
        told = [
            self._pair(phrase(f"ropa-of-{listing}", self.language), self._labels(listing, codes))
            for listing, codes in (
                (Listing.purposes, row["declared_purposes"]),
                (Listing.categories, row["declared_categories"]),
            )
            if codes
        ]
        return phrase("ropa-semicolon", self.language).join(told) or self._not_recorded

    def _pair(self, of: str, codes: str) -> str:
        return phrase("ropa-pair", self.language, of=of, codes=codes)

    def _country(self, code: str | None) -> str:
        return self._label(Listing.countries, code)

    def _label(self, listing: Listing, code: str | None) -> str:
        if code is None:
            return self._not_recorded
        return load_vocabulary().label(listing, code).into(self.language)

    def _labels(self, listing: Listing, codes: Iterable[str] | None) -> str:
        return self._comma.join(self._label(listing, code) for code in codes or ())

    @property
    def _comma(self) -> str:
        return phrase("html-list", self.language)

    @property
    def _not_recorded(self) -> str:
        return phrase("ropa-not-recorded", self.language)

    @property
    def _none(self) -> str:
        return phrase("ropa-none", self.language)

    @cached_property
    def _register(self) -> Mapping[str, Row]:
        return {row["party_id"]: row for row in self.record.parties.to_dicts()}

    @cached_property
    def _people(self) -> frozenset[str]:
        return frozenset(load_vocabulary().roles_of_people("yes"))

    @cached_property
    def _grounds(self) -> Mapping[Place, Ground]:
        return known_grounds(self.audit)

    @cached_property
    def _zone(self) -> tzinfo:
        return zone_of(self.audit.options.timezone)
