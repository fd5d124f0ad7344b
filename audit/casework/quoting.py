"""What the clauses of a run say: the gist in the pack, the paragraphs in the agreement itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from audit.clauses.clause import SUPPLEMENT, Clause, Layer, Pack
from audit.clauses.reading import known_packs, load_pack
from audit.clauses.reviewing import cites_of, quoted
from audit.problems import InputRefused, Problem, Refusal
from audit.reports.recalling import recall_agreement, recall_citations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.casework.workspace import KeptRun
    from audit.clauses.citations import Document, Paragraph
    from audit.clauses.duty import Duty
    from audit.clauses.reviewing import Citation

_RUNS = 16


@dataclass(frozen=True)
class Quote:
    """One place that a clause cites, and what stands there, or why there is no telling.

    citation: how the cite stands since the clause was reviewed; the paragraph is the one that has
    the reviewed words, wherever they moved. None in a run of before such were kept.
    """

    cite: str
    found: Paragraph | Problem
    citation: Citation | None = None


@dataclass(frozen=True)
class Quotable:
    """The clauses of a run by layer and id, and the text of the agreement where there is one.

    `problems` says which pack and which text are no longer those of the run; what is missing for
    that reason is quoted by nobody.
    """

    clauses: Mapping[tuple[str, str], Clause]
    agreement: Document | None
    problems: tuple[Problem, ...]
    citations: tuple[Citation, ...] = ()
    duties: Mapping[tuple[str, str], Duty] = field(default_factory=dict)

    def cite(self, layer: str | None, name: str) -> str | None:
        """What the clause or the duty of this name cites; None for what no document says."""
        named = self.clause(layer, name) or self.duties.get((layer or "", name))
        return named.cite if named else None

    def clause(self, layer: str | None, name: str) -> Clause | None:
        """The clause of this name as verdicts report it; None for what no document says."""
        return self.clauses.get((layer or "", name.removesuffix(SUPPLEMENT)))

    def quotes(self, layer: str | None, name: str) -> tuple[Quote, ...]:
        """The paragraphs that the clause cites; empty where no text was given for its layer."""
        clause = self.clause(layer, name)
        if clause is None or self.agreement is None or layer != Layer.CONTRACT:
            return ()
        kept = {each.role: each for each in self.citations if each.clause == clause.id}
        return tuple(
            _quote(cite, kept.get(role), self.agreement) for role, cite in cites_of(clause)
        )


def _quote(cite: str, citation: Citation | None, agreement: Document) -> Quote:
    """What stands where the citation found its words, else where the cite says."""
    found = None if citation is None else quoted(citation, agreement)
    return Quote(cite, found[0] if found else agreement.find(cite), citation)


def quotable(run: KeptRun) -> Quotable:
    """What can be quoted of the run's clauses now; never raises for what changed or is gone."""
    problems: list[Problem] = []
    packs: tuple[Pack, ...] = ()
    agreement: Document | None = None
    citations: tuple[Citation, ...] = ()
    try:
        packs = packs_of(run)
    except Refusal as refusal:
        problems.extend(refusal.problems)
    try:
        agreement, citations = recall_agreement(run.folder), recall_citations(run.folder)
    except Refusal as refusal:
        problems.extend(refusal.problems)
    clauses = {(pack.layer.value, clause.id): clause for pack in packs for clause in pack.clauses}
    duties = {(pack.layer.value, duty.id): duty for pack in packs for duty in pack.duties}
    return Quotable(clauses, agreement, tuple(problems), citations, duties)


def packs_of(run: KeptRun) -> tuple[Pack, ...]:
    """The packs that judged the run, in their order.

    Raises InputRefused where a pack is no longer the one that judged; UsageRefused: it is gone.
    """
    judged = sorted((str(each["id"]), str(each["digest"])) for each in run.manifest["packs"])
    return _packs(tuple(_names(run)), tuple(judged))


@lru_cache(maxsize=_RUNS)
def _packs(names: tuple[str, ...], judged: tuple[tuple[str, str], ...]) -> tuple[Pack, ...]:
    packs = tuple(load_pack(name) for name in names)
    digests = dict(judged)
    if changed := [pack.id for pack in packs if digests.get(pack.id) != pack.digest]:
        raise InputRefused(*(Problem("recall-changed", {"name": name}) for name in changed))
    return packs


def _names(run: KeptRun) -> Iterator[str]:
    """The packs as they were asked for; paths are relative to the run's folder."""
    known, inside = known_packs(), Path(os.path.realpath(run.folder))
    request = run.manifest.get("request") or {}
    return (name if name in known else str(inside / name) for name in request.get("packs", ()))
