"""The findings of a run as small numbers in memory, so that any filter is answered at once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from audit.casework.remembering import remembered
from audit.casework.suppression import hidden
from audit.casework.workspace import KeptRun
from audit.findings.finding import Severity

NONE = "none"  # the code for what a finding has none of: the layer of a check, an unknown role
SEPARATOR = ";"
GRAVITY = "severity"
_RUNS = 2  # indexes kept; a million findings take some 40 MB
_ORDERS = 8  # 4 MB each
_LETTERS = 15  # of a fingerprint, as many as make a number
_PARTIES = ("sender", "recipient")
_CODED = {
    "layer": pl.col("layer"),
    "verdict": pl.col("verdict"),
    "clause": pl.col("clause"),
    "severity": pl.col("severity"),
    "sender": pl.col("sender"),
    "recipient": pl.col("recipient"),
    "cause": pl.col("cause_code"),
    "purposes": pl.col("purpose"),
    "operations": pl.col("operation"),
    "categories": pl.col("categories").list.join(SEPARATOR),
}


@dataclass(frozen=True)
class Index:
    """A row per finding in the order of the run, gravest first.

    rows: layer, verdict, clause, severity, sender, recipient, cause (its code), purposes,
        operations, categories, role (of the recipient) as Enum, several codes in one joined with
        `;`, `none` for null; sender and recipient have one Enum; first_seen, last_seen.
    """

    rows: pl.DataFrame

    def codes(self, column: str) -> tuple[str, ...]:
        """Every value of a column, sorted; joined codes as they are."""
        kind = self.rows.schema[column]
        return tuple(kind.categories) if isinstance(kind, pl.Enum) else ()

    def holding(self, column: str, codes: Collection[str]) -> pl.Expr:
        """Whether a row has one of these codes, alone or among others."""
        asked = frozenset(codes)
        return self.where(column, lambda code: code in asked)

    def where(self, column: str, asked: Callable[[str], bool]) -> pl.Expr:
        """Whether a row has a code of which this is true."""
        found = [each for each in self.codes(column) if any(map(asked, each.split(SEPARATOR)))]
        return pl.col(column).is_in(pl.Series(found, dtype=self.rows.schema[column]).implode())


@remembered(_RUNS)
def index_of(run: KeptRun) -> Index:
    """The index of a run's findings, made once a process: a second and some for a million."""
    columns = {name: _coded(run, told) for name, told in _CODED.items()}
    parties = sorted({code for name in _PARTIES for code in columns[name].dtype.categories})  # type: ignore[attr-defined]
    columns |= {name: columns[name].cast(pl.Enum(parties)) for name in _PARTIES}
    rows = _scan(run).select("first_seen", "last_seen").collect(engine="streaming")
    coded = [column.alias(name) for name, column in columns.items()]
    return Index(rows.hstack([*coded, _roles(columns["recipient"], run)]))


def _coded(run: KeptRun, told: pl.Expr) -> pl.Series:
    """A column as codes; one is read after the other, for all at once take much more room."""
    kind = pl.Categorical(pl.Categories.random())
    column = _scan(run).select(told.fill_null(NONE).cast(kind)).collect(engine="streaming")
    codes = column.to_series()
    return codes.cast(pl.Enum(codes.unique().cast(pl.String).sort()))


def _scan(run: KeptRun) -> pl.LazyFrame:
    return pl.scan_parquet(run.file("findings.parquet"), glob=False)


def _roles(recipients: pl.Series, run: KeptRun) -> pl.Series:
    """The role of each recipient; `none` where it is not registered or has none."""
    parties = pl.scan_parquet(run.file("parties.parquet"), glob=False)
    roles: Mapping[str, str | None] = dict(parties.select("party_id", "role").collect().iter_rows())
    known = [roles.get(party) or NONE for party in recipients.dtype.categories]  # type: ignore[attr-defined]
    told = pl.Series("role", known, dtype=pl.Enum(sorted(set(known))))
    return told.gather(recipients.to_physical())


@remembered(_RUNS)
def hidden_of(run: KeptRun) -> pl.Series:
    """Which findings a viewer is not told the counts of.

    Their sums per role of the recipient, layer and verdict are told elsewhere.
    """
    key = ("role", "layer", "verdict")
    subjects = _scan(run).select("subjects").collect(engine="streaming")
    return hidden(index_of(run).rows.select(key).hstack(subjects), (key,)).alias("hidden")


@remembered(_ORDERS)
def ranked(run: KeptRun, column: str, *, falling: bool, plain: bool) -> pl.Series:
    """The places of all findings sorted by a column of theirs; by `severity` the gravest first.

    Ties keep the order of the run. Where not `plain`, hidden findings come last (by severity the
    last of their severity) in the order of their fingerprints: where a finding stands must not tell
    what is hidden of it.
    """
    key = _key(run, column)
    if plain and column == GRAVITY and key.is_sorted(descending=falling):
        return pl.int_range(key.len(), dtype=pl.get_index_type(), eager=True).alias("place")
    if plain:
        rows = key.to_frame("key").with_row_index("place")
        return rows.sort("key", descending=falling, nulls_last=True, maintain_order=True)["place"]
    return _blindly(run, column, key, falling=falling)


def _key(run: KeptRun, column: str) -> pl.Series:
    """What is sorted by; of severities the gravest is the largest."""
    if column == GRAVITY:
        places = {severity.value: -place for place, severity in enumerate(Severity)}
        severities = index_of(run).rows["severity"]
        weights = [places[code] for code in severities.dtype.categories]  # type: ignore[attr-defined]
        return pl.Series(column, weights, dtype=pl.Int8).gather(severities.to_physical())
    return _scan(run).select(column).collect(engine="streaming").to_series()


def _blindly(run: KeptRun, column: str, key: pl.Series, *, falling: bool) -> pl.Series:
    letters = pl.col("fingerprint").str.head(_LETTERS).str.to_integer(base=16, dtype=pl.UInt64)
    names = _scan(run).select(name=letters).collect(engine="streaming")
    rows = names.with_row_index("place").with_columns(key.alias("key"), hidden_of(run))
    told, name = pl.when(~pl.col("hidden")), pl.when("hidden").then("name")
    if column == GRAVITY:
        by, downward = [pl.col("key"), pl.col("hidden"), name], [falling, False, False]
    else:
        by, downward = [pl.col("hidden"), told.then("key"), name], [False, falling, False]
    return rows.sort(*by, "place", descending=[*downward, False], nulls_last=True)["place"]
