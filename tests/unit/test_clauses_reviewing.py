"""Digests tell whether the words that a clause rests on are those that were reviewed."""

import json
from pathlib import Path

import pytest

from audit.clauses.anchors import Anchors, CiteRole, kept_anchors
from audit.clauses.citations import read_document
from audit.clauses.reading import load_pack
from audit.clauses.reviewing import Citation, Standing, quoted, review, unreviewed
from audit.problems import Problem
from tests.agreements import (
    ITEM_SEVEN,
    MODEL,
    POINT_FIVE,
    UNRELATED,
    changed,
    full_width,
    model,
    read,
)
from tests.asking import clause, pack_saying

PACK = load_pack("telecom_agreement")
ANCHORS = kept_anchors("telecom_agreement", PACK)


def reviewed(folder: Path, text: str, anchors: Anchors | None = ANCHORS) -> dict[str, Citation]:
    """How the cite of each clause stands in the text."""
    citations = review(PACK, anchors, read(folder, text))
    return {each.clause: each for each in citations if each.role is CiteRole.CITE}


def standings(citations: dict[str, Citation]) -> dict[Standing, set[str]]:
    told: dict[Standing, set[str]] = {}
    for each in citations.values():
        told.setdefault(each.standing, set()).add(each.clause)
    return told


def test_every_clause_of_the_pack_stands_as_it_was_reviewed() -> None:
    citations = review(PACK, ANCHORS, read_document(MODEL, MODEL.name))
    assert {each.standing for each in citations} == {Standing.OK}
    assert {each.clause for each in citations} == {each.id for each in PACK.clauses}
    assert unreviewed(citations) == ()


@pytest.mark.parametrize(
    "text",
    [
        UNRELATED + model(),
        full_width(model()),
        model().replace("\n", "\r\n\r\n"),
        model().replace("，", "，\n　　"),  # hard line ends
        model().replace("第四条 ", "第二章 义务\n- 5 -\n第四条 "),
        changed("第三条 服务与个人信息", "第三条"),  # a title that is missing
        changed("(二)服务与信息保护", "(二)"),
        "".join(line for line in model().splitlines(keepends=True) if line[0] == "第") + model(),
    ],
    ids=["preamble", "full width", "blank lines", "wrapped", "chapter", "no title", "bare", "toc"],
)
def test_what_changes_no_words_changes_nothing(tmp_path: Path, text: str) -> None:
    assert standings(reviewed(tmp_path, text)).keys() == {Standing.OK}


def test_an_edit_elsewhere_in_the_paragraph_is_told_and_leaves_the_clause_reviewed(
    tmp_path: Path,
) -> None:
    found = reviewed(tmp_path, changed("欠款千分之三的违约金", "欠款千分之一的违约金"))
    assert standings(found)[Standing.EDITED] == {"2-4"}
    assert not found["2-4"].unreviewed
    assert found["2-4"].sentence == 3


def test_a_sentence_is_followed_within_its_paragraph(tmp_path: Path) -> None:
    text = changed("(四)后付费的甲方", "(四)本款适用于后付费。后付费的甲方")
    document = read(tmp_path, text)
    (told,) = (each for each in review(PACK, ANCHORS, document) if each.clause == "2-4")
    assert (told.standing, told.sentence) == (Standing.EDITED, 4)
    found = quoted(told, document)
    assert found is not None
    assert found[1] is not None
    assert found[1].startswith("账单未付清期间")


def test_the_sentence_itself_reworded_is_stale_and_says_how_much_is_left(tmp_path: Path) -> None:
    found = reviewed(tmp_path, changed("可以联系甲方催缴", "不得联系甲方催缴"))["2-4"]
    assert (found.standing, found.unreviewed) == (Standing.STALE, True)
    assert (found.place, found.sentence) == ("第二条(四)", 3)
    assert found.remains is not None
    assert 80 <= found.remains < 100


def test_an_item_put_in_moves_those_behind_it(tmp_path: Path) -> None:
    text = changed(ITEM_SEVEN, f"7、乙方每年公布一次服务报告。\n8{ITEM_SEVEN[1:]}")
    text = changed("\n8、甲方带上证件", "\n9、甲方带上证件", text)
    text = changed("\n9、乙方为甲方保守", "\n10、乙方为甲方保守", text)
    text = changed("\n10、处理个人信息的更多", "\n11、处理个人信息的更多", text)
    found = reviewed(tmp_path, text)
    assert found["3-2-7a"].standing is Standing.MOVED
    assert (found["3-2-7a"].place, found["3-2-7a"].line) == ("第三条(二)8", 36)
    assert found["3-2-8"].place == "第三条(二)9"
    assert found["3-2-9.1"].place == "第三条(二)10(1)"
    assert found["3-2-9.1"].problem == Problem("cite-missing", {"cite": "第三条(二)9(1)"})
    assert found["1-1"].standing is Standing.OK
    assert not any(each.unreviewed for each in found.values())


