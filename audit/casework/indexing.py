"""The findings of a run as small numbers in memory, so that any filter is answered at once."""

from collections.abc import Callable, Collection, Mapping

import polars as pl

from audit.casework.remembering import remembered
from audit.casework.suppression import EVERYBODY, hidden, too_few
from audit.casework.workspace import KeptRun
from audit.findings.finding import Severity
from audit.findings.missed import MISSED

NONE = "none"  # the code for what a finding has none of: the layer of a check, an unknown role
SEPARATOR = ";"
GRAVITY, PEOPLE = "severity", "subjects"
_RUNS = 2  # whose columns are kept; those of a million findings take some 40 MB
_ORDERS = 8  # 4 MB each
_LETTERS = 15  # of a fingerprint, as many as make a number
_CODED = {
    "layer": pl.col("layer"),
    "verdict": pl.col("verdict"),
    "clause": pl.col("clause"),
    "severity": pl.col("severity"),
    "cause": pl.col("cause_code"),
    "purposes": pl.col("purpose"),
    "operations": pl.col("operation"),
    "categories": pl.col("categories").list.join(SEPARATOR),
}
_PARTIES = ("sender", "recipient")
_SEEN = ("first_seen", "last_seen")
_ROLE = "role"
COLUMNS = (*_CODED, *_PARTIES, _ROLE, *_SEEN)


@remembered(_RUNS * len(COLUMNS))
def column_of(run: KeptRun, name: str) -> pl.Series:
    """A column of the findings, a value each in the order of the run; read once a process.

    layer, verdict, clause, severity, sender, recipient, cause (its code), purposes, operations,
    categories, role (of the recipient) are Enums, several codes in one joined with `;`, `none` for
    null; sender and recipient have one Enum. first_seen and last_seen are instants. One column is
    read after the other: all at once take much more room, and a screen waits only for its own.
    """
    if name in _CODED:
        return _coded(run, _CODED[name]).alias(name)
    if name in _PARTIES:
        return _parties(run)[name]
    if name == _ROLE:
        return _roles(run)
    return _scan(run).select(name).collect(engine="streaming").to_series()


def codes_of(run: KeptRun, name: str) -> tuple[str, ...]:
    """Every value of a column of codes, sorted; joined codes as they are."""
    kind = column_of(run, name).dtype
    return tuple(kind.categories) if isinstance(kind, pl.Enum) else ()


def holding(run: KeptRun, name: str, codes: Collection[str]) -> pl.Series:
    """Whether a finding has one of these codes in this column, alone or among others."""
    asked = frozenset(codes)
    return where(run, name, lambda code: code in asked)


def where(run: KeptRun, name: str, asked: Callable[[str], bool]) -> pl.Series:
    """Whether a finding has a code in this column of which this is true."""
    column = column_of(run, name)
    told = [any(map(asked, each.split(SEPARATOR))) for each in codes_of(run, name)]
    found = [code for code, each in zip(codes_of(run, name), told, strict=True) if each]
    return column.is_in(pl.Series(found, dtype=column.dtype).implode())


def roles_of(run: KeptRun) -> Mapping[str, str]:
    """The role of each party that has one in the register of the run."""
    parties = pl.scan_parquet(run.file("parties.parquet"), glob=False)
    return dict(parties.select("party_id", "role").drop_nulls().collect().iter_rows())


@remembered(_RUNS)
def _parties(run: KeptRun) -> Mapping[str, pl.Series]:
    """Senders and recipients as codes of one Enum, so that they can be compared."""
    columns = {name: _coded(run, pl.col(name)) for name in _PARTIES}
    parties = sorted({code for column in columns.values() for code in _categories(column)})
    return {name: column.cast(pl.Enum(parties)).alias(name) for name, column in columns.items()}


def _coded(run: KeptRun, told: pl.Expr) -> pl.Series:
    kind = pl.Categorical(pl.Categories.random())
    column = _scan(run).select(told.fill_null(NONE).cast(kind)).collect(engine="streaming")
    codes = column.to_series()
    return codes.cast(pl.Enum(codes.unique().cast(pl.String).sort()))


def _scan(run: KeptRun) -> pl.LazyFrame:
    return pl.scan_parquet(run.file("findings.parquet"), glob=False)


def _categories(column: pl.Series) -> pl.Series:
    return column.dtype.categories  # type: ignore[attr-defined,no-any-return]  # an Enum, as made


def _roles(run: KeptRun) -> pl.Series:
    """The role of each recipient; `none` where it is not registered or has none."""
    recipients, roles = column_of(run, "recipient"), roles_of(run)
    known = [roles.get(party, NONE) for party in _categories(recipients)]
    told = pl.Series(_ROLE, known, dtype=pl.Enum(sorted(set(known))))
    return told.gather(recipients.to_physical())


@remembered(_RUNS)
def hidden_of(run: KeptRun) -> pl.Series:
    """Which findings a viewer is not told the counts of.

    Their sums per role of the recipient, layer and verdict are told elsewhere.
    """
    key = (_ROLE, "layer", "verdict")
    people = _scan(run).select("subjects", "whole_base").collect(engine="streaming")
    rows = people.hstack([column_of(run, name) for name in key])
    return hidden(rows, (key,)).alias("hidden") | _duties_apart(run, people)


def _duties_apart(run: KeptRun, people: pl.DataFrame) -> pl.Series:
    """The findings of duties of which one is of few people: how many they are in all is told."""
    duty = column_of(run, "cause").is_in(
        [each for each in codes_of(run, "cause") if each in MISSED]
    )
    rows = people.hstack([column_of(run, "layer"), column_of(run, "clause"), duty.alias("duty")])
    return rows.select(
        (too_few() & pl.col("duty")).any().over("layer", "clause", "duty")
    ).to_series()


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
        severities = column_of(run, GRAVITY)
        weights = [places[code] for code in _categories(severities)]
        return pl.Series(column, weights, dtype=pl.Int8).gather(severities.to_physical())
    counts = pl.col(column)
    if column == PEOPLE:  # the whole customer base is more than anybody named
        counts = counts + pl.col("whole_base") * pl.lit(EVERYBODY, pl.Int64)
    return _scan(run).select(counts).collect(engine="streaming").to_series()


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
