"""The register of consents, as a function of the row number, so that a flow can find its consent.

First comes a base agreement for nearly every subject, then the supplements, consents and refusals,
each about one line of business that asks for consent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from tests.benchmarks.columns import DAY, day, instant, numbered, second, told
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.dice import Dice, Numbers
from tests.benchmarks.scenarios import Choice
from tests.benchmarks.templates import Template

_MOST_OFFERS = 1000
_EVERY_LEAVER, _FIRST_LEAVER = 25, 7  # these subjects' agreement ends while the flows occur
_EVERY_STRANGER, _FIRST_STRANGER = 100, 13  # these subjects have no base agreement
_KINDS = ("separate", "agreement", "written")
_REFUSALS, _SECOND_THOUGHTS = 0.05, 0.04


@dataclass(frozen=True)
class Consents:
    """The register of so many rows for a crowd, at least as many rows as subjects."""

    dice: Dice
    rows: int
    crowd: Crowd
    templates: Sequence[Template]

    @cached_property
    def asking(self) -> Sequence[Template]:
        """The lines of business that rest on consent, as far as rows speak of them."""
        choices = (each for each in self.templates if each.process.subject == Choice.consenting)
        return list(choices)[:_MOST_OFFERS]

    @property
    def subjects(self) -> int:
        """How many subjects there are."""
        return self.crowd.subjects

    @property
    def bases(self) -> int:
        """How many rows are base agreements."""
        return self.subjects - len(range(_FIRST_STRANGER, self.subjects, _EVERY_STRANGER))

    def consenters(self, template: Template) -> range:
        """The rows after the base agreements that speak of a template's line of business."""
        place = self.asking.index(template) if template in self.asking else 0
        return range(place, self.rows - self.bases, len(self.asking))

    def leavers(self) -> range:
        """The subjects whose agreement ends while the flows occur."""
        return range(_FIRST_LEAVER, self.subjects, _EVERY_LEAVER)

    def end(self, subjects: Numbers) -> Numbers:
        """When the agreement of a leaver ends."""
        first, last = second(date(2024, 12, 1)), second(date(2025, 11, 15))
        return self.dice.between("end", subjects, first, last)

    def subject(self, further: Numbers) -> Numbers:
        """Who gave a row after the base agreements; a second thought is had by the same subject."""
        again = self._again(further)
        own = self.crowd.number("consenter", further)
        return own + again * (self.crowd.number("consenter", further - len(self.asking)) - own)

    def piece(self, rows: range) -> pl.DataFrame:
        """These rows of the register."""
        numbers = pl.Series(rows, dtype=pl.Int64).to_numpy()
        parts = [self._base(numbers[numbers < self.bases])]
        parts.append(self._further(numbers[numbers >= self.bases] - self.bases))
        return pl.concat(parts)

    def _again(self, further: Numbers) -> Numbers:
        may = further >= len(self.asking)
        return (may & self.dice.falls("again", further, _SECOND_THOUGHTS)).astype("int64")

    def _base(self, rows: Numbers) -> pl.DataFrame:
        """Base agreements; the subjects without one are left out."""
        gap, block = _EVERY_STRANGER, _EVERY_STRANGER - 1
        subjects = rows // block * gap + rows % block
        subjects += subjects % gap >= _FIRST_STRANGER
        leaves, by_day = (
            subjects % _EVERY_LEAVER == _FIRST_LEAVER,
            self.dice.falls("by day", rows, 0.3),
        )
        given = self.dice.between("base", rows, second(date(2012, 1, 1)), second(date(2024, 7, 1)))
        end = self.end(subjects)
        return pl.select(
            numbered("B", rows).alias("consent_id"),
            numbered("S", subjects).alias("subject_id"),
            pl.lit("客户入网服务协议").alias("document"),
            pl.lit("2019版").alias("version"),
            pl.lit(None, pl.String).alias("recipient"),
            pl.lit(None, pl.List(pl.String)).alias("purposes"),
            pl.lit(None, pl.List(pl.String)).alias("data_categories"),
            pl.lit("agreement").alias("kind"),
            instant(given).alias("given_at"),
            pl.when(told(leaves & ~by_day)).then(instant(end)).alias("withdrawn_at"),
            pl.when(told(leaves & by_day)).then(day(end)).alias("expires_at"),
            pl.lit(None, pl.String).alias("effect"),
        )

    def _further(self, rows: Numbers) -> pl.DataFrame:
        """Supplements, consents and refusals."""
        given = self.dice.between("given", rows, second(date(2019, 1, 1)), second(date(2025, 5, 1)))
        given += self._again(rows) * 200 * DAY
        refused = self.dice.falls("refused", rows, _REFUSALS)
        withdrawn = self.dice.falls("withdrawn", rows, 0.08)
        expires = self.dice.falls("expires", rows, 0.2)
        offers = self._offers()[rows % len(self.asking)]
        return offers.select(
            numbered("C", rows).alias("consent_id"),
            numbered("S", self.subject(rows)).alias("subject_id"),
            pl.col("document"),
            pl.lit(None, pl.String).alias("version"),
            pl.col("recipient"),
            pl.col("purposes"),
            pl.when(told(~refused)).then("data_categories").alias("data_categories"),
            pl.col("kind"),
            instant(given).alias("given_at"),
            pl.when(told(withdrawn))
            .then(instant(given + self.dice.between("keeps", rows, 3600, 900 * DAY)))
            .alias("withdrawn_at"),
            pl.when(told(expires))
            .then(day(given + self.dice.between("lasts", rows, 365 * DAY, 1500 * DAY)))
            .alias("expires_at"),
            pl.when(told(refused)).then(pl.lit("forbid")).alias("effect"),
        )

    def _offers(self) -> pl.DataFrame:
        """What the rows about each line of business say."""
        return pl.DataFrame(
            [
                {
                    "document": f"业务受理单·{template.purpose}",
                    "recipient": _named(place, template),
                    "purposes": [_wide(template.purpose) if place % 4 == 3 else template.purpose],
                    "data_categories": _categories(place, template),
                    "kind": _KINDS[place % len(_KINDS)],
                }
                for place, template in enumerate(self.asking)
            ],
            schema_overrides={"recipient": pl.String},
        )


def _named(place: int, template: Template) -> str | None:
    """The holder, its role, or nobody."""
    match place % 10:
        case 0 | 1 | 2 | 3 | 4:
            return template.holder
        case 5 | 6:
            process = template.process
            return process.sender if template.holder == template.sender else process.recipient
        case _:
            return None


def _categories(place: int, template: Template) -> list[str]:
    if place % 5 < 4:
        return list(template.categories)
    return sorted({_wide(code) for code in template.categories})


def _wide(code: str) -> str:
    return code.partition(".")[0]
