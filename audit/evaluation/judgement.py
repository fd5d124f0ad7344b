"""What a run judged, as tables; the graph, the findings and the reports are made of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.ordered import InOrder
from audit.facts.rows import once

if TYPE_CHECKING:
    from audit.evaluation.drafting import Drafts
    from audit.evaluation.exports import Exports
    from audit.evaluation.meeting import Met
    from audit.evaluation.signing import Signed
    from audit.evaluation.spread import Spread

INSTANT: pl.DataType = pl.Datetime("us", "UTC")
CODES: pl.DataType = pl.List(pl.String)

VERDICTS = pl.Schema(
    {"flow_id": pl.String(), "outcome": pl.UInt32(), "inferred": pl.String(), "consents": CODES}
)
OUTCOMES = pl.Schema(
    {
        "outcome": pl.UInt32(),
        "layer": pl.String(),
        "verdict": pl.String(),
        "decided_by": CODES,
        "possible": CODES,
        "failing": CODES,
        "nearest": CODES,
    }
)
UNITS = pl.Schema(
    {
        "outcome": pl.UInt32(),
        "layer": pl.String(),
        "data_category": pl.String(),
        "verdict": pl.String(),
        "decided_by": CODES,
        "possible": CODES,
        "nearest": pl.String(),
        "lacking": CODES,
        "unknown": CODES,
    }
)
TALLIES = pl.Schema(
    {
        "tally": pl.UInt32(),
        "sender": pl.String(),
        "recipient": pl.String(),
        "operation": pl.String(),
        "purpose": pl.String(),
        "outcome": pl.UInt32(),
        "flows": pl.Int64(),
        "records": pl.Int64(),
        "whole_base": pl.Boolean(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
        "examples": CODES,
    }
)
TALLY_SUBJECTS = pl.Schema({"tally": pl.UInt32(), "subject": pl.UInt64()})

_TALLY = (1 << 32) - 1
GRAVITY: Mapping[str, int] = {verdict.value: verdict.gravity for verdict in Verdict}
_PER_LAYER = ("verdict", "decided_by", "possible", "failing", "nearest")


@dataclass(frozen=True)
class Judgement:
    """Every verdict of a run, folded so that nothing but `flows` grows with the flows.

    flows: a row per flow: its outcome, the evidence inferred, the consents that carry it.
    outcomes: a row per outcome and layer: the verdict and the clauses that made it.
    spread: of each outcome, layer and data category the verdict, the clauses, the nearest miss,
        the conditions it lacks, the conditions that are unknown.
    tallies: a row per sender, recipient, operation, purpose and outcome: how many flows, how many
        records (null counts as one), whether one of them concerns the whole customer base, first
        and last seen, the three smallest flow ids.
    met: the distinct subjects of each tally, as opaque numbers; the whole customer base is none of
        them.
    signed: what a replay asks instead of the flows; None where there is too much of it.
    drafts: what the packs' drafts would change; None where no pack has one.
    exports: how many persons were supplied abroad, for each pack that asks.
    """

    flows: InOrder
    outcomes: pl.DataFrame
    spread: "Spread"
    tallies: pl.DataFrame
    met: "Met"
    signed: "Signed | None" = None
    drafts: "Drafts | None" = None
    exports: "tuple[Exports, ...]" = ()

    @property
    def units(self) -> pl.DataFrame:
        """The spread written out, columns as UNITS; read `spread` where there may be many."""
        return self.spread.units()

    @property
    def verdicts(self) -> pl.DataFrame:
        """All flows at once, columns as VERDICTS; read `flows` where they may be many."""
        return pl.concat([piece.select(list(VERDICTS)) for piece in self.flows.pieces()])

    @property
    def tally_subjects(self) -> pl.DataFrame:
        """The distinct subjects of each tally as a table; ask `met` where they may be many."""
        tallies, first = np.arange(len(self.met.first) - 1), self.met.first
        told = {
            "tally": np.repeat(tallies, np.diff(first)),
            "subject": self.met.subjects.take(0, int(first[-1])),
        }
        return pl.DataFrame(
            pl.Series(name, told[name]).cast(kind) for name, kind in TALLY_SUBJECTS.items()
        )


def verdict_table(judgement: Judgement) -> pl.DataFrame:
    """A row per flow as the run leaves it, sorted by flow_id.

    A layer without a pack is null throughout. `overall` is the worse of the layers judged;
    `conflict` says that one of them is a violation and the other permitted or excepted.
    """
    told = outcome_table(judgement.outcomes)
    return judgement.verdicts.join(
        told, on="outcome", how="left", validate="m:1", maintain_order="left"
    ).select("flow_id", *told.columns[1:], "inferred", "consents")


def outcome_table(outcomes: pl.DataFrame) -> pl.DataFrame:
    """A row per outcome: the columns of each layer, then overall and conflict."""
    table = outcomes.select("outcome").unique().sort("outcome")
    for layer in Layer:
        columns = [pl.col(name).alias(f"{layer}_{name}") for name in _PER_LAYER]
        judged = outcomes.filter(pl.col("layer") == layer.value).select("outcome", *columns)
        if judged["outcome"].equals(table["outcome"]):  # nothing to look up, and lists are heavy
            table = table.hstack(judged.drop("outcome"))
        else:
            table = table.join(judged, on="outcome", how="left", validate="1:1")
    return table.with_columns(_overall(), _conflict())


def _overall() -> pl.Expr:
    gravities = [
        pl.col(f"{layer}_verdict").replace_strict(GRAVITY, return_dtype=pl.Int8) for layer in Layer
    ]
    words = {gravity: verdict for verdict, gravity in GRAVITY.items()}
    worst = pl.max_horizontal(gravities)
    return worst.replace_strict(words, return_dtype=pl.String).alias("overall")


def _conflict() -> pl.Expr:
    contract, statute = (pl.col(f"{layer}_verdict") for layer in Layer)
    compliant = [Verdict.PERMITTED.value, Verdict.EXCEPTED.value]
    violation = Verdict.VIOLATION.value
    one = (contract == violation) & statute.is_in(compliant)
    other = (statute == violation) & contract.is_in(compliant)
    return (one | other).fill_null(False).alias("conflict")


def verdict_counts(judgement: Judgement) -> Mapping[Layer, Mapping[Verdict, int]]:
    """How many flows have each verdict, for every layer that was judged."""
    flows = judgement.tallies.group_by("outcome").agg(pl.col("flows").sum())
    told = judgement.outcomes.select("outcome", "layer", "verdict")
    judged = told.join(flows, on="outcome", how="inner", validate="m:1")
    found = {
        (layer, verdict): count
        for layer, verdict, count in judged.group_by("layer", "verdict")
        .agg(pl.col("flows").sum())
        .iter_rows()
    }
    layers = set(judgement.outcomes["layer"])
    return {
        layer: {verdict: found.get((layer.value, verdict.value), 0) for verdict in Verdict}
        for layer in Layer
        if layer.value in layers
    }


def overall_counts(judgement: Judgement) -> Mapping[Verdict, int]:
    """How many flows have each verdict as the worse of their layers."""
    flows = judgement.tallies.group_by("outcome").agg(pl.col("flows").sum())
    gravity = pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8)
    told = judgement.outcomes.group_by("outcome").agg(gravity.max().alias("overall"))
    judged = flows.join(told, on="outcome", how="left", validate="m:1")
    found = dict(judged.group_by("overall").agg(pl.col("flows").sum()).iter_rows())
    return {verdict: found.get(verdict.gravity, 0) for verdict in Verdict}


def count_subjects(groups: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    """The exact number of distinct subjects of each group of tallies, and whether it is everybody.

    `groups` has the columns `group` and `tally`; gives `group`, `subjects` (Int64: people named)
    and `whole_base` (Boolean: it meets the whole customer base, whose size no register tells), a
    row per group. No set of subjects is built.
    """
    names = groups["group"].unique().sort()
    group = names.search_sorted(groups["group"]).to_numpy()
    pairs = once(group.astype(np.int64) << 32 | groups["tally"].to_numpy().astype(np.int64))
    tallies, first = pairs & _TALLY, np.searchsorted(pairs, np.arange(len(names)) << 32)
    everybody = judgement.tallies["whole_base"].to_numpy()[tallies]
    sizes = np.diff(np.append(first, len(pairs)))
    return pl.DataFrame(
        {
            "group": names,
            "subjects": pl.Series(judgement.met.of_groups(tallies, sizes), dtype=pl.Int64),
            "whole_base": np.logical_or.reduceat(everybody, first) if len(first) else everybody,
        }
    )
