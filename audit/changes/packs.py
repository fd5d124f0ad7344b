"""The packs of a run as a change supposes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audit.clauses.reading import load_pack, load_packs
from audit.outcome import digest
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.changes.change import PackChange
    from audit.clauses.clause import Clause, Pack


def changed_packs(names: Sequence[str], changes: Sequence[PackChange]) -> tuple[Pack, ...]:
    """The packs of these names or files with what is supposed of them.

    Raises UsageRefused with every fault: a pack or clause that is none of the run's, a file that is
    no pack, a pack of another layer, a draft that judges already.
    """
    own = [load_pack(name) for name in names]
    by_id = {change.id: change for change in changes}
    known = ", ".join(pack.id for pack in own)
    faults = [
        Problem("change-pack-unknown", {"pack": each, "known": known})
        for each in sorted(by_id.keys() - {pack.id for pack in own})
    ]
    others = {change.id: change.replaced_by for change in changes}
    try:
        packs = load_packs(
            [others.get(pack.id) or name for pack, name in zip(own, names, strict=True)]
        )
    except UsageRefused as refusal:
        raise UsageRefused(*faults, *refusal.problems) from refusal
    if strays := {pack.layer for pack in packs} ^ {pack.layer for pack in own}:
        faults.append(Problem("change-pack-layer", {"layers": ", ".join(sorted(strays))}))
    asked = {pack.layer: by_id[pack.id] for pack in own if pack.id in by_id}
    for pack in packs:
        faults += _astray(pack, asked[pack.layer]) if pack.layer in asked else ()
    if faults:
        raise UsageRefused(*faults)
    return tuple(
        _changed(each, asked[each.layer]) if each.layer in asked else each for each in packs
    )


def _astray(pack: Pack, change: PackChange) -> Iterator[Problem]:
    for clause in (*change.off, *change.draft, *change.on):
        if clause not in pack.by_id:
            yield Problem("change-clause-unknown", {"pack": pack.id, "clause": clause})
    for clause in change.on:
        if clause in pack.by_id and not pack.by_id[clause].draft:
            yield Problem("change-clause-judges", {"pack": pack.id, "clause": clause})
    said = [*change.off, *change.draft, *change.on]
    for clause in sorted({each for each in said if said.count(each) > 1}):
        yield Problem("change-clause-twice", {"pack": pack.id, "clause": clause})


def _changed(pack: Pack, change: PackChange | None) -> Pack:
    """The pack under a digest of its own, so that nobody takes it for what it was made of."""
    if change is None or not (change.off or change.draft or change.on):
        return pack
    kept = tuple(_clause(each, change) for each in pack.clauses if each.id not in change.off)
    said = [pack.digest, sorted(change.off), sorted(change.draft), sorted(change.on)]
    return replace(pack, clauses=kept, digest=digest(said))


def _clause(clause: Clause, change: PackChange) -> Clause:
    draft = clause.id in change.draft or (clause.draft and clause.id not in change.on)
    left = tuple(each for each in clause.exception_to if each not in change.off)
    return replace(clause, draft=draft, exception_to=left)
