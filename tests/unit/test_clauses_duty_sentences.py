"""Duties in sentences: every word of one, in both languages, and on each page of a pack."""

from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from audit.clauses.as_html import as_html
from audit.clauses.as_markdown import as_markdown
from audit.clauses.clause import Condition
from audit.clauses.duty import Arises, Due, Duty, DutyEvent, End, Fulfilled
from audit.clauses.duty_sentences import (
    acts_told,
    arises_told,
    due_told,
    duty_lines,
    fulfilled_told,
)
from audit.clauses.pages import page_of
from audit.clauses.reading import known_packs, load_pack
from audit.wording import Bilingual, Language
from tests.commanding import command
from tests.dutiful import pack_in

SHARE = (Condition("operation", ("share",)),)
PLAIN = Duty(
    id="d",
    cite="1",
    gist=Bilingual("要做", "To be done"),
    arises=Arises(DutyEvent.FLOW, SHARE),
    due=Due(days=3),
    fulfilled=Fulfilled(("notice",)),
)


@pytest.mark.parametrize(
    ("arises", "zh", "en"),
    [
        (Arises(DutyEvent.FLOW, SHARE), "每一条这样的流转", "each flow with the operation"),
        (Arises(DutyEvent.EVIDENCE, evidence="arrears"), "「欠费凭证」凭证开始", "begins to hold"),
        (Arises(DutyEvent.EVIDENCE_ENDS, evidence="arrears"), "「欠费凭证」凭证终了", "ends"),
        (Arises(DutyEvent.WITHDRAWAL), "客户撤回同意", "withdraws a consent"),
        (
            Arises(DutyEvent.AGREEMENT_ENDS, role=("affiliate",), legal_role=("processor",)),
            "关联公司；",
            "Affiliate; ",
        ),
        (Arises(DutyEvent.AGREEMENT_ENDS), "任何角色", "of any role"),
        (Arises(DutyEvent.WITHDRAWAL, earlier=SHARE), "对每一接收方各为一项", "for each recipient"),
        (Arises(DutyEvent.WITHDRAWAL, earlier=()), "（不限）", "(nothing further)"),
    ],
)
def test_what_raises_it(arises: Arises, zh: str, en: str) -> None:
    duty = replace(PLAIN, arises=arises)
    assert zh in arises_told(duty, Language.zh)
    assert en in arises_told(duty, Language.en)


def test_a_duty_of_a_relation_arises_at_its_first_flow() -> None:
    assert arises_told(replace(PLAIN, per_relation=True), Language.en).startswith("the first flow")


@pytest.mark.parametrize(
    ("due", "zh", "en"),
    [
        (Due(before=True), "须在此之前完成", "must be done before it"),
        (Due(before=True, since="arrears"), "不早于「欠费凭证」开始", "not before evidence"),
        (Due(days=15), "15 日之内：当日不算", "within 15 days: the first is not counted"),
        (Due(hours=24), "24 小时之内", "within 24 hours"),
    ],
)
def test_until_when(due: Due, zh: str, en: str) -> None:
    duty = replace(PLAIN, due=due)
    assert zh in due_told(duty, Language.zh)
    assert en in due_told(duty, Language.en)


@pytest.mark.parametrize(
    ("fulfilled", "en"),
    [
        (Fulfilled(("notice",)), "of the same customer"),
        (Fulfilled(("notice",), issued_by="carrier"), "issued by the carrier"),
        (Fulfilled(("notice",), issued_by="party"), "issued by that party"),
        (Fulfilled(("notice",), names_party=True), "that party named in its `reference`"),
        (Fulfilled(flow=SHARE), "a flow with the operation"),
        (Fulfilled(flow=SHARE, party=End.SENDER), "a flow from that party"),
        (Fulfilled(flow=SHARE, party=End.RECIPIENT), "a flow to that party"),
        (Fulfilled(("notice",), SHARE), "; or a flow with"),
    ],
)
def test_what_fulfils_it(fulfilled: Fulfilled, en: str) -> None:
    duty = replace(PLAIN, fulfilled=fulfilled)
    assert en in fulfilled_told(duty, Language.en)
    assert acts_told(duty, Language.en)


def test_a_duty_to_nobody_by_name_asks_for_evidence_that_names_nobody() -> None:
    told = fulfilled_told(replace(PLAIN, per_relation=True), Language.en)
    assert told.endswith("that names no customer")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", sorted(known_packs()))
def test_every_duty_of_a_shipped_pack_can_be_told(name: str, language: Language) -> None:
    for duty in load_pack(name).duties:
        assert all(duty_lines(duty, language))
        assert acts_told(duty, language)


@pytest.mark.parametrize("language", Language)
def test_every_page_of_a_pack_has_its_duties(language: Language, tmp_path: Path) -> None:
    file = pack_in(tmp_path)
    page = page_of(str(file), None)
    shown = command("pack", "show", file, "--lang", language.value).out
    html, markdown = as_html(page, language), as_markdown(page, language).replace("\\", "")
    for duty in load_pack(str(file)).duties:
        for line in (duty.gist.into(language), *duty_lines(duty, language)):
            assert line in shown
            assert escape(line) in html
            assert line in markdown
