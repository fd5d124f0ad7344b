"""`pack anchor` says how each cite stands, and writes only when it is told to."""

from pathlib import Path

import pytest

import consent_schemas
from audit.clauses.reading import load_pack
from tests.agreements import MODEL, UNRELATED, changed, full_width, model
from tests.commanding import command

PACK = "telecom_agreement"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The pack as somebody's own file, without anchors."""
    text = consent_schemas.path("packs", f"{PACK}.toml").read_text(encoding="utf-8")
    pack = tmp_path / "own.toml"
    pack.write_text(text, encoding="utf-8")
    return pack


def written(folder: Path, text: str) -> Path:
    file = folder / "agreement.txt"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_cite_is_anchored_in_the_text_of_the_example() -> None:
    done = command("pack", "anchor", PACK, "--agreement", MODEL, "--lang", "en")
    assert done.code == 0
    cites = sum(2 if each.supplement_cite else 1 for each in load_pack(PACK).clauses)
    assert f"of {cites} cites, the text has {cites}" in done.out
    assert f"as it was {cites}, edited elsewhere 0, moved 0, stale 0" in done.out
    assert "(1)甲方欠费未付" in done.out


def test_a_cite_that_the_text_lacks_is_named(tmp_path: Path) -> None:
    kept = [line for line in model().splitlines() if not line.startswith("(5)")]
    text = written(tmp_path, "\n".join(kept))
    done = command("pack", "anchor", PACK, "--agreement", text, "--lang", "en")
    assert done.code == 1
    assert "3-2-9.5: the text has no 第三条(二)9(5)" in done.out
    assert "Unreviewed clauses: 3-2-9.0, 3-2-9.5." in done.out


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (UNRELATED + full_width(model()), 0, "as it was 23"),
        (changed("欠款千分之三的", "欠款千分之一的"), 0, "2-4: edited elsewhere in the paragraph"),
        (
            changed("\n8、甲方带上证件", "\n8、另行公告。\n11、甲方带上证件"),
            1,
            "第三条(二)11 (line 37)",
        ),
        (changed("可以查看自己的信息", "可以申请查看"), 1, "Unreviewed clauses: 3-2-8, 3-2-8b."),
    ],
    ids=["ok", "edited", "moved", "stale"],
)
def test_the_exit_code_says_whether_somebody_must_look(
    tmp_path: Path, text: str, code: int, told: str
) -> None:
    done = command("pack", "anchor", PACK, "--agreement", written(tmp_path, text), "--lang", "en")
    assert done.code == code
    assert told in done.out


def test_nothing_is_written_unless_it_is_asked_for(own: Path, tmp_path: Path) -> None:
    done = command("pack", "anchor", own, "--agreement", MODEL, "--lang", "en")
    assert done.code == 0
    assert "keeps no digests" in done.out
    assert [file.name for file in tmp_path.iterdir()] == ["own.toml"]


def test_a_pack_of_ones_own_is_anchored_and_anchored_anew(own: Path, tmp_path: Path) -> None:
    first = ("pack", "anchor", own, "--agreement", MODEL, "--write", "--sentence", "2-4=3")
    done = command(*first, "--lang", "en")
    assert done.code == 0
    assert "23 anchors, new or changed 22" in done.out
    assert (tmp_path / "own.anchors.json").is_file()

    text = written(tmp_path, changed("可以查看自己的信息", "可以申请查看"))
    kept = (tmp_path / "own.anchors.json").read_bytes()
    assert command("pack", "anchor", own, "--agreement", text).code == 1
    assert (tmp_path / "own.anchors.json").read_bytes() == kept

    anew = ("pack", "anchor", own, "--agreement", text, "--write", "--clause", "3-2-8")
    some = command(*anew, "--lang", "en")
    assert some.code == 1
    assert "new or changed 1\n" in some.out
    assert "Unreviewed clauses: 3-2-8b." in some.out
    assert command("pack", "anchor", own, "--agreement", text, "--write").code == 0


def test_what_moved_is_kept_back(own: Path, tmp_path: Path) -> None:
    assert command("pack", "anchor", own, "--agreement", MODEL, "--write").code == 0
    text = written(tmp_path, changed("\n8、甲方带上证件", "\n8、另行公告。\n11、甲方带上证件"))
    done = command("pack", "anchor", own, "--agreement", text, "--write", "--lang", "en")
    assert done.code == 1
    assert "Not written" in done.out
    assert "3-2-8: 第三条(二)8 says something else now" in done.out


def test_anchors_that_come_with_the_tool_stay() -> None:
    done = command("pack", "anchor", PACK, "--agreement", MODEL, "--write", "--lang", "en")
    assert (done.code, done.out) == (2, "")
    assert "pack show telecom_agreement --format toml" in done.err


@pytest.mark.parametrize(
    "options",
    [
        ("--clause", "1-1"),
        ("--sentence", "2-4=3"),
        ("--write", "--sentence", "2-4"),
        ("--write", "--sentence", "2-4=-1"),
        ("--write", "--sentence", "9-9=1"),
        ("--write", "--clause", "9-9"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    own: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = command("pack", "anchor", own, "--agreement", MODEL, *options)
    assert (done.code, done.out) == (2, "")
    assert [file.name for file in tmp_path.iterdir()] == ["own.toml"]


def test_a_text_that_cannot_be_read_is_usage(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere.txt", tmp_path):
        done = command("pack", "anchor", PACK, "--agreement", place)
        assert (done.code, done.out) == (2, "")
