"""Marks and cites are read as lawyers number their paragraphs."""

import pytest

from audit.clauses.marks import (
    Level,
    Step,
    cite_of,
    is_noise,
    marks_of,
    name_of,
    number,
    numeral,
    path_of,
    sentence_of,
    without_marks,
)

ARTICLE, SECTION, ENTRY, POINT = Level


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("九十九", 99),
        ("一百零三", 103),
        ("一百二十三", 123),
        ("一千零一", 1001),
        ("二〇", 20),
        ("7", 7),
    ],
)
def test_a_numeral_has_its_value(numeral: str, value: int) -> None:
    assert number(numeral) == value


@pytest.mark.parametrize(
    "cite",
    [
        "第三条(二)9(1)",
        "第三条（二）９（１）",
        " 第 三 条 (二) 9 (1) ",
        "第3条第(二)款第9项第(1)目",
        "《客户服务协议》第三条(二)9、(1)",
        "第三条第二款第九项第一目",
        "第3条第2款第9项第1目",
        "第三条(二)9(1)第二句",
    ],
)
def test_a_cite_is_read_however_it_is_written(cite: str) -> None:
    assert path_of(cite) == (Step(ARTICLE, 3), Step(SECTION, 2), Step(ENTRY, 9), Step(POINT, 1))


def test_an_article_put_in_later_has_its_own_number() -> None:
    assert path_of("第十七条之一") == (Step(ARTICLE, 17, 1),)
    assert path_of("第十七条") == (Step(ARTICLE, 17),)


def test_numerals_are_written_as_they_are_read() -> None:
    assert all(number(numeral(value)) == value for value in range(10_000))
    assert [numeral(value) for value in (0, 10, 15, 20, 105, 110, 1001)] == [
        *("零", "十", "十五", "二十", "一百零五", "一百一十", "一千零一")
    ]


@pytest.mark.parametrize(
    ("cite", "name"),
    [
        ("第三条(二)9(1)", "3-2-9.1"),
        ("第十七条之一", "17_1"),
        ("第八条", "8"),
        ("第八条2", "8-0-2"),
        ("第八条(二)(3)", "8-2-0.3"),
    ],
)
def test_a_place_is_cited_and_named(cite: str, name: str) -> None:
    place = path_of(cite)
    assert place is not None
    assert cite_of(place) == cite
    assert name_of(place) == name


@pytest.mark.parametrize(
    ("cite", "sentence"), [("第三条第二句", 2), ("第三条(二)7第12句", 12), ("第三条(二)7", None)]
)
def test_a_cite_may_end_in_a_sentence(cite: str, sentence: int | None) -> None:
    assert sentence_of(cite) == sentence


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("9、甲方，\n乙方", "甲方，\n乙方"),
        ("　（十五） 因甲方", "因甲方"),
        ("第三条 (二) 9、有", "有"),
        ("(二)", ""),
        ("没有编号", "没有编号"),
    ],
)
def test_what_stands_after_the_marks_stays_as_it_is_written(text: str, rest: str) -> None:
    assert without_marks(text) == rest


@pytest.mark.parametrize("line", ["第二章 总则", "第3节　账户", "第3页 共8页", "- 3 -", "3/8"])
def test_chapters_and_pages_are_noise(line: str) -> None:
    assert is_noise(line)


@pytest.mark.parametrize("line", ["第二章规定的情形除外。", "第一条 总则", "3、另行约定", "3"])
def test_a_line_that_says_something_is_no_noise(line: str) -> None:
    assert not is_noise(line)


@pytest.mark.parametrize(
    "cite", ["", "三(二)", "(二)9", "第三条(二)(二)", "第三条9(二)", "Art. 6(1)(b)", "第三条以下"]
)
def test_what_is_no_cite_is_not_guessed(cite: str) -> None:
    assert path_of(cite) is None


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("第三条 客户权益", [Step(ARTICLE, 3)]),
        ("第十三条　在下列情形中", [Step(ARTICLE, 13)]),
        ("第一条入网要求", [Step(ARTICLE, 1)]),
        ("　（十五）因甲方原因", [Step(SECTION, 15)]),
        ("10、更多细节", [Step(ENTRY, 10)]),
        ("１．个人客户", [Step(ENTRY, 1)]),
        ("(6)法律另有规定", [Step(POINT, 6)]),
        ("第三条 (二) 9、有下列情形的", [Step(ARTICLE, 3), Step(SECTION, 2), Step(ENTRY, 9)]),
        ("(二)", [Step(SECTION, 2)]),
    ],
)
def test_a_line_begins_with_its_marks(line: str, steps: list[Step]) -> None:
    assert [step for step, _ in marks_of(line)] == steps


@pytest.mark.parametrize(
    "line",
    [
        "第一条第(一)款的条件",
        "第三条的约定仍然有效",
        "(三)项所称的担保人",
        "(一)、(二)两项",
        "9.5 折优惠",
        "2024 年起",
        "甲方应交清费用",
        "",
    ],
)
def test_a_line_that_only_mentions_a_paragraph_does_not_open_one(line: str) -> None:
    assert [*marks_of(line)] == []
