"""The anchors of a pack are a file beside it, which is understood or refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit.clauses.anchors import Anchor, Anchors, CiteRole, kept_anchors, place_of, write_anchors
from audit.clauses.clause import Layer
from audit.clauses.reading import known_packs, load_pack
from audit.problems import UsageRefused
from tests.asking import clause, pack_saying

PACK = pack_saying(clause("1-1", "permit", {"operation": ["use"]}))
DIGEST = "0" * 64
ANCHOR = Anchor("1-1", CiteRole.CITE, "第一条", DIGEST, DIGEST, 3, "abcdef012345", 2)
KEPT = Anchors(PACK.id, "agreement.txt", DIGEST, (ANCHOR,))


@pytest.fixture
def pack(tmp_path: Path) -> str:
    return str(tmp_path / "own.toml")


def test_what_is_written_is_read_again(pack: str, tmp_path: Path) -> None:
    assert kept_anchors(pack, PACK) is None
    write_anchors(pack, KEPT)
    assert [file.name for file in tmp_path.iterdir()] == ["own.anchors.json"]
    kept = kept_anchors(pack, PACK)
    assert kept == KEPT
    assert kept.own_digest == KEPT.own_digest
    assert kept.by_key["1-1", "cite"] == ANCHOR


# A statute is cited by its name, so no text is given to hold it to.
ANCHORED = [name for name in known_packs() if load_pack(name).layer is Layer.CONTRACT]


def test_no_sentence_of_the_agreement_is_kept() -> None:
    for name in ANCHORED:
        kept = json.loads(place_of(name).read_text(encoding="utf-8"))
        words = {key: value for each in kept["anchors"] for key, value in each.items()}
        assert set(words) <= {*Anchor.__dataclass_fields__}
        told = {each["cite"] for each in kept["anchors"]}
        assert all(len(cite) < 12 for cite in told)


def broken(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    anchor = {
        "clause": "1-1",
        "role": "cite",
        "cite": "第一条",
        "paragraph": DIGEST,
        "words": DIGEST,
        "fragments": 3,
        "sample": "abcdef",
    }
    text = {"name": "x", "digest": DIGEST}
    return {"pack": PACK.id, "text": text, "anchors": [{**anchor, **changes}]}


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[" * 100_000,
        broken(words="0"),
        broken(sample="abcde"),
        broken(sentence=0),
        broken(role="footnote"),
        broken(more=1),
        {**broken(), "pack": "another"},
        {**broken(), "anchors": broken()["anchors"] * 2},
    ],
    ids=lambda told: str(told)[:20],
)
def test_what_cannot_be_understood_is_refused(pack: str, told: object) -> None:
    text = told if isinstance(told, str) else json.dumps(told)
    Path(pack).with_name("own.anchors.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageRefused) as refusal:
        kept_anchors(pack, PACK)
    assert [problem.code for problem in refusal.value.problems] == ["anchors-unreadable"]


def test_anchors_that_come_with_the_tool_are_not_rewritten() -> None:
    (name,) = ANCHORED
    kept = kept_anchors(name, load_pack(name))
    assert kept is not None
    with pytest.raises(UsageRefused):
        write_anchors(name, kept)
