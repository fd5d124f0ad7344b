"""The findings of a run as small numbers in memory, so that any filter is answered at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from audit.casework.suppression import hidden
from audit.casework.workspace import KeptRun
from audit.findings.finding import Severity

NONE = "none"  # the code for what a finding has none of: the layer of a check, an unknown role
SEPARATOR = ";"
_RUNS = 2  # indexes kept; a million findings take some 50 MB
_TEXTS = 8
_ORDERS = 8
_LETTERS = 15  # of a fingerprint, as many as make a number
GRAVITY = "severity"
_PLAIN = ("layer", "verdict", "clause", "severity", "sender", "recipient")


@dataclass(frozen=True)
class Index:
    """A row per finding in the order of the run, gravest first.

    rows: layer, verdict, clause, severity, sender, recipient, role (of the recipient), purposes,
        categories as Enum, several codes in one joined with `;`, `none` for null; first_seen,
        last_seen; hidden (whether a viewer is not told its counts).
    """

    rows: pl.DataFrame

    def codes(self, column: str) -> tuple[str, ...]:
        """Every value of a column, sorted; joined codes as they are."""
        kind = self.rows.schema[column]
        return tuple(kind.categories) if isinstance(kind, pl.Enum) else ()

    def holding(self, column: str, codes: Collection[str]) -> pl.Expr:
        """Whether a row has one of these codes, alone or among others."""
        asked = frozenset(codes)
        found = [each for each in self.codes(column) if asked & set(each.split(SEPARATOR))]
        return pl.col(column).is_in(pl.Series(found, dtype=self.rows.schema[column]))


@lru_cache(maxsize=_RUNS)
def index_of(run: KeptRun) -> Index:
    """The index of a run's findings, made once a process."""
    findings = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    columns = [_coded(findings.select(pl.col(name).fill_null(NONE))) for name in _PLAIN]
    columns.append(_coded(findings.select(purposes="purpose")))
    columns.append(_coded(findings.select(categories=pl.col("categories").list.join(SEPARATOR))))
    rows = pl.DataFrame(columns).hstack(findings.select("first_seen", "last_seen").collect())
    rows = rows.hstack([_roles(rows["recipient"], run)])
    return Index(rows.hstack([_hidden(rows, findings)]))


def _coded(column: pl.LazyFrame) -> pl.Series:
    told = column.collect(engine="streaming").to_series()
    return told.cast(pl.Enum(told.unique().drop_nulls().sort()))


def _roles(recipients: pl.Series, run: KeptRun) -> pl.Series:
    """The role of each recipient; `none` where it is not registered or has none."""
    parties = pl.scan_parquet(run.file("parties.parquet"), glob=False)
    roles: Mapping[str, str | None] = dict(parties.select("party_id", "role").collect().iter_rows())
    known = [roles.get(party) or NONE for party in recipients.dtype.categories]  # type: ignore[attr-defined]
    told = pl.Series("role", known, dtype=pl.Enum(sorted(set(known))))
    return told.gather(recipients.to_physical())


def _hidden(rows: pl.DataFrame, findings: pl.LazyFrame) -> pl.Series:
    """Viewers see sums per recipient role, layer and verdict elsewhere."""
    counted = rows.select("role", "layer", "verdict").hstack(findings.select("subjects").collect())
    return hidden(counted, (("role", "layer", "verdict"),)).alias("hidden")


@lru_cache(maxsize=_TEXTS)
def telling(run: KeptRun, text: str) -> pl.Series:
    """Whether a finding tells this text, whatever its case, in its cause or its parties."""
    sought = text.lower()
    columns = ("cause_zh", "cause_en", "sender", "recipient")
    found = [pl.col(name).str.to_lowercase().str.contains(sought, literal=True) for name in columns]
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    told = scan.select(told=pl.any_horizontal(found).fill_null(False))
    return told.collect(engine="streaming").to_series()


@lru_cache(maxsize=_ORDERS)
def ranked(run: KeptRun, column: str, *, falling: bool, plain: bool) -> pl.Series:
    """The places of all findings sorted by a column of theirs; by `severity` the gravest first.

    Ties keep the order of the run. Where not `plain`, hidden findings come last (by severity the
    last of their severity) in the order of their fingerprints: where a finding stands must not tell
    what is hidden of it.
    """
    rows = _keyed(run, column)
    ties: list[pl.Expr] = [] if plain else [pl.col("hidden"), _blind()]
    key = pl.col("key") if plain or column == GRAVITY else pl.when(~pl.col("hidden")).then("key")
    by = [key, *ties] if column == GRAVITY else [*ties[:1], key, *ties[1:]]
    downward = [each is key and falling for each in by]
    told = rows.sort(*by, "place", descending=[*downward, False], nulls_last=True)
    return told["place"]


def _keyed(run: KeptRun, column: str) -> pl.DataFrame:
    """place, key (what is sorted by), hidden, name (a number made of the fingerprint)."""
    rows, scan = index_of(run).rows, pl.scan_parquet(run.file("findings.parquet"), glob=False)
    name = pl.col("fingerprint").str.head(_LETTERS).str.to_integer(base=16, dtype=pl.UInt64)
    read = scan.select(key=column, name=name).collect(engine="streaming")
    if column == GRAVITY:
        places = {severity.value: -place for place, severity in enumerate(Severity)}
        read = read.with_columns(pl.col("key").replace_strict(places, return_dtype=pl.Int8))
    return read.hstack(rows.select("hidden")).with_row_index("place")


def _blind() -> pl.Expr:
    """What settles ties among hidden findings: their names, which no count is in."""
    return pl.when("hidden").then("name")