def test_the_same_words_under_another_introduction_are_not_the_same(tmp_path: Path) -> None:
    text = changed("有下面情形之一的，不算乙方失职：", "有下面情形之一的，也属于乙方失职：")
    found = reviewed(tmp_path, text)
    assert standings(found)[Standing.STALE] == {f"3-2-9.{n}" for n in range(7)}


def test_a_new_item_of_the_list_makes_the_clause_on_the_whole_list_stale(tmp_path: Path) -> None:
    text = changed("(6)法律、行政法规", "(6)乙方认为确有必要的；\n(7)法律、行政法规")
    found = reviewed(tmp_path, text)
    assert found["3-2-9.0"].standing is Standing.STALE
    assert found["3-2-9.6"].standing is Standing.MOVED
    assert found["3-2-9.6"].place == "第三条(二)9(7)"
    assert found["3-2-9.5"].standing is Standing.OK


def test_what_is_cut_out_is_gone_unless_something_is_like_it(tmp_path: Path) -> None:
    found = reviewed(tmp_path, changed(POINT_FIVE + "\n", ""))["3-2-9.5"]
    assert (found.standing, found.unreviewed) == (Standing.STALE, True)
    assert found.place is None
    assert found.remains == 0
    assert found.problem == Problem("cite-missing", {"cite": "第三条(二)9(5)"})


def test_words_that_stand_in_several_other_places_are_not_followed(tmp_path: Path) -> None:
    line = "8、甲方带上证件到营业厅"
    text = changed(line, f"8、此项删除。\n11{line[1:]}")
    tail = text[text.index("11、甲方带上证件") :].partition("\n")[0]
    once = reviewed(tmp_path, text)["3-2-8"]
    assert (once.standing, once.place) == (Standing.MOVED, "第三条(二)11")
    twice = reviewed(tmp_path, text.replace(tail, f"{tail}\n12{tail[2:]}"))["3-2-8"]
    assert (twice.standing, twice.unreviewed) == (Standing.STALE, True)


def test_an_annex_that_numbers_again_does_not_hide_what_was_reviewed(tmp_path: Path) -> None:
    annex = "附件\n第二条 定义\n(四)本附件所称账单，是指月结账单。\n"
    found = reviewed(tmp_path, model() + annex)
    assert found["2-4"].standing is Standing.OK
    assert reviewed(tmp_path, model() + annex, None)["2-4"].standing is Standing.MISSING


def test_without_anchors_there_is_no_telling_and_with_some_no_clause_is_forgotten(
    tmp_path: Path,
) -> None:
    bare = reviewed(tmp_path, model(), None)
    assert standings(bare).keys() == {Standing.UNANCHORED}
    assert not any(each.unreviewed for each in bare.values())
    assert ANCHORS is not None
    some = Anchors(PACK.id, "x", "0" * 64, ANCHORS.anchors[1:])
    found = reviewed(tmp_path, model(), some)["1-1"]
    assert (found.standing, found.unreviewed) == (Standing.UNANCHORED, True)


def test_a_cite_may_name_its_sentence(tmp_path: Path) -> None:
    asked = {"operation": ["share"]}
    cites = ("第三条(二)7第二句", "第三条第二款第九项第一目", "第三条(二)7第九句")
    clauses = [clause(str(n), "permit", asked) | {"cite": cite} for n, cite in enumerate(cites)]
    document = read(tmp_path, model())
    first, second, third = review(pack_saying(*clauses), None, document)
    found = quoted(first, document)
    assert found is not None
    assert found[1] == "这两种情形以外，没有甲方的同意，乙方不把信息交给任何其他人。"
    assert (second.place, second.sentence) == ("第三条(二)9(1)", None)
    assert third.problem == Problem(
        "cite-no-sentence", {"cite": "第三条(二)7", "sentence": 9, "sentences": 2}
    )


def test_a_citation_is_the_same_read_from_a_manifest(tmp_path: Path) -> None:
    document = read(tmp_path, changed(POINT_FIVE + "\n", ""))
    for each in review(PACK, ANCHORS, document):
        assert Citation.from_json(json.loads(json.dumps(each.as_json()))) == each
