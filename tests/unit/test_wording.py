"""Every sentence exists in both languages, and the code asks only for those that exist."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from audit.problems import InputRefused, Problem
from audit.wording import Bilingual, Language, phrase, sentence, sentences

ROOT = Path(__file__).parents[2]


class Asked(NamedTuple):
    """A sentence that the code asks for; `facts` is None where they are not written out."""

    place: str
    key: str
    facts: frozenset[str] | None


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def asked_sentences() -> Iterator[Asked]:
    for file in sorted((*ROOT.glob("audit/**/*.py"), *ROOT.glob("dashboards/**/*.py"))):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and named(node.func) in {"Problem", "phrase"}:
                yield from asked_by(node, f"{file.relative_to(ROOT)}:{node.lineno}")


def named(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def asked_by(call: ast.Call, place: str) -> Iterator[Asked]:
    match call.args:
        case [ast.Constant(str(key)), *rest]:
            facts = keywords(call) if named(call.func) == "phrase" else mapped(rest)
            yield Asked(place, key, facts)


def keywords(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def mapped(rest: list[ast.expr]) -> frozenset[str] | None:
    match rest:
        case []:
            return frozenset()
        case [ast.Dict(keys)] if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
        case _:
            return None


@pytest.mark.parametrize("key", sentences())
def test_a_sentence_stands_in_both_languages_with_the_same_placeholders(key: str) -> None:
    both = sentences()[key]
    assert both.zh.strip()
    assert both.en.strip()
    assert placeholders(both.zh) == placeholders(both.en)
    assert all(name.isidentifier() for name in placeholders(both.en))


def test_the_code_asks_only_for_sentences_that_exist() -> None:
    missing = {
        asked.place: asked.key for asked in asked_sentences() if asked.key not in sentences()
    }
    assert missing == {}


def test_the_code_gives_every_fact_that_a_sentence_names() -> None:
    unfilled = {
        asked.place: lacking
        for asked in asked_sentences()
        if asked.facts is not None and asked.key in sentences()
        if (lacking := placeholders(sentences()[asked.key].en) - asked.facts)
    }
    assert unfilled == {}


def test_the_walk_sees_what_the_code_asks() -> None:
    assert any(asked.key == "vocabulary-orphan" for asked in asked_sentences())


def test_a_sentence_is_filled_with_its_facts() -> None:
    facts = {"listing": "roles", "code": "{carrier}"}
    assert "roles" in phrase("vocabulary-twice", Language.zh, **facts)
    assert "{carrier}" in sentence(Problem("vocabulary-twice", facts), Language.en)


def test_a_key_that_no_file_has_is_a_bug() -> None:
    with pytest.raises(KeyError):
        phrase("no such key", Language.en)


def test_a_text_turns_into_either_language() -> None:
    text = Bilingual(zh="中", en="en")
    assert [text.into(language) for language in Language] == ["中", "en"]


def test_a_refusal_carries_every_problem() -> None:
    refusal = InputRefused(Problem("a"), Problem("b", {"row": 3}))
    assert [problem.code for problem in refusal.problems] == ["a", "b"]
    assert str(refusal) == "a; b (row=3)"


@pytest.mark.parametrize("word", ["处置", "裁决", "退回"])
def test_one_thing_has_one_word_in_chinese(word: str) -> None:
    """A verdict is 结论, a remedy 整改建议, a rejected row is 拒收: no other word stands for it."""
    assert [key for key, both in sentences().items() if word in both.zh] == []
