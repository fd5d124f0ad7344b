"""What an auditor finds in the working paper: each finding once, and nothing said by silence."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from audit.clauses.reading import load_packs
from audit.outcome import Audit, RowCount
from audit.reports import workpaper_points
from audit.reports.markup import Markup
from audit.reports.points import audit_points
from audit.reports.tree import Node, tree
from audit.reports.workpaper import workpaper
from audit.wording import Language, phrase
from tests.judged import Flow, audited, carrier, judgement, parties, partner
from tests.printed import lost, read_print
from tests.reported import example, written

EN = Language.en


@cache
def sections(language: Language = EN) -> dict[str, Node]:
    paper = workpaper(example(), None, language)
    return {each.name: tree(each.inside) for each in paper.sections}


def of(audit: Audit) -> dict[str, Node]:
    return {each.name: tree(each.inside) for each in workpaper(audit, None, EN).sections}


def quiet(**parts: object) -> Audit:
    """A run of the agreement that found nothing."""
    plain = audited(judgement(Flow("F1")), parties(carrier(), partner("PTR-1", "service")))
    none = replace(plain, findings=plain.findings.clear(), packs=load_packs(("telecom_agreement",)))
    return replace(none, **parts)  # type: ignore[arg-type]


def findings_in(node: Node) -> list[str]:
    ids = (each.attributes.get("id", "") for each in node.elements("article"))
    return [each.removeprefix("finding-") for each in ids]


def test_the_points_come_in_their_order_and_the_rest_around_them() -> None:
    names = list(sections())
    points = [f"point-{each.id}" for each in audit_points().points]
    assert names[:3] == ["about", "method", "overview"]
    assert names[3 : 3 + len(points)] == points
    assert names[3 + len(points) :] == ["point-outside", "quality", "clauses", "limits"]


def test_a_finding_stands_under_the_point_of_its_clause_and_once() -> None:
    by_print = {row["fingerprint"][:16]: row for row in example().findings.to_dicts()}
    told = [(name, each) for name, node in sections().items() for each in findings_in(node)]
    assert not [each for each, times in Counter(each for _, each in told).items() if times > 1]
    for name, each in told:
        row = by_print[each]
        point = audit_points().of.get((row["layer"], row["clause"]))
        assert name == f"point-{point.id if point else 'outside'}"


def test_every_finding_is_told_or_counted() -> None:
    told = sum(len(findings_in(node)) for node in sections().values())
    left = re.findall(
        r"the other ([\d,]+) are in findings", "".join(n.text for n in sections().values())
    )
    assert told + sum(int(each.replace(",", "")) for each in left) == example().findings.height
    gravest = {each[:16] for each in example().findings["fingerprint"].head(200)}
    assert gravest <= {each for node in sections().values() for each in findings_in(node)}


def test_few_findings_of_a_point_are_told_though_graver_ones_crowd_them_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workpaper_points, "MOST_LISTED", 1)
    counts = {name: len(findings_in(node)) for name, node in of(example()).items()}
    assert counts["point-legal-ground"] in {3, 4}
    assert counts["point-export"] >= 1
    assert counts["point-rules"] == 0


def test_a_point_without_findings_never_says_that_all_is_well() -> None:
    paper = of(quiet())
    for point in audit_points().points:
        (result,) = (each.text for each in paper[f"point-{point.id}"].elements("p"))
        asked = any(layer in {"contract", None} for layer, _ in point.places)
        key = "workpaper-nothing" if asked else "workpaper-nothing-asked"
        assert result == phrase(key if point.places else "workpaper-not-by-flows", EN)
        assert point.untested.en in paper[f"point-{point.id}"].text
    assert "compliant" not in "".join(each.text for each in paper.values())


def test_what_was_not_judged_was_not_tested() -> None:
    rows = {"flows": RowCount(3, 0, 3), "parties": RowCount(1, 1, 0)}
    paper = of(quiet(rows=rows))
    assert phrase("workpaper-nothing-judged", EN) in paper["point-entrusted"].text
    assert phrase("workpaper-nothing", EN) not in paper["overview"].text


def test_clauses_asked_drafts_and_clauses_not_loaded_are_told_apart() -> None:
    told = {
        each.inside[0].text: each.inside[1].text  # type: ignore[union-attr]
        for each in sections()["point-legal-ground"].elements("div")
        if len(each.inside) == 2
    }
    unchecked = phrase("workpaper-unverified", EN)
    assert told[phrase("workpaper-drafts", EN)] == f"statute erl-84{unchecked}"
    partly = phrase("workpaper-partly", EN)
    assert f"statute pipl-13-2i{partly}" in told[phrase("workpaper-asked", EN)]
    assert f"statute pipl-13-2{partly}" not in told[phrase("workpaper-asked", EN)]
    assert "statute pipl-13-2" in told[phrase("workpaper-asked", EN)]
    assert "erl-84" not in told[phrase("workpaper-asked", EN)]
    lacking = of(quiet())["point-notice"].text
    assert f"{phrase('workpaper-not-loaded', EN)}statute crr-15" in lacking


@pytest.mark.parametrize("language", Language)
def test_law_that_nobody_checked_is_marked(language: Language) -> None:
    mark = phrase("workpaper-unverified", language)
    assert mark in sections(language)["about"].text
    assert mark in sections(language)["point-platforms"].text
    assert mark not in sections(language)["point-sensitive"].text
    assert phrase("workpaper-order-unverified", language) in sections(language)["about"].text


def test_scope_says_that_every_record_was_tested() -> None:
    flows = example().rows["flows"]
    told = sections(Language.zh)["method"].text
    assert f"共 {flows.rows} 行" in told
    assert f"{flows.rejected} 行被拒收" in told
    assert "未抽样" in told
    assert "远信通信股份有限公司" in sections(Language.zh)["about"].text


def test_a_finding_of_a_clause_that_no_point_names_is_told_all_the_same() -> None:
    odd = example().findings.head(1).with_columns(clause=pl.lit("my-own"), layer=pl.lit("contract"))
    pack = replace(load_packs(("telecom_agreement",))[0])
    clause = replace(pack.clauses[0], id="my-own")
    own = quiet(findings=odd, packs=(replace(pack, clauses=(*pack.clauses, clause)),))
    assert len(findings_in(of(own)["point-outside"])) == 1


@pytest.mark.parametrize("language", Language)
def test_page_and_print_say_the_same(tmp_path: Path, language: Language) -> None:
    page = written(example(), "workpaper", tmp_path, language).read_text(encoding="utf-8")
    printed = read_print(written(example(), "workpaper-pdf", tmp_path, language))
    body = Markup(re.sub(r"(?s)^.*?<main>|</main>.*$", "", page))
    assert not lost(tree(body).text, printed)
    assert printed.outside == ""
    for each in ("workpaper-prepared-by", "workpaper-reviewed-by", "workpaper-answered-by"):
        assert phrase(each, language) in page
        assert printed.has(phrase(each, language))
