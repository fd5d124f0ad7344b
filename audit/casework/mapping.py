"""The data map of a run: who shared with whom, and what the graph tells of it, for one reader."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import polars as pl

from audit.casework.journal import journal_of
from audit.casework.masking import parties_told, party_meant
from audit.casework.measuring import named_and_whole
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.suppression import suppressed, too_few
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer, Verdict
from audit.flowgraph.cutting import Cut, smallest_cut
from audit.flowgraph.relations import RELATION, Network, told_by
from audit.flowgraph.spreading import Spread, chains, spread
from audit.records.moments import FIRST, LAST
from audit.vocabulary import WHOLE_BASE, load_vocabulary

_SUMS_TOLD_ELSEWHERE = ((), ("sender",), ("recipient",))
_NETWORKS = 2  # kept at once


@dataclass(frozen=True)
class Period:
    """From `since` to before `until`; null is open."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()


def relations_of(
    run: KeptRun, reader: Reader, layer: Layer | None = None, period: Period = ALWAYS
) -> pl.DataFrame:
    """A row per sender and recipient, sorted by them; where they are the same, its own use.

    flows, subjects, whole_base, records, first_seen, last_seen, the flows of each verdict (in the
    layer asked; without one the worst of the layers judged), suppressed. All counts are exact.
    Raises NotAllowed where a viewer asks for a period: periods a day apart would tell of single
    people.
    """
    if period == ALWAYS:
        counts = _network(run).relations
    else:
        reader.needs(Role.officer)
        counts = _relations_between(run, period)
    verdicts = [pl.col(told_by(layer, each)).alias(each) for each in Verdict]
    totals = ("flows", "subjects", "whole_base", "records", "first_seen", "last_seen")
    told = counts.select(*RELATION, *totals, *verdicts)
    return _told(run, reader, suppressed(told, reader, _SUMS_TOLD_ELSEWHERE))


def _told(run: KeptRun, reader: Reader, relations: pl.DataFrame) -> pl.DataFrame:
    """Relations without people for a viewer, sorted by what is told of their ends."""
    return parties_told(run, reader, relations, *RELATION).sort(RELATION, maintain_order=True)


def edges_of(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """The run's edges with `suppressed`: for what which data went, and which clauses decided."""
    edges = suppressed(_network(run).edges, reader, (*_SUMS_TOLD_ELSEWHERE, RELATION))
    return _told(run, reader, edges)


def cut_of(run: KeptRun, reader: Reader, layer: Layer | None = None) -> Cut:
    """The smallest cut of what the reader may see.

    A viewer's is of the relations whose counts are told: that another one is to be suspended, or
    ends with the cut, would tell that there are violations on it.
    """
    cut = smallest_cut(_visible(run, reader), load_vocabulary(), layer)
    seen = relations_of(run, reader, layer)
    ends = _told(run, reader, cut.suspended.select(*RELATION, "ends"))
    fates = _told(run, reader, cut.violating.select(*RELATION, "fate"))
    violations = seen.select(*RELATION, Verdict.VIOLATION.value)
    return Cut(
        suspended=ends.join(seen, on=RELATION, how="left", validate="1:1").sort(RELATION),
        violating=fates.join(violations, on=RELATION, how="left", validate="1:1").sort(RELATION),
    )


def spread_of(run: KeptRun, reader: Reader, party: str, layer: Layer | None = None) -> Spread:
    """The blast radius of a party; a viewer is not told of few people how many, when, nor how."""
    found = spread(_network(run), party_meant(run, reader, party), load_vocabulary(), layer)
    if reader.may(Role.officer):
        return found
    few = _hidden(run, reader).with_columns(few=pl.lit(value=True))
    relations = found.relations.join(few, on=RELATION, how="left", validate="1:1")
    by_few = relations.filter("few")["recipient"].implode()
    told = pl.col("since", "subjects", "subjects_at_most", "whole_base", "verdict")
    masked = pl.when(~too_few() & ~pl.col("party_id").is_in(by_few)).then(told)
    known = relations.with_columns(pl.when(pl.col("few").is_null()).then("verdict")).drop("few")
    parties = parties_told(run, reader, found.parties.with_columns(masked), "party_id")
    return replace(
        found,
        parties=parties.sort("hop", "party_id"),
        relations=parties_told(run, reader, known, *RELATION).sort("hop", *RELATION),
    )


def chains_of(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """The ways on which data was passed on; a viewer is not told when, nor how it went by few."""
    found = _chains(run)
    if reader.may(Role.officer):
        return parties_told(run, reader, found, "path")
    few = set(_hidden(run, reader).iter_rows())
    by_few = [any(hop in few for hop in pairwise(path)) for path in found["path"].to_list()]
    nothing = [pl.lit(None, found.schema[at]).alias(at) for at in _WHEN]
    told = found.with_columns(pl.when(~pl.Series(by_few)).then("verdict"), *nothing)
    named, path = parties_told(run, reader, told, "path"), pl.col("path").list
    withheld = pl.col("verdict").is_null()
    blindly = named.filter(withheld).sort(path.len(), path.join("\0"))  # their order tells nothing
    return pl.concat([named.filter(~withheld), blindly])


_WHEN = ("first_seen", "last_seen")


def _hidden(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """The relations whose counts the reader is not told."""
    seen = suppressed(_network(run).relations, reader, _SUMS_TOLD_ELSEWHERE)
    return seen.filter("suppressed").select(RELATION)


def _visible(run: KeptRun, reader: Reader) -> Network:
    """The network without the relations that are hidden from the reader."""
    network, few = _network(run), _hidden(run, reader)
    tables = {"edges": network.edges, "relations": network.relations}
    told = {
        name: table.join(few, on=RELATION, how="anti", maintain_order="left")
        for name, table in tables.items()
    }
    return replace(network, **told)


@remembered(_NETWORKS)
def _network(run: KeptRun) -> Network:
    tables = ("edges", "relation_counts", "parties")
    return Network(*(pl.read_parquet(run.file(f"{each}.parquet"), glob=False) for each in tables))


@remembered(_NETWORKS)
def _chains(run: KeptRun) -> pl.DataFrame:
    return chains(_network(run), load_vocabulary())


def _relations_between(run: KeptRun, period: Period) -> pl.DataFrame:
    """The relations of a period, counted in the journal: columns as RELATIONS, sorted."""
    journal = journal_of(run)
    at = pl.col("occurred_at")
    columns = {layer: f"{layer}_verdict" if layer else "overall" for layer in (None, *Layer)}
    within = journal.flows.filter(at >= (period.since or FIRST), at < (period.until or LAST))
    counts = [
        (pl.col(column) == verdict.value).sum().cast(pl.Int64).alias(told_by(layer, verdict))
        for layer, column in columns.items()
        for verdict in Verdict
    ]
    return (
        within.join(journal.shapes.lazy().select("shape", *RELATION), on="shape", how="left")
        .join(journal.said.lazy().select("said", *columns.values()), on="said", how="left")
        .group_by(RELATION)
        .agg(
            pl.len().cast(pl.Int64).alias("flows"),
            *named_and_whole(pl.col("subject") == WHOLE_BASE, pl.col("subject")),
            pl.col("records").fill_null(1).sum(),
            at.min().alias("first_seen"),
            at.max().alias("last_seen"),
            *counts,
        )
        .sort(RELATION)
        .collect()
    )
