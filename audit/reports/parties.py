"""The parties of a run as its files tell them."""

import polars as pl

from audit.outcome import Audit

_PARTY = ("party_id", "name", "role", "legal_role", "country")
_TERMS = ("purposes", "data_categories", "agreement_from", "agreement_until")


def parties_told(audit: Audit) -> pl.DataFrame:
    """Every party registered, rejected or seen, as the register stood at the run."""
    terms = audit.parties.select("party_id", *_TERMS)
    lost = audit.rejected_parties
    told = audit.graph.nodes.join(terms, on="party_id", how="left", validate="1:1")
    every = told.join(lost, on="party_id", how="full", coalesce=True, validate="1:1")
    marks = pl.col("registered", "seen").fill_null(value=False)
    return every.select(*_PARTY, *_TERMS, marks, *lost.columns[1:]).sort("party_id")
