"""The words of a paragraph, apart from how they are written."""

from pathlib import Path

import pytest

from audit.clauses.citations import Paragraph
from audit.clauses.passages import in_sample, sentence_passages, sentences, share, whole
from tests.agreements import read

TEXT = """第一条 范围
本条一句。又一句！
(一)有下列情形之一的，
可以不办理：
1、甲方说“不必。”的；
2、其他。乙方另有公告的，从其公告。
(二)办理的，应当：
1、带好证件。
第二条 一年。
"""


def paragraph(folder: Path, cite: str, text: str = TEXT) -> Paragraph:
    found = read(folder, text).find(cite)
    assert isinstance(found, Paragraph)
    return found


@pytest.mark.parametrize(
    ("cite", "expected"),
    [
        ("第一条", ("本条一句。", "又一句！")),
        ("第一条(一)", ("有下列情形之一的，\n可以不办理：",)),
        ("第一条(一)1", ("甲方说“不必。”", "的；")),
        ("第一条(一)2", ("其他。", "乙方另有公告的，从其公告。")),
        ("第二条", ("一年。",)),
    ],
)
def test_a_paragraph_has_its_sentences_without_mark_and_title(
    tmp_path: Path, cite: str, expected: tuple[str, ...]
) -> None:
    assert sentences(paragraph(tmp_path, cite)) == expected


def test_what_introduces_a_list_belongs_to_each_item_and_the_list_to_what_introduces_it(
    tmp_path: Path,
) -> None:
    assert whole(paragraph(tmp_path, "第一条(一)2")).lead == "有下列情形之一的,可以不办理:"
    assert whole(paragraph(tmp_path, "第一条(一)")).lead == ""
    (only,) = sentence_passages(paragraph(tmp_path, "第一条(一)"))
    assert only.words.endswith("2、其他。乙方另有公告的,从其公告。")


def test_an_introduction_need_not_end_in_a_colon_and_a_title_is_none(tmp_path: Path) -> None:
    said = ("甲方同意的，", "其他规定", "甲方同意，可以。")
    items = (f"({n}){words}\n1、可以。\n" for n, words in zip("一二三", said, strict=True))
    text = "".join(("第一条 一般规定\n", *items))
    leads = [whole(paragraph(tmp_path, f"第一条({n})1", text)).lead for n in "一二三"]
    assert leads == ["甲方同意的,", "", ""]


def test_marks_widths_and_line_ends_do_not_count(tmp_path: Path) -> None:
    other = TEXT.replace("(一)有下列情形之一的，\n可", "（三） 有下列情形之一的,可").replace(
        "“不必。”", '"不必。"'
    )
    assert (
        whole(paragraph(tmp_path, "第一条(一)")).digest
        == whole(paragraph(tmp_path, "第一条(三)", other)).digest
    )


def test_a_sample_is_a_part_of_the_fragments(tmp_path: Path) -> None:
    passage = whole(paragraph(tmp_path, "第一条"))
    assert set(in_sample(passage.sample)) <= passage.fragments
    assert len(in_sample(passage.sample)) == min(64, len(passage.fragments))
    assert share(in_sample(passage.sample), passage.fragments) == 1
    assert share(in_sample(passage.sample), frozenset()) == 0
