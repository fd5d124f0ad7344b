"""Which records break which rule: the usual answer, none, is found without asking every cell.

A rule about bare values is first put to the distinct values, where those are few; and text in which
every byte is a visible ASCII character suits a pattern that takes them all.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from audit.records import patterns
from audit.records.compiling import Rule
from audit.records.looking import Look


def broken(
    frame: pl.DataFrame, rules: Sequence[Rule], looks: Mapping[str, Look]
) -> list[tuple[Rule, pl.Series]]:
    """The rules that some record breaks, in order, each with a mask of the records that do.

    `looks` has what a look at a column told, and may lack columns.
    """
    suspects = [rule for rule in rules if not _cleared(rule, looks.get(rule.column, Look()))]
    spelled = {rule.column for rule in suspects if rule.keyword != "required"}  # letter by letter
    text = frame.with_columns(
        pl.col(name).cast(pl.String) for name in spelled if frame.schema[name] == pl.Categorical
    )
    masks = text.select(rule.fails.alias(str(place)) for place, rule in enumerate(suspects))
    return [(rule, mask) for rule, mask in zip(suspects, masks, strict=True) if mask.any()]


def _cleared(rule: Rule, look: Look) -> bool:
    """Whether the look at the column shows that no value breaks the rule."""
    if rule.value_fails is None:
        return False
    if look.distinct is not None:
        values = look.distinct.alias(rule.column).to_frame()
        return not values.select(rule.value_fails.any()).item()
    return look.letters is not None and _spares(rule, look.lengths)


def _spares(rule: Rule, lengths: tuple[int, int]) -> bool:
    """Whether visible text of these lengths cannot break the rule."""
    shortest, longest = lengths
    match rule.keyword:
        case "pattern":
            return shortest > 0 and patterns.takes_graphic(rule.limit)
        case "minLength":
            return bool(shortest >= rule.limit)
        case "maxLength":
            return bool(longest <= rule.limit)
        case "type":
            return bool(rule.limit == "string")
        case _:
            return False
