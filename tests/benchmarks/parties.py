"""The register of parties."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import polars as pl

from tests.benchmarks.scenarios import Group

CUSTOMER = "CUSTOMER"
SCHEMA = pl.Schema(
    {
        "party_id": pl.String(),
        "name": pl.String(),
        "role": pl.String(),
        "purposes": pl.List(pl.String()),
        "data_categories": pl.List(pl.String()),
        "agreement_from": pl.String(),
        "agreement_until": pl.String(),
        "country": pl.String(),
        "legal_role": pl.String(),
        "licence": pl.String(),
        "parent": pl.String(),
    }
)


@dataclass(frozen=True)
class Party:
    """A party with its registered scope; a scope of nothing is none."""

    party_id: str
    name: str
    role: str
    purposes: Sequence[str] = ()
    data: Sequence[str] = ()
    agreement_from: str | None = None
    agreement_until: str | None = None
    country: str | None = "CN"

    @property
    def row(self) -> tuple[object, ...]:
        """As the register has it."""
        scopes = (list(self.purposes) or None, list(self.data) or None)
        term = (self.agreement_from, self.agreement_until)
        return (self.party_id, self.name, self.role, *scopes, *term, self.country, None, None, None)


def draw_parties(rng: Random, groups: Sequence[Group], count: int) -> list[Party]:
    """About `count` parties, at least one of every group, and the customer."""
    drawn = [
        party for group in groups for party in _of_group(rng, group, round(count * group.share))
    ]
    return [Party(CUSTOMER, "客户本人", "subject"), *drawn]


def register(parties: Sequence[Party]) -> pl.DataFrame:
    """The table; the last two parties are faulty: an unknown role, and no readable date."""
    *sound, odd, lost = (party.row for party in parties)
    odd = (*odd[:2], "reseller", *odd[3:])
    lost = (*lost[:5], "2021年起", *lost[6:])
    return pl.DataFrame([*sound, odd, lost], schema=SCHEMA, orient="row")


def _of_group(rng: Random, group: Group, count: int) -> Iterator[Party]:
    for number in range(max(1, count)):
        since, until = _term(rng)
        yield Party(
            party_id=f"{group.prefix}-{number + 1:05d}",
            name=f"{group.name}{number + 1}",
            role=group.role,
            purposes=_scope(rng, group.purposes),
            data=_scope(rng, group.data),
            agreement_from=since,
            agreement_until=until,
            country=rng.choices(["CN", "HK", None], [0.96, 0.02, 0.02])[0],
        )


def _scope(rng: Random, codes: Sequence[str]) -> Sequence[str]:
    """Half of the codes and more; now and then nothing is registered."""
    if not codes or rng.random() < 0.02:
        return ()
    return sorted(rng.sample(codes, rng.randint((len(codes) + 1) // 2, len(codes))))


def _term(rng: Random) -> tuple[str | None, str | None]:
    """From some day before 2025; most end after 2025 or never, a few in its course."""
    since = date(2019, 1, 1) + timedelta(days=rng.randrange(6 * 365))
    until = rng.choices(
        [None, date(2026, 1, 1) + timedelta(days=rng.randrange(900)), _in_2025(rng)], [6, 3.4, 0.6]
    )[0]
    known = rng.random() >= 0.02
    return since.isoformat() if known else None, until.isoformat() if until else None


def _in_2025(rng: Random) -> date:
    return date(2025, 6, 1) + timedelta(days=rng.randrange(200))
