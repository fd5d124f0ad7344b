"""What a reader of the page finds on it; nothing in it loads, runs or is taken for HTML."""

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.outcome import Audit, InputFile
from audit.problems import Problem
from audit.reports.duties import Persons
from audit.reports.finding_pages import MOST_LISTED
from audit.wording import Language, phrase
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner
from tests.reported import example, written

KEY = bytes(range(32))
EVIL = "</p><script>alert(1)</script>\"'><img src=//x onerror=1> \u202e & `c` **b**"


class Tags(HTMLParser):
    """The elements of a page with their attributes, its text, and whether all of them close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@cache
def page(folder: Path, language: Language = Language.en) -> str:
    return written(example(), "html", folder, language, KEY).read_text(encoding="utf-8")


def page_of(audit: Audit, folder: Path) -> str:
    return written(audit, "html", folder).read_text(encoding="utf-8")


def one_finding(**parts: object) -> Audit:
    plain = audited(
        judgement(Flow("F1", units={"contact.phone": NO_GROUND})),
        parties(carrier(), partner("PTR-1")),
    )
    return replace(plain, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
def test_the_page_has_its_sections_in_the_order_of_reading(
    tmp_path: Path, language: Language
) -> None:
    tags = Tags(page(tmp_path, language))
    assert [told["id"] for tag, told in tags.tags if tag == "section"] == [
        "about",
        "conflicts",
        "verdicts",
        "findings",
        "duties",
        "drafts",
        "quality",
        "clauses",
        "limits",
    ]
    root = next(told for tag, told in tags.tags if tag == "html")
    assert root["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    assert phrase("html-title", language) in tags.text


def test_nothing_runs_and_nothing_is_loaded(tmp_path: Path) -> None:
    text = page(tmp_path)
    tags = Tags(text)
    assert {tag for tag, _ in tags.tags} & {"script", "link", "img", "iframe", "form"} == set()
    names = {name for _, told in tags.tags for name in told}
    assert {name for name in names if name.startswith("on") or name in {"src", "style"}} == set()
    links = {told["href"] or "" for tag, told in tags.tags if tag == "a"}
    assert all(link.startswith("#") for link in links)
    policy = next(told["content"] or "" for tag, told in tags.tags if "http-equiv" in told)
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy


def test_every_link_leads_somewhere_and_no_id_is_given_twice(tmp_path: Path) -> None:
    tags = Tags(page(tmp_path)).tags
    places = [told["id"] for _, told in tags if "id" in told]
    assert len(places) == len(set(places))
    assert {(told["href"] or "")[1:] for tag, told in tags if tag == "a"} <= set(places)


def test_text_from_data_is_never_taken_for_html(tmp_path: Path) -> None:
    plain = one_finding()
    evil = replace(
        plain,
        inputs=(InputFile("flows", EVIL, "0" * 64, 1),),
        notices=(Problem("clauses-unreviewed", {"clauses": EVIL}),),
        findings=plain.findings.with_columns(
            pl.lit(EVIL).alias(name) for name in ("cause_en", "remedy_en", "purpose", "operation")
        ).with_columns(examples=pl.concat_list(pl.lit(EVIL))),
        rejected=plain.rejected.with_columns(reason=pl.lit(EVIL)),
    )
    text = page_of(evil, tmp_path)
    tags = Tags(text)
    assert "<script" not in text
    assert "<img" not in text
    assert "\u202e" not in text
    assert tags.text.count("alert(1)") >= 6


def test_a_finding_is_told_with_cause_remedy_clause_citation_and_examples(tmp_path: Path) -> None:
    text = Tags(page(tmp_path)).text
    for finding in example().findings.head(20).to_dicts():
        for said in (finding["cause_en"], finding["remedy_en"], *finding["examples"]):
            assert said in text
        assert finding["fingerprint"][:16] in text
    assert "Article 3(2)7" in text


def test_inputs_packs_counts_and_reasons_of_rejection_are_on_it(tmp_path: Path) -> None:
    text = Tags(page(tmp_path)).text
    told = example()
    assert all(each.digest in text and each.name in text for each in told.inputs)
    assert all(pack.digest in text for pack in told.packs)
    assert told.run_id in text
    for counts in told.counts.values():
        assert f"{counts[Verdict.VIOLATION]:,} (" in text
    assert all(reason in text for reason in told.rejected.unique("code")["reason"])


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    left = example().findings.height - MOST_LISTED
    text = Tags(page(tmp_path)).text
    assert f"The {MOST_LISTED} gravest findings are listed below and {left} more are not" in text
    assert text.count("Remedy: ") == MOST_LISTED


def test_customers_have_pseudonyms_unless_their_ids_were_asked_for(tmp_path: Path) -> None:
    people = set(example().duties["subject"].drop_nulls()) - {"*"}
    kept = page(tmp_path)
    assert not {each for each in people if each in kept}
    assert "keyed pseudonyms" in kept
    file = written(example(), "html", tmp_path, Language.en, Persons.REVEALED)
    revealed = file.read_text(encoding="utf-8")
    assert {each for each in people if each in revealed}
    assert "keep it as personal information" in revealed


def test_a_chart_has_a_name_and_its_figures_stand_in_words(tmp_path: Path) -> None:
    tags = Tags(page(tmp_path)).tags
    charts = [told for tag, told in tags if tag == "svg" and told.get("role") == "img"]
    assert len(charts) == 2
    assert all(told["aria-label"] for told in charts)


def test_a_run_of_one_layer_without_duties_or_findings_leaves_those_sections_out(
    tmp_path: Path,
) -> None:
    none = one_finding(findings=one_finding().findings.clear(), packs=())
    text = page_of(none, tmp_path)
    assert 'id="conflicts"' not in text
    assert 'id="duties"' not in text
    assert phrase("html-no-findings", Language.en) in text


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = written(example(), "html", tmp_path, key=KEY).read_bytes()
    assert first == written(example(), "html", tmp_path / "again", key=KEY).read_bytes()
