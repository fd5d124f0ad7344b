"""The table of flows, as a function of the row number: template, subject, time and faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tests.benchmarks.columns import BEGIN, DAY, END, instant, numbered, told, typed
from tests.benchmarks.consents import Consents
from tests.benchmarks.dice import Dice, Numbers, Shares, whole
from tests.benchmarks.evidence import Evidence
from tests.benchmarks.scenarios import Choice, Fault
from tests.benchmarks.signatures import Signatures
from tests.benchmarks.templates import Template

_CITED, _CLAIMED, _CHANNEL_KNOWN, _COUNTED = 0.85, 0.75, 0.96, 0.9
_LATE = 1.08  # so much of a term after its begin may a flow occur
_SETTLING = 50 * DAY


Particulars = tuple[Numbers, Numbers, Numbers]  # subject (-1: all), evidence (-1: none), time


@dataclass(frozen=True)
class Flows:
    """The table; `dirt` is the share of faulty rows, `typed` says whether times are typed."""

    dice: Dice
    templates: Sequence[Template]
    consents: Consents
    evidence: Evidence
    faults: Sequence[Fault]
    signatures: Signatures
    dirt: float
    typed: bool = False

    def piece(self, rows: range) -> pl.DataFrame:
        """These rows of the table."""
        numbers = pl.Series(rows, dtype=pl.Int64).to_numpy()
        places = np.searchsorted(self._bounds, self.dice.share("template", numbers), side="right")
        sound = self.signatures.spread(self._sound(numbers, places.astype(np.int64)), numbers)
        return self._spoilt(sound, numbers, places)

    @cached_property
    def _bounds(self) -> Shares:
        weights = np.cumsum([template.weight for template in self.templates])
        bounds: Shares = weights[:-1] / weights[-1]
        return bounds

    @cached_property
    def _common(self) -> pl.DataFrame:
        """What the flows of each template have in common, and how their subject is found."""
        return pl.DataFrame(
            [
                {
                    "sender": template.sender,
                    "recipient": template.recipient,
                    "data_categories": list(template.categories),
                    "purpose": template.purpose,
                    "operation": template.operation,
                    "basis": template.process.basis,
                    "channel": template.channel,
                    "choice": template.process.subject,
                }
                for template in self.templates
            ],
            schema_overrides={"basis": pl.String},
        )

    @cached_property
    def _sources(self) -> Numbers:
        """Per template: start, step and length of the register's rows that speak of it."""
        ranges = [self._source(template) for template in self.templates]
        told = [(each.start, each.step, len(each)) for each in ranges]
        return np.array(told, dtype=np.int64).T

    def _source(self, template: Template) -> range:
        match template.process.subject:
            case Choice.consenting:
                return self.consents.consenters(template)
            case Choice.leaving:
                return self.consents.leavers()
            case Choice.evidenced:
                return self.evidence.speaking_of(template)
            case _:
                return range(self.consents.subjects)

    def _sound(self, rows: Numbers, places: Numbers) -> pl.DataFrame:
        common = self._common[places]
        start, step, length = (column[places] for column in self._sources)
        source = start + step * self.dice.number("source", rows, length)
        named, cited, moment = self._particulars(common["choice"], rows, source)
        return common.select(
            numbered("F", rows).alias("flow_id"),
            (typed(moment) if self.typed else instant(moment)).alias("occurred_at"),
            pl.when(told(named >= 0))
            .then(numbered("S", named))
            .otherwise(pl.lit("*"))
            .alias("subject_id"),
            "sender",
            "recipient",
            "data_categories",
            "purpose",
            "operation",
            pl.when(told(self.dice.falls("claimed", rows, _CLAIMED))).then("basis").alias("basis"),
            pl.when(told(cited >= 0)).then(numbered("E", cited)).alias("evidence_id"),
            pl.when(told(self.dice.falls("channel", rows, _CHANNEL_KNOWN)))
            .then("channel")
            .alias("channel"),
            pl.when(told(self.dice.falls("counted", rows, _COUNTED)))
            .then(pl.lit(pl.Series(whole(1 / (1.0 - self.dice.share("records", rows))))))
            .alias("records"),
        )

    def _particulars(self, choices: pl.Series, rows: Numbers, source: Numbers) -> Particulars:
        columns = np.zeros_like(rows), np.zeros_like(rows), np.zeros_like(rows)
        for choice in Choice:
            mask = (choices == choice).to_numpy()
            for column, part in zip(
                columns, self._of(choice, rows[mask], source[mask]), strict=True
            ):
                column[mask] = part
        return columns

    def _of(self, choice: Choice, rows: Numbers, source: Numbers) -> Particulars:
        subject, nothing = self._anyone(rows), np.full_like(rows, -1)
        moment = self.dice.between("moment", rows, BEGIN, END)
        match choice:
            case Choice.anyone:
                return subject, nothing, moment
            case Choice.everyone:
                return nothing, nothing, moment
            case Choice.consenting:
                return self.consents.subject(source), nothing, moment
            case Choice.leaving:
                since = self.consents.end(source)
                return source, nothing, since + self.dice.number("settling", rows, _SETTLING)
            case Choice.evidenced:
                return self._evidenced(rows, source)

    def _evidenced(self, rows: Numbers, source: Numbers) -> Particulars:
        """Mostly while the evidence holds, and mostly it is cited."""
        since, until = self.evidence.term(source)
        since = np.maximum(since, BEGIN)
        term = np.maximum(until - since, DAY)
        named = self.evidence.names_one(source) == 1
        return (
            np.where(named, self.evidence.subject(source), self._anyone(rows)),
            np.where(self.dice.falls("cited", rows, _CITED), source, -1),
            since + whole(self.dice.share("moment", rows) * _LATE * term),
        )

    def _anyone(self, rows: Numbers) -> Numbers:
        return self.consents.crowd.often("subject", rows)

    def _spoilt(self, sound: pl.DataFrame, rows: Numbers, places: Numbers) -> pl.DataFrame:
        """The rows with their faults; which value a fault gives depends on the template alone."""
        shares = np.cumsum([fault.share for fault in self.faults])
        fate = self.dice.share("fault", rows) / max(self.dirt, 1e-12) * shares[-1]
        kinds = np.searchsorted(shares, fate, side="right")
        for kind, fault in enumerate(self.faults):
            struck = kinds == kind
            if struck.any():
                wrong = self._wrong(fault, sound, rows, places)
                sound = sound.with_columns(
                    pl.when(told(~struck)).then(fault.column).otherwise(wrong)
                )
        return sound

    def _wrong(
        self, fault: Fault, sound: pl.DataFrame, rows: Numbers, places: Numbers
    ) -> pl.Series:
        if fault.column == "flow_id":
            return pl.select(numbered("F", np.maximum(rows - 1000, 0))).to_series()
        values = pl.Series([*fault.values] or [None], dtype=pl.String)
        wrong = values.gather(places % len(values))
        match sound.schema[fault.column]:
            case pl.List():
                return pl.select(
                    pl.when(wrong.is_not_null()).then(pl.concat_list(wrong))
                ).to_series()
            case pl.Datetime() as dtype:  # a typed time is missing rather than unreadable
                return pl.Series([None], dtype=dtype).new_from_index(0, sound.height)
            case _:
                return wrong
