"""Which records break which rule: the usual answer, none, is found without asking every cell.

A rule about bare values is first put to the distinct values, where those are few; and text in which
every byte is a visible ASCII character suits a pattern that takes them all.
"""

from collections.abc import Sequence
from itertools import groupby

import polars as pl

from audit.records import patterns
from audit.records.compiling import Rule
from audit.records.tidying import few, visible_lengths


def broken(frame: pl.DataFrame, rules: Sequence[Rule]) -> list[tuple[Rule, pl.Series]]:
    """The rules that some record breaks, in order, each with a mask of the records that do."""
    suspects = [
        rule
        for column, own in groupby(rules, key=lambda rule: (rule.column, rule.in_items))
        for rule in _suspects(frame[column[0]], list(own))
    ]
    masks = frame.select(rule.fails.alias(str(place)) for place, rule in enumerate(suspects))
    return [(rule, mask) for rule, mask in zip(suspects, masks, strict=True) if mask.any()]


def _suspects(cells: pl.Series, rules: list[Rule]) -> list[Rule]:
    """The rules that a look at the values does not clear."""
    if not any(rule.value_fails is not None for rule in rules):
        return rules
    values = cells.explode(empty_as_null=False, keep_nulls=False) if rules[0].in_items else cells
    distinct = few(values)
    if distinct is not None:
        return [rule for rule in rules if _breaks(distinct, rule)]
    lengths = visible_lengths(values)
    return [rule for rule in rules if lengths is None or not _spares(rule, lengths)]


def _breaks(values: pl.Series, rule: Rule) -> bool:
    if rule.value_fails is None:
        return True
    return bool(values.to_frame().select(rule.value_fails.any()).item())


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
