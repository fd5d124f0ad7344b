"""What viewers are not told: counts of so few people that somebody could be recognised by them."""

from collections.abc import Sequence

import polars as pl

from audit.casework.roles import Reader, Role
from audit.clauses.clause import Layer, Verdict

K = 5  # a count is told where at least so many people are behind it
EVERYBODY = 1 << 32  # the whole customer base counts for more people than any row ever names
FEWEST_HIDDEN = 2  # a single hidden row is what the others leave of the sum

_TOTALS = ("flows", "subjects", "whole_base", "records", "first_seen", "last_seen")
COUNTS = (
    *_TOTALS,
    *(verdict.value for verdict in Verdict),
    *(f"{layer}_{verdict}" for layer in Layer for verdict in Verdict),
    *(f"{layer}_decided_by" for layer in Layer),  # they tell the verdict
)


def too_few(subjects: str = "subjects") -> pl.Expr:
    """Whether a row names so few people; nobody at all is nobody to recognise.

    Nor is the whole customer base. But beside it a row of few names is hidden as any other: how
    many flows are everybody's is known elsewhere, and the rest would be theirs.
    """
    few = (pl.col(subjects) > 0) & (pl.col(subjects) < K)
    return few.fill_null(True)


def suppressed(
    frame: pl.DataFrame, reader: Reader, totals: Sequence[Sequence[str]] = ((),)
) -> pl.DataFrame:
    """The frame as the reader may see it, with the column `suppressed` (Boolean).

    The frame needs `subjects` and `whole_base`. For a viewer every row with fewer than K subjects
    has its counts and dates null. `totals` names the columns by which sums of these rows are shown
    elsewhere (the empty one: their grand total); in each such group a hidden row never stays alone,
    and the hidden rows hold K subjects together, so that no hidden row is what is left of the sum:
    the smallest rows still told are hidden beside them. An officer sees everything.
    """
    if reader.may(Role.officer):
        return frame.with_columns(suppressed=pl.lit(False))
    return masked(frame.with_columns(suppressed=hidden(frame, totals)))


def masked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the counts of rows that are `suppressed` made null."""
    counts = [name for name in COUNTS if name in frame.columns]
    return frame.with_columns(pl.when(~pl.col("suppressed")).then(pl.col(counts)))


def hidden(frame: pl.DataFrame, totals: Sequence[Sequence[str]]) -> pl.Series:
    """Which rows are hidden: those of too few people, and those hidden for their sake."""
    rows = frame.with_row_index("row").with_columns(hide=too_few())
    before = -1
    while before != (before := int(rows["hide"].sum())):
        for columns in totals:
            rows = _covered(rows, [pl.col(name) for name in columns] or [pl.lit(0)])
    return rows["hide"]


def _people() -> pl.Expr:
    """How many people a row can cover others with."""
    everybody = pl.col("whole_base").fill_null(value=False) & ~too_few()
    return pl.col("subjects").fill_null(0) + everybody * pl.lit(EVERYBODY, pl.Int64)


def _covered(rows: pl.DataFrame, keys: Sequence[pl.Expr]) -> pl.DataFrame:
    """In each group whose hidden rows do not cover each other the smallest told ones hidden too.

    Hidden rows come first in their group, then those of few people; a row is hidden where those
    before it are fewer than two or hold fewer than K people.
    """
    people, hide = _people(), pl.col("hide")
    peopled = people > 0
    few = (peopled & hide).sum() < FEWEST_HIDDEN
    thin = hide.any() & (few | (people.filter(hide).sum() < K))
    first = peopled.cum_sum() - peopled < FEWEST_HIDDEN
    needed = peopled & (first | (people.cum_sum() - people < K))
    more = (
        rows.filter(thin.over(keys))
        .sort(~hide, people, "row")
        .filter(needed.over(keys))
        .get_column("row")
    )
    return rows.with_columns(hide=hide | pl.col("row").is_in(more.implode()))
