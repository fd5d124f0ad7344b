"""How the clauses of a run stand in the agreement's text: told in its manifest, read from there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.clauses.anchors import Anchors, kept_anchors
from audit.clauses.clause import Layer
from audit.clauses.reading import load_pack
from audit.clauses.reviewing import Citation, review, unreviewed
from audit.clauses.sentences import unreviewed_told
from audit.problems import Problem
from audit.wording import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audit.clauses.citations import Document
    from audit.outcome import Audit

_KEY = "citations"
_WARNING = "clauses-unreviewed"


@dataclass(frozen=True)
class Cited:
    """The cites of the agreement's clauses in its text, and what they were compared with."""

    anchors: Anchors | None = None
    citations: tuple[Citation, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What a manifest keeps of it."""
        digest = self.anchors.own_digest if self.anchors else None
        return {"anchors": digest, _KEY: [each.as_json() for each in self.citations]}


def cited(packs: Sequence[str], document: Document) -> Cited:
    """How the pack of the agreement, among these, stands in the text.

    Raises UsageRefused where a pack or its anchors cannot be read.
    """
    for name in packs:
        pack = load_pack(name)
        if pack.layer is Layer.CONTRACT:
            anchors = kept_anchors(name, pack)
            return Cited(anchors, review(pack, anchors, document))
    return Cited()


def citations_in(request: Mapping[str, Any] | None) -> tuple[Citation, ...]:
    """What a manifest's `request` says; none where the run was given no text, or is older."""
    kept = (request or {}).get("cited") or {}
    return tuple(map(Citation.from_json, kept.get(_KEY, ())))


def warnings(citations: Iterable[Citation]) -> list[dict[str, Any]]:
    """The banner, as a warning of the manifest; none where every clause is reviewed."""
    clauses = unreviewed(citations)
    told = {language.value: unreviewed_told(clauses, language) for language in Language}
    return [{"code": _WARNING, "facts": {"clauses": ", ".join(clauses)}, **told}] if clauses else []


def noted(audit: Audit, citations: Iterable[Citation]) -> Audit:
    """The audit as reports tell it: the banner first among its notices, where there is one."""
    clauses = unreviewed(citations)
    if not clauses:
        return audit
    banner = Problem(_WARNING, {"clauses": ", ".join(clauses)})
    return replace(audit, notices=(banner, *audit.notices))
