"""The paragraph that a clause cites is found in the text, or it is said why it is not."""

from pathlib import Path

import pytest

from audit.clauses.citations import Document, Paragraph, read_document
from audit.clauses.reading import load_pack
from audit.clauses.reviewing import quoted, review
from audit.problems import Problem, UsageRefused

EXAMPLE = Path(__file__).parents[2] / "examples" / "agreement.txt"
PACK = load_pack("telecom_agreement")
TEXT = """示例协议
第一条 总则
(一)甲方办理业务，
应提交资料：
1、本人证件；
2、授权委托书。
(二)
1、如有第一条第(一)款以外的情形，另行约定。
第二条 期限
一年。
(一)期满顺延。
"""


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "agreement.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def document(folder: Path, text: str | bytes = TEXT) -> Document:
    return read_document(written(folder, text), "agreement.txt")


def paragraph(read: Document, cite: str) -> Paragraph:
    found = read.find(cite)
    assert isinstance(found, Paragraph), found
    return found


def test_every_clause_of_the_pack_has_its_paragraph_in_the_example() -> None:
    read = read_document(EXAMPLE, EXAMPLE.name)
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    found = review(PACK, None, read)
    assert {each.clause for each in found} == {clause.id for clause in PACK.clauses}
    for each in found:
        told = quoted(each, read)
        assert told is not None, each
        assert told[0].text == lines[told[0].line - 1]


def test_the_right_paragraph_is_found_where_numbers_repeat() -> None:
    read = read_document(EXAMPLE, EXAMPLE.name)
    point = paragraph(read, "第三条(二)9(1)")
    assert point.text.startswith("(1)甲方欠费未付")
    assert [outer[:3] for outer in point.above] == ["第三条", "(二)", "9、乙"]
    assert paragraph(read, "第三条(一)1").text.startswith("1、乙方在信号")
    assert paragraph(read, "第六条(三)11").text.startswith("11、法律")
    assert paragraph(read, "第四条(十五)").text.startswith("(十五)因甲方")


def test_a_clause_with_a_supplement_has_two_cites() -> None:
    cites = [
        each.cite
        for each in review(PACK, None, read_document(EXAMPLE, "x"))
        if each.clause == "consent"
    ]
    assert cites == ["第三条(二)7", "第六条(一)"]


def test_a_paragraph_goes_on_until_the_next_mark(tmp_path: Path) -> None:
    read = document(tmp_path)
    section = paragraph(read, "第一条(一)")
    assert section.text == "(一)甲方办理业务，\n应提交资料："
    assert section.below == ("1、本人证件；", "2、授权委托书。")
    assert section.line == 3
    assert paragraph(read, "第二条").text == "第二条 期限\n一年。"
    assert paragraph(read, "第一条(二)1").above == ("第一条 总则", "(二)")


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode("gb18030"),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.translate(str.maketrans("()12", "（）１２")).encode(),
    ],
)
def test_encodings_line_ends_and_widths_do_not_matter(tmp_path: Path, raw: bytes) -> None:
    found = paragraph(document(tmp_path, raw), "第一条（一）２")
    assert found.line == 6
    assert found.text.endswith("授权委托书。")


def test_a_chapter_and_a_page_belong_to_no_paragraph(tmp_path: Path) -> None:
    noisy = TEXT.replace("第二条 期限", "第二章 期限\n— 2 —\n第3页 共4页\n第二条 期限")
    read = document(tmp_path, noisy)
    assert paragraph(read, "第一条(二)1").text.endswith("另行约定。")
    assert paragraph(read, "第二条").text == "第二条 期限\n一年。"


def test_every_paragraph_that_can_be_cited_has_its_cite(tmp_path: Path) -> None:
    read = document(tmp_path, "1、与协议无关。\n" + TEXT)
    cites = [each.cite for each in read.within_articles()]
    assert cites == [
        *("第一条", "第一条(一)", "第一条(一)1", "第一条(一)2", "第一条(二)", "第一条(二)1"),
        *("第二条", "第二条(一)"),
    ]
    assert all(paragraph(read, cite).cite == cite for cite in cites)


def test_a_table_of_contents_is_no_paragraph(tmp_path: Path) -> None:
    contents = "第一条 总则\n第二条 期限\n"
    read = document(tmp_path, contents + TEXT.partition("\n")[2])
    assert paragraph(read, "第一条(一)2").text == "2、授权委托书。"
    assert paragraph(read, "第一条").line == 3


def test_what_is_there_twice_is_never_guessed(tmp_path: Path) -> None:
    read = document(tmp_path, f"{TEXT}附件\n第一条 资费\n(三)另计。\n")
    assert read.find("第一条") == Problem("cite-ambiguous", {"cite": "第一条", "lines": "2, 13"})
    # That only one of the two has a section (三) does not tell which article is meant.
    assert isinstance(read.find("第一条(三)"), Problem)
    assert isinstance(read.find("第二条(一)"), Paragraph)


def test_what_is_not_there_or_no_cite_is_said(tmp_path: Path) -> None:
    read = document(tmp_path)
    assert read.find("第一条(九)") == Problem("cite-missing", {"cite": "第一条(九)"})
    assert read.find("Art. 6") == Problem("cite-unreadable", {"cite": "Art. 6"})


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "document-unnumbered"),
        ("没有编号\n(一)也不算".encode(), "document-unnumbered"),
        (TEXT.encode("utf-16"), "document-not-text"),
        (b"\xef\xbb\xbf" + TEXT.encode("gb18030"), "document-not-text"),
        (b"\x89PNG\r\n\x1a\n\0\0\xff\xff", "document-not-text"),
        (b" " * ((16 << 20) + 1), "document-too-big"),
    ],
)
def test_a_file_that_is_no_agreement_is_refused(tmp_path: Path, raw: bytes, code: str) -> None:
    with pytest.raises(UsageRefused) as refusal:
        document(tmp_path, raw)
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageRefused):
            read_document(place, "x")


def test_many_lines_take_no_time(tmp_path: Path) -> None:
    text = "".join(f"第{number}条\n(一)甲\n1、乙\n(1)丙\n" for number in range(1, 5001))
    read = document(tmp_path, text)
    assert paragraph(read, "第5000条(一)1(1)").text == "(1)丙"
