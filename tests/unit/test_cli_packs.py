"""A pack is a page that people can read, every code of it in words."""

from pathlib import Path

import pytest

from audit.clauses.reading import known_packs, load_pack
from audit.wording import Language
from tests.commanding import command


def test_the_packs_that_come_with_the_tool_are_listed() -> None:
    done = command("pack", "list", "--lang", "en")
    assert done.code == 0
    for name in known_packs():
        assert f"{name} " in done.out
        assert load_pack(name).title.en in done.out


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", known_packs())
def test_a_page_has_every_clause_with_its_cite_gist_and_note(name: str, language: Language) -> None:
    page = command("pack", "show", name, "--lang", language)
    assert page.code == 0
    for clause in load_pack(name).clauses:
        assert clause.cite in page.out
        assert clause.gist.into(language) in page.out
        assert clause.note is None or clause.note.into(language) in page.out
        assert all(target in page.out for target in clause.exception_to)


def test_conditions_stand_there_in_words() -> None:
    page = command("pack", "show", "telecom_agreement", "--lang", "en").out
    assert "the recipient's role: Credit bureau (credit_bureau)" in page
    assert "the flow claims this clause" in page
    assert "a consent that rests on a signed supplement is cited as 第六条(一)" in page


def test_a_pack_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = command("pack", "show", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "telecom_agreement" in done.err


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "pack.toml"
    broken.write_text("[pack]\nid = 3\n", encoding="utf-8")
    assert command("pack", "show", broken).code == 2
