"""What the clauses of a pack were reviewed against: digests in a file beside the pack."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.clauses.reading import known_packs
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

    from audit.clauses.clause import Pack

_SUFFIX = ".anchors.json"
_PART = ".part"


class CiteRole(StrEnum):
    """Which of a clause's cites: its own, or the one for a consent in a signed supplement."""

    CITE = "cite"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True)
class Anchor:
    """One cite of a clause as it was reviewed.

    paragraph: digest of the whole paragraph; words: of what the clause rests on, which is one
    `sentence` of it, or all. fragments, sample: how much of those words there was, and some of it.
    """

    clause: str
    role: CiteRole
    cite: str
    paragraph: str
    words: str
    fragments: int
    sample: str
    sentence: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Which cite of which clause it is about."""
        return self.clause, self.role


@dataclass(frozen=True)
class Anchors:
    """The anchors of a pack; `text` and `digest` are of the file they were last written from."""

    pack: str
    text: str
    digest: str
    anchors: tuple[Anchor, ...]

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], Anchor]:
        """Each under its clause and role."""
        return {anchor.key: anchor for anchor in self.anchors}

    @cached_property
    def own_digest(self) -> str:
        """The SHA-256 of the anchors as they are written."""
        return hashlib.sha256(_spelled(self)).hexdigest()


def kept_anchors(name: str, pack: Pack) -> Anchors | None:
    """The anchors beside the pack of this id or file; None where there are none.

    Raises UsageRefused where they cannot be read or belong to another pack: a review that cannot be
    understood is no review.
    """
    place = place_of(name)
    if not place.is_file():
        return None
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(place, str(error)) from error
    faults = sorted(error.message for error in _validator().iter_errors(told))
    if faults:
        raise _refused(place, faults[0])
    anchors = _read(told)
    if anchors.pack != pack.id:
        raise _refused(place, f"pack = {anchors.pack}, {pack.id}")
    if len(anchors.by_key) != len(anchors.anchors):
        raise _refused(place, "clause, role")
    return anchors


def write_anchors(name: str, anchors: Anchors) -> Path:
    """Write the file beside the pack, in one step; a pack that comes with the tool has it fixed.

    Raises UsageRefused for such a pack.
    """
    if name in known_packs():
        raise UsageRefused(Problem("anchors-not-yours", {"pack": name}))
    place = _beside(Path(name))
    part = place.with_name(f".{place.name}.{os.getpid()}{_PART}")
    try:
        part.write_bytes(_spelled(anchors))
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return place


def place_of(name: str) -> Traversable:
    """Where the anchors of the pack of this id or file are, or would be."""
    if name in known_packs():
        return consent_schemas.path("packs", f"{name}{_SUFFIX}")
    return _beside(Path(name))


def _beside(pack: Path) -> Path:
    return pack.with_name(f"{pack.name.removesuffix('.toml')}{_SUFFIX}")


def _read(told: Mapping[str, Any]) -> Anchors:
    anchors = (Anchor(**{**each, "role": CiteRole(each["role"])}) for each in told["anchors"])
    return Anchors(told["pack"], told["text"]["name"], told["text"]["digest"], tuple(anchors))


def _spelled(anchors: Anchors) -> bytes:
    told = {
        "pack": anchors.pack,
        "text": {"name": anchors.text, "digest": anchors.digest},
        "anchors": _entries(anchors.anchors),
    }
    return f"{json.dumps(told, ensure_ascii=False, indent=2)}\n".encode()


def _entries(anchors: Iterable[Anchor]) -> list[dict[str, Any]]:
    told = (asdict(anchor) for anchor in anchors)
    return [{key: value for key, value in each.items() if value is not None} for each in told]


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(consent_schemas.path("anchors.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=Registry())


def _refused(place: Traversable, detail: str) -> UsageRefused:
    facts = {"file": place.name, "detail": detail}
    return UsageRefused(Problem("anchors-unreadable", facts))
