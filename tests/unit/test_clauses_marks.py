"""Marks and cites are read as lawyers number their paragraphs."""

import pytest

from audit.clauses.marks import Level, Step, marks_of, number, path_of

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
    ],
)
def test_a_cite_is_read_however_it_is_written(cite: str) -> None:
    assert path_of(cite) == (Step(ARTICLE, 3), Step(SECTION, 2), Step(ENTRY, 9), Step(POINT, 1))


def test_an_article_put_in_later_has_its_own_number() -> None:
    assert path_of("第十七条之一") == (Step(ARTICLE, 17, 1),)
    assert path_of("第十七条") == (Step(ARTICLE, 17),)


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
