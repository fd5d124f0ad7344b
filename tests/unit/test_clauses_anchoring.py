"""Anchors change only where somebody said so, and never follow words by themselves."""

from pathlib import Path

import pytest

from audit.clauses.anchoring import Anchored, Order, anchored
from audit.clauses.anchors import Anchors
from audit.clauses.reviewing import Standing, review
from audit.problems import UsageRefused
from tests.agreements import changed, model, read
from tests.asking import clause, pack_saying

ASKED = {"operation": ["share"]}
PACK = pack_saying(
    clause("owed", "permit", ASKED) | {"cite": "第二条(四)"},
    clause("given", "permit", {"consented": True})
    | {"cite": "第三条(二)7第二句", "supplement": {"cite": "第六条(一)"}},
    clause("seen", "permit", ASKED) | {"cite": "第三条(二)8"},
)
OWED = Order(sentences={"owed": 3})


def keep(
    folder: Path, text: str, before: Anchors | None = None, order: Order | None = None
) -> Anchored:
    return anchored(PACK, before, read(folder, text), order or Order())


@pytest.fixture
def kept(tmp_path: Path) -> Anchors:
    return keep(tmp_path, model(), order=OWED).anchors


def codes(done: Anchored) -> list[str]:
    return [each.problem.code for each in done.kept_back if each.problem]


def test_each_cite_gets_its_anchor_and_the_sentence_that_was_named(kept: Anchors) -> None:
    assert {key: each.sentence for key, each in kept.by_key.items()} == {
        ("owed", "cite"): 3,
        ("given", "cite"): 2,
        ("given", "supplement"): None,
        ("seen", "cite"): None,
    }


def test_the_same_text_once_more_changes_nothing(tmp_path: Path, kept: Anchors) -> None:
    done = keep(tmp_path, model(), kept)
    assert (done.changed, done.kept_back, done.anchors) == ((), (), kept)


def test_an_edit_elsewhere_keeps_the_sentence(tmp_path: Path, kept: Anchors) -> None:
    text = changed("(四)后付费的甲方", "(四)本款适用于后付费。后付费的甲方")
    done = keep(tmp_path, text, kept)
    assert done.changed == ("owed",)
    assert done.anchors.by_key["owed", "cite"].sentence == 4
    again = review(PACK, done.anchors, read(tmp_path, text))
    assert {each.standing for each in again} == {Standing.OK}


def test_a_reworded_sentence_is_taken_only_when_it_is_named(tmp_path: Path, kept: Anchors) -> None:
    text = changed("可以联系甲方催缴", "不得联系甲方催缴")
    done = keep(tmp_path, text, kept)
    assert codes(done) == ["anchor-which-sentence"]
    assert done.anchors.by_key == kept.by_key
    assert keep(tmp_path, text, kept, OWED).changed == ("owed",)
    whole = keep(tmp_path, text, kept, Order(sentences={"owed": 0})).anchors
    assert whole.by_key["owed", "cite"].sentence is None


def test_words_that_moved_keep_their_anchor_until_the_cite_is_corrected(
    tmp_path: Path, kept: Anchors
) -> None:
    text = changed("\n8、甲方带上证件", "\n8、乙方每年公布报告。\n11、甲方带上证件")
    done = keep(tmp_path, text, kept)
    assert codes(done) == ["anchor-moved"]
    assert done.anchors.by_key == kept.by_key
    forced = keep(tmp_path, text, kept, Order(("seen",)))
    assert forced.changed == ("seen",)
    corrected = pack_saying(clause("seen", "permit", ASKED) | {"cite": "第三条(二)11"})
    (told,) = review(corrected, kept, read(tmp_path, text))
    assert told.standing is Standing.OK


def test_only_the_clauses_named_are_taken(tmp_path: Path, kept: Anchors) -> None:
    text = changed("客服热线，可以查看自己的信息", "客服热线，不能查看自己的信息")
    text = changed("也可以把欠费情况报送征信机构", "不报送征信机构", text)
    done = keep(tmp_path, text, kept, Order(("seen",)))
    assert done.changed == ("seen",)
    assert done.anchors.by_key["owed", "cite"] == kept.by_key["owed", "cite"]


def test_what_the_text_has_not_is_kept_back(tmp_path: Path) -> None:
    done = keep(tmp_path, "第二条\n(四)一句。\n", order=OWED)
    assert codes(done) == ["cite-no-sentence", "cite-missing", "cite-missing", "cite-missing"]
    assert done.anchors.anchors == ()


def test_a_clause_that_the_pack_has_not_is_refused(tmp_path: Path) -> None:
    for order in (Order(("none",)), Order(sentences={"none": 1})):
        with pytest.raises(UsageRefused):
            keep(tmp_path, model(), order=order)
