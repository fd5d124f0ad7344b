"""What each finding rests on, in words: a clause, a duty, no clause at all, or a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.sentences import cite_told
from audit.wording import Bilingual, Language, phrase

if TYPE_CHECKING:
    from audit.clauses.clause import Clause, Pack
    from audit.clauses.duty import Duty
    from audit.outcome import Audit

GRAPH = "graph"  # stands where a layer would, for what a check of the graph found
Place = tuple[str | None, str]  # layer and clause, as a finding names them


@dataclass(frozen=True)
class Ground:
    """A clause or a duty of a pack as reports name it; a check has neither pack, cite nor note."""

    name: str
    gist: Bilingual
    cite: str = ""
    note: Bilingual | None = None
    pack: Pack | None = None

    def cited(self, language: Language) -> str:
        """Where it stands in its document; of what no document says, what it is."""
        return cite_told(self.cite, language) if self.cite else self.gist.into(language)


def name_of(layer: str | None, clause: str) -> str:
    """The name under which a report that knows no layers tells of it."""
    return f"{layer or GRAPH}/{clause}"


def grounds(audit: Audit) -> Mapping[Place, Ground]:
    """Everything that a finding of this run rests on, sorted by layer and clause."""
    known = known_grounds(audit)
    named = audit.findings.select("layer", "clause").unique().rows()
    return {
        place: known.get(place) or unwritten(*place)
        for place in sorted(named, key=lambda place: (place[0] or GRAPH, place[1]))
    }


def known_grounds(audit: Audit) -> Mapping[Place, Ground]:
    """Every clause and duty of the run's packs."""
    return dict(_of_packs(audit))


def _of_packs(audit: Audit) -> Iterator[tuple[Place, Ground]]:
    for pack in audit.packs:
        for clause in pack.clauses:
            yield (pack.layer.value, clause.id), _written(clause.id, clause.cite, clause, pack)
            if clause.supplement_cite:
                name = clause.supplement_id
                yield (pack.layer.value, name), _written(name, clause.supplement_cite, clause, pack)
        for duty in pack.duties:
            yield (pack.layer.value, duty.id), _written(duty.id, duty.cite, duty, pack)


def _written(name: str, cite: str, told: Clause | Duty, pack: Pack) -> Ground:
    return Ground(name_of(pack.layer.value, name), told.gist, cite, told.note, pack)


def unwritten(layer: str | None, clause: str) -> Ground:
    """The ground of what no document says: that no clause allows it, or a check of the graph."""
    said = (phrase(f"ground-{clause}", language) for language in (Language.zh, Language.en))
    return Ground(name_of(layer, clause), Bilingual(*said))
