"""A pack's page is made of the pack: every clause, what it rests on, and what overrides it."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from audit.clauses import as_html as html_module
from audit.clauses.as_html import as_html
from audit.clauses.as_markdown import as_markdown
from audit.clauses.duty_sentences import duty_lines
from audit.clauses.pages import Branch, page_of, seen
from audit.clauses.reading import known_packs, load_pack
from audit.clauses.sentences import ruling
from audit.wording import Language
from tests.agreements import changed, read
from tests.asking import clause
from tests.exporting import toml_file

EVIL = "</p><script>alert(1)</script>[x](javascript:1) **b** `c` & \u202e \x07 $x$ :tada:"
HEADER = {"id": "p", "version": "1.0.0", "layer": "contract", "title": {"zh": EVIL, "en": EVIL}}


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def pack_file(folder: Path, *clauses: dict[str, Any]) -> str:
    """The name of a pack of these clauses."""
    return str(toml_file(folder / "p.toml", {"pack": HEADER, "clause": list(clauses)}))


def evil(own_id: str, *targets: str, effect: str = "permit") -> dict[str, Any]:
    """A clause of which every text is an attack."""
    told = {"zh": EVIL, "en": EVIL}
    plain = clause(own_id, effect, {"operation": ["use"]}, *targets)
    return plain | {"cite": EVIL, "gist": told, "note": told}


def ids(branches: tuple[Branch, ...]) -> list[Any]:
    return [(each.clause.id, each.again, ids(each.branches)) for each in branches]


def test_what_overrides_a_clause_is_a_tree_in_which_each_is_drawn_once(tmp_path: Path) -> None:
    name = pack_file(
        tmp_path,
        evil("a", effect="forbid"),
        evil("b", "a"),
        evil("c", "a"),
        evil("d", "b", "c", effect="forbid"),
        evil("e", "d"),
    )
    (first, *_) = page_of(name, None).entries
    below: list[Any] = [("d", False, [("e", False, [])])]
    assert ids(first.exceptions) == [("b", False, below), ("c", False, [("d", True, [])])]


def test_many_diamonds_take_no_time(tmp_path: Path) -> None:
    clauses = [evil("0", effect="forbid")]
    for n in range(1, 40):
        effect = "forbid" if n % 2 == 0 else "permit"
        above = [each["id"] for each in clauses[-2:] if n == 1 or each["effect"] != effect]
        clauses += [evil(f"{n}{half}", *above, effect=effect) for half in "ab"]
    page = page_of(pack_file(tmp_path, *clauses), None)
    assert len(as_html(page, Language.zh)) < 5_000_000


def test_a_page_with_a_text_has_the_words_and_how_they_stand(tmp_path: Path) -> None:
    page = page_of("telecom_agreement", read(tmp_path, changed("也可以把欠费情况报送", "报送")))
    owed = next(entry for entry in page.entries if entry.clause.id == "2-4")
    (cite,) = owed.cites
    assert owed.unreviewed
    assert page.unreviewed == ("2-4",)
    assert cite.words.startswith("账单未付清期间")
    assert cite.before.startswith("(四)后付费的甲方")
    listed = next(entry for entry in page.entries if entry.clause.id == "1-1")
    assert listed.cites[0].words.count("\n") == 3


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", known_packs())
@pytest.mark.parametrize("form", [as_html, as_markdown])
def test_a_page_says_all_that_the_pack_says(form: Any, name: str, language: Language) -> None:  # noqa: ANN401
    page = page_of(name, None)
    told = form(page, language)
    plain = Tags(told).text if form is as_html else re.sub(r"\\(.)", r"\1", told)
    pack = load_pack(name)
    for each in pack.clauses:
        assert each.gist.into(language) in plain
        assert each.note is None or each.note.into(language) in plain
        assert all(ruling(each, pack, other) in plain for other in Language)
    for duty in pack.duties:
        assert all(
            line in plain for line in (duty.gist.into(language), *duty_lines(duty, language))
        )
    signed = len(pack.clauses) + len(pack.duties)
    assert plain.count({"zh": "复核人：", "en": "Reviewed by:"}[language]) == signed


def test_the_page_is_whole_by_itself_and_runs_nothing(tmp_path: Path) -> None:
    name = pack_file(tmp_path, evil("a", effect="forbid"), evil("b", "a"))
    text = as_html(page_of(name, None), Language.en)
    parsed = Tags(text)
    assert parsed.open == []
    assert {tag for tag, _ in parsed.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "h1"),
        *("h2", "h3", "p", "span", "div", "ul", "li", "blockquote", "mark"),
    }
    used = {key for _, attributes in parsed.tags for key in attributes}
    assert used <= {"lang", "charset", "http-equiv", "content", "name", "class", "id"}
    assert "\u202e" not in text
    assert "\x07" not in text
    assert "<script>alert(1)</script>" in parsed.text
    for outside in ("http:", "https:", "url(", "@import", "src="):
        assert outside not in text


def test_only_the_style_that_stands_there_is_allowed() -> None:
    text = as_html(page_of("telecom_agreement", None), Language.zh)
    (policy,) = (
        str(given["content"])
        for tag, given in Tags(text).tags
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    assert style == html_module._STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]


def test_nothing_in_a_text_means_anything_to_markdown(tmp_path: Path) -> None:
    name = pack_file(tmp_path, evil("a", effect="forbid"), evil("b", "a"))
    told = as_markdown(page_of(name, None), Language.en)
    for markup in ("<script>", "](", "**b**", "`c`", "$x$", ":tada:", "\u202e"):
        assert markup not in told


def test_an_unreviewed_clause_is_marked_wherever_it_is_named(tmp_path: Path) -> None:
    page = page_of("telecom_agreement", read(tmp_path, changed("(5)有人的生命", "(5)他人的便利")))
    text = Tags(as_html(page, Language.en)).text
    assert "Unreviewed clauses: 3-2-9.0, 3-2-9.5." in text
    assert "3-2-9.5 (unreviewed), 第三条(二)9(5), excepts" in text
    assert "unreviewed" in as_markdown(page, Language.en)


def test_a_character_without_a_shape_is_written_out() -> None:
    assert seen("甲\n\t\u200b乙") == "甲\n\\t\\u200b乙"
