"""A condition is told in words, its codes beside what people call them."""

import pytest

from audit.clauses.clause import Condition
from audit.clauses.conditions import WORDS
from audit.clauses.reading import known_packs, load_pack
from audit.clauses.sentences import cite_told, coded, in_words, ruling, spelled_out
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language
from tests.asking import clause, pack_saying

LINES = [
    line for name in known_packs() for clause in load_pack(name).clauses for line in clause.when
]


def test_a_condition_names_what_is_asked_and_every_code_that_will_do() -> None:
    line = Condition("sender_role", ("carrier", "credit_bureau"))
    assert in_words(line, Language.en) == (
        "the sender's role: Carrier (carrier), Credit bureau (credit_bureau)"
    )


def test_a_condition_without_codes_is_only_what_is_asked() -> None:
    assert in_words(Condition("claimed", ("3-2-9.1",)), Language.zh) == "流转声明以本条款为依据"


@pytest.mark.parametrize("language", Language)
def test_every_condition_of_every_pack_has_its_words(language: Language) -> None:
    for line in LINES:
        told = in_words(line, language)
        assert told
        assert line.word == "claimed" or all(code in told for code in line.argument)


def test_a_code_that_no_list_has_is_called_by_itself() -> None:
    assert coded(Listing.purposes, "un*heard", Language.en) == "un*heard (un*heard)"


def test_a_clause_is_one_sentence_made_of_its_conditions() -> None:
    lines = {"sender_role": ["carrier"], "purpose_not": ["service", "improve"], "consented": True}
    pack = pack_saying(
        clause("a", "permit", lines, "b"),
        clause("b", "forbid", {"operation": ["share", "use", "store"]}),
        clause("c", "permit", {"operation": ["use"]}, "b") | {"draft": True},
    )
    first, second, third = pack.clauses
    assert ruling(first, pack, Language.en) == (
        "A flow is permitted where the sender is: Carrier, the purpose does not fall under: "
        "Provide the service or Improve the service, and the customer consents to it. "
        "This overrides b."
    )
    assert ruling(second, pack, Language.zh) == (
        "凡处理活动是共享/提供、使用/加工或存储的流转，予以禁止。a 适用的，从其规定。"
    )
    assert ruling(third, pack, Language.en).endswith("This is a draft and decides nothing.")


@pytest.mark.parametrize("language", Language)
def test_every_clause_of_every_pack_has_its_sentence(language: Language) -> None:
    for pack in map(load_pack, known_packs()):
        for each in pack.clauses:
            told = ruling(each, pack, language)
            labels = load_vocabulary()
            for line in each.when:
                kind = WORDS[line.word].argument.value
                if kind in {listing.value for listing in Listing}:
                    codes = (labels.label(Listing(kind), code) for code in line.argument)
                    assert all(label.into(language) in told for label in codes)


@pytest.mark.parametrize("line", [line for line in LINES if line.word == "evidence"])
def test_a_spelling_says_what_the_condition_says(line: Condition) -> None:
    assert spelled_out([line.spelling], Language.en) == in_words(line, Language.en)


def test_several_spellings_make_one_sentence() -> None:
    told = spelled_out(["consented", "evidence arrears"], Language.en)
    first, second = told.split("; ")
    assert first == in_words(Condition("consented"), Language.en)
    assert second == in_words(Condition("evidence", ("arrears",)), Language.en)


@pytest.mark.parametrize(
    ("cite", "told"),
    [
        ("第三条(二)9(1)", "Article 3(2)9(1)"),
        ("第六条(一)", "Article 6(1)"),
        ("第一百零五条", "Article 105"),
        ("第三条之一", "第三条之一"),
        ("《个人信息保护法》第二十三条", "《个人信息保护法》第二十三条"),
        ("第三条(二)7第二句", "第三条(二)7第二句"),
        ("附件一", "附件一"),
    ],
)
def test_a_cite_that_is_numbers_alone_is_told_in_english(cite: str, told: str) -> None:
    assert cite_told(cite, Language.en) == told
    assert cite_told(cite, Language.zh) == cite


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.zh, "有告知记录、欠费凭证为证，前者不早于后者"),
        (Language.en, "Record of a notice given, Record of arrears, the first no earlier"),
    ],
)
def test_two_kinds_in_order_are_both_asked_for(language: Language, told: str) -> None:
    statute = load_pack("cn_statute")
    assert told in ruling(statute.by_id["crr-15"], statute, language)
