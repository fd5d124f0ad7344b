"""A pack is a page that people can read, every code of it in words."""

from pathlib import Path

import pytest

from audit.clauses.reading import known_packs, load_pack
from audit.wording import Language
from tests.agreements import changed
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


def test_what_overrides_a_clause_is_drawn_below_it() -> None:
    page = command("pack", "show", "telecom_agreement", "--lang", "en").out
    assert "    ├ 3-2-9.5  第三条(二)9(5)  excepts\n    └ 3-2-9.6" in page


def test_the_page_has_the_words_of_the_agreement_and_marks_what_was_not_reviewed(
    tmp_path: Path,
) -> None:
    text = tmp_path / "agreement.txt"
    text.write_text(changed("可以查看自己的信息", "可以申请查看"), encoding="utf-8")
    show = ("pack", "show", "telecom_agreement", "--agreement", text, "--lang", "en")
    done = command(*show)
    assert done.code == 0
    assert "Unreviewed clauses: 3-2-8, 3-2-8b." in done.out
    assert "3-2-8  第三条(二)8  permits (unreviewed)" in done.out
    assert "The text (第三条(二)8, line 36): 8、甲方带上证件" in done.out
    for form in ("html", "md"):
        assert "Unreviewed clauses" in command(*show, "--format", form).out


@pytest.mark.parametrize(
    ("form", "start"), [("html", "<!doctype html>\n"), ("md", "# "), ("toml", "#:schema ")]
)
def test_a_pack_is_written_in_the_form_that_is_asked_for(form: str, start: str) -> None:
    done = command("pack", "show", "telecom_agreement", "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(start)


def test_a_pack_that_comes_with_the_tool_can_be_made_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = command("pack", "show", "telecom_agreement", "--format", "toml").out
    own.write_text(text, encoding="utf-8")
    assert load_pack(str(own)) == load_pack("telecom_agreement")


def test_a_form_that_there_is_not_is_refused() -> None:
    assert command("pack", "show", "telecom_agreement", "--format", "docx").code == 2


def test_a_pack_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = command("pack", "show", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "telecom_agreement" in done.err


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "pack.toml"
    broken.write_text("[pack]\nid = 3\n", encoding="utf-8")
    assert command("pack", "show", broken).code == 2
