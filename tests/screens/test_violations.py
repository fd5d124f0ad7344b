"""Findings are filtered, paged and explained as the run has them, for whoever may see them."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import consent_schemas
from audit import (
    Language,
    Request,
    Role,
    audit,
    explained,
    leave,
    open_question,
    phrase,
    reasons,
    recall,
    sentence,
)
from audit.casework import exporting
from audit.clauses.citations import read_document
from audit.reports.recalling import asked
from tests.example_run import HOUSE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, words

A_PAGE = 12
AGREEMENT = HOUSE / "examples" / "agreement.txt"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's export, the agreement's text, and in `runs` their run."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(HOUSE / "examples" / "small_carrier", folder / "export")
    shutil.copy(AGREEMENT, folder / "agreement.txt")
    request = Request(folder / "export")
    document = read_document(folder / "agreement.txt", "agreement.txt")
    run = folder / "runs" / "one"
    leave(audit(request), run, asked=asked(request, run, document))
    return folder


@pytest.fixture
def cited(papers: Path) -> Opening:
    """Screens on that run, in English, for an administrator."""
    return Opening(papers / "runs")


@pytest.fixture
def findings(papers: Path) -> pl.DataFrame:
    return pl.read_parquet(papers / "runs" / "one" / "findings.parquet")


def table(app: AppTest) -> list[dict[str, object]]:
    """The rows of the table of findings."""
    frame = next(each.value for each in app.dataframe if "fingerprint" in each.value.columns)
    return [dict(row) for row in frame.to_dict(orient="records")]


def people_of(row: dict[str, object]) -> str:
    return str(row["subjects"]).strip()


def people_in(finding: dict[str, Any], language: Language) -> str:
    """What the table says of the people of a finding."""
    if finding["whole_base"]:
        assert finding["subjects"] == 0
        return phrase("people-everybody", language)
    return f"{finding['subjects']:,}"


def fingerprints(app: AppTest) -> list[object]:
    return [row["fingerprint"] for row in table(app)]


def total(app: AppTest) -> int:
    """How many findings the filter leaves, as the screen says it."""
    (line,) = [each for each in words(app).splitlines() if each.startswith("From row ")][:1]
    return int(line.rpartition(" ")[2].replace(",", "").rstrip("."))


# ---- table, filter, pages


@pytest.mark.parametrize(
    ("language", "told"), [(Language.zh, "全体客户"), (Language.en, "all customers")]
)
def test_a_finding_of_the_whole_customer_base_is_not_one_person(
    cited: Opening, findings: pl.DataFrame, language: Language, told: str
) -> None:
    row = findings.filter(pl.col("examples").list.contains("F-1503")).row(0, named=True)
    app = replace(cited, language=language).screen("violations", finding=row["fingerprint"])
    counts = {"flows": "1", "people": told, "records": "1,204,500"}
    assert phrase("overview-counts", language, **counts) in words(app)
    assert told in {people_of(each) for each in table(app)}
    flows = next(each.value for each in app.dataframe if "flow_id" in each.value.columns)
    assert set(flows["subject"]) == {told}


@pytest.mark.parametrize("language", Language)
def test_the_table_has_the_findings_in_their_order_and_in_words(
    cited: Opening, findings: pl.DataFrame, language: Language
) -> None:
    app = replace(cited, language=language).screen("violations")
    first = findings.head(A_PAGE).to_dicts()
    assert fingerprints(app) == [each["fingerprint"] for each in first]
    for row, finding in zip(table(app), first, strict=True):
        assert row["cause"] == finding[f"cause_{language}"]
        assert phrase(f"severity-{finding['severity']}", language) in str(row["severity"])
        assert str(row["clause"]).endswith(finding["clause"]) or finding["clause"] == "no-ground"
        assert row["flows"] == finding["flows"]
        assert people_of(row) == people_in(finding, language)


@pytest.mark.parametrize(
    ("codes", "mask"),
    [
        ({"severity": "critical,high"}, pl.col("severity").is_in(["critical", "high"])),
        ({"verdict": "indeterminate"}, pl.col("verdict") == "indeterminate"),
        ({"verdict": "none"}, pl.col("verdict").is_null()),
        ({"clause": "3-2-7c"}, pl.col("clause") == "3-2-7c"),
        ({"layer": "none"}, pl.col("layer").is_null()),
        (
            {"party": "CDC-HZ"},
            (pl.col("sender") == "CDC-HZ") | (pl.col("recipient") == "CDC-HZ"),
        ),
        ({"category": "location.trace"}, pl.col("categories").list.contains("location.trace")),
        (
            {"severity": "high", "clause": "no-ground"},
            (pl.col("severity") == "high") & (pl.col("clause") == "no-ground"),
        ),
    ],
)
def test_the_address_filters(
    cited: Opening, findings: pl.DataFrame, codes: dict[str, str], mask: pl.Expr
) -> None:
    wanted = findings.filter(mask)
    assert 0 < wanted.height < findings.height
    app = cited.screen("violations", **codes)
    assert total(app) == wanted.height
    assert fingerprints(app) == wanted.head(A_PAGE)["fingerprint"].to_list()


def test_what_a_link_asks_for_in_vain_is_said_until_something_else_is_asked(
    cited: Opening, findings: pl.DataFrame
) -> None:
    codes = {"verdict": "guilty,violation", "since": "yesterday", "clause": "9-9-9,3-2-7c"}
    app = cited.screen("violations", party="NOBODY", role="none", purpose="marketing", **codes)
    for name in ("verdict=guilty", "since=yesterday"):
        assert f"The link says {name}, which means nothing here" in words(app)
    for value in ("9-9-9", "NOBODY"):
        assert f"The link asks for “{value}”, which is not in this run." in words(app)
    assert words(app).count("The link asks for") == 2
    assert "verdict=guilty" in words(app.run()), "the next drawing too"
    clear = next(each for each in app.button if each.label == "Clear the filter")
    assert "The link" not in words(clear.click().run())
    assert total(app) == findings.height


def test_a_choice_filters_and_is_written_into_the_address(
    cited: Opening, findings: pl.DataFrame
) -> None:
    app = cited.screen("violations")
    app.multiselect(key="filter-severities").set_value(["medium"]).run()
    assert total(app) == findings.filter(pl.col("severity") == "medium").height
    assert "medium" in app.query_params["severity"]
    app.multiselect(key="filter-verdicts").set_value(["indeterminate"]).run()
    both = (pl.col("severity") == "medium") & (pl.col("verdict") == "indeterminate")
    assert total(app) == findings.filter(both).height
    clear = next(each for each in app.button if each.label == "Clear the filter")
    clear.click().run()
    assert total(app) == findings.height
    assert "severity" not in app.query_params


def test_the_filter_stays_while_another_screen_is_open(cited: Opening) -> None:
    app = cited.screen("violations")
    app.multiselect(key="filter-severities").set_value(["medium"]).run()
    left = total(app)
    app.switch_page("screens/overview.py").run()
    for code in ("severity", "finding"):
        if code in app.query_params:
            del app.query_params[code]
    app.switch_page("screens/violations.py").run()
    assert total(app) == left
    assert "medium" in app.query_params["severity"]


def test_search_looks_into_causes_and_parties(cited: Opening, findings: pl.DataFrame) -> None:
    app = cited.screen("violations")
    app.text_input(key="filter-text").set_value("adnet").run()
    assert 0 < total(app) < findings.height
    assert all("adnet" in str(row).lower() for row in table(app))


def test_what_finds_nothing_says_so(cited: Opening) -> None:
    shown = words(cited.screen("violations", severity="low", clause="3-2-9.1"))
    assert "No finding answers this filter" in shown


def test_the_order_is_chosen(cited: Opening, findings: pl.DataFrame) -> None:
    app = cited.screen("violations")
    app.selectbox(key="violations-order").set_value("flows").run()
    counts = [int(str(row["flows"])) for row in table(app)]
    assert counts == sorted(findings["flows"].to_list(), reverse=True)[:A_PAGE]


# ---- one finding


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("place", [0, 20, 100])
def test_a_link_opens_the_page_of_its_finding_with_cause_and_remedy(
    cited: Opening, findings: pl.DataFrame, language: Language, place: int
) -> None:
    finding = findings.row(place, named=True)
    app = replace(cited, language=language).screen("violations", finding=finding["fingerprint"])
    assert finding["fingerprint"] in fingerprints(app)
    shown = words(app)
    assert f" {finding['fingerprint'][:12]}" in shown
    assert finding[f"remedy_{language}"] in shown


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("verdict", ["violation", "indeterminate"])
def test_the_explanation_says_what_the_command_line_says(
    cited: Opening, findings: pl.DataFrame, verdict: str, language: Language
) -> None:
    alike = findings.filter(pl.col("verdict") == verdict)
    finding = alike.sort("subjects", descending=True, maintain_order=True).row(0, named=True)
    app = replace(cited, language=language).screen("violations", finding=finding["fingerprint"])
    shown = words(app)
    told = explained(recall(cited.runs / "one"), finding["examples"][0])
    for category in told.layers[0].categories:
        for reason in reasons(category, language):
            assert reason in shown
        question = open_question(category, language)
        assert question is None or question in shown
        assert verdict != "indeterminate" or question
    assert told.flow["subject_id"] != "*"
    assert str(told.flow["subject_id"]) not in shown
    assert finding["examples"][0] in shown


def test_the_flows_of_the_same_cause_are_those_that_it_counts(
    cited: Opening, findings: pl.DataFrame
) -> None:
    finding = findings.filter(pl.col("flows") > 3).row(0, named=True)
    app = cited.screen("violations", finding=finding["fingerprint"])
    flows = next(each.value for each in app.dataframe if "flow_id" in each.value.columns)
    assert len(flows) == finding["flows"]
    assert set(finding["examples"]) <= set(flows["flow_id"])
    assert flows["subject"].nunique() == finding["subjects"]


@pytest.mark.parametrize("language", Language)
def test_the_clause_has_its_gist_and_its_own_paragraph(
    cited: Opening, findings: pl.DataFrame, language: Language
) -> None:
    finding = findings.filter(pl.col("nearest") == "3-2-9.1").row(0, named=True)
    shown = words(
        replace(cited, language=language).screen("violations", finding=finding["fingerprint"])
    )
    (paragraph,) = [
        line
        for line in AGREEMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("(1)甲方欠费")
    ]
    assert paragraph in shown
    assert phrase("violations-own-text", language, cite="第三条(二)9(1)", line=38) in shown


def test_without_a_text_the_gist_stands_alone(opening: Opening, findings: pl.DataFrame) -> None:
    finding = findings.filter(pl.col("nearest") == "3-2-9.1").row(0, named=True)
    shown = words(opening.screen("violations", finding=finding["fingerprint"]))
    assert "(1)甲方欠费" not in shown
    assert "given no text of the agreement" in shown


@pytest.fixture
def movable(papers: Path, tmp_path: Path) -> Path:
    """A copy of everything that may be spoilt."""
    shutil.copytree(papers, tmp_path / "papers")
    return tmp_path / "papers"


def test_a_text_that_changed_is_not_shown_as_what_stood_then(
    movable: Path, findings: pl.DataFrame
) -> None:
    text = movable / "agreement.txt"
    text.write_text(text.read_text(encoding="utf-8") + "\n第九条 新的\n", encoding="utf-8")
    finding = findings.filter(pl.col("nearest") == "3-2-9.1").row(0, named=True)
    shown = words(Opening(movable / "runs").screen("violations", finding=finding["fingerprint"]))
    assert "agreement.txt, has changed since the run" in shown
    assert "(1)甲方欠费" not in shown


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("screen", ["violations", "clauses"])
def test_a_clause_whose_words_changed_since_its_review_bears_the_banner(
    movable: Path, findings: pl.DataFrame, language: Language, screen: str
) -> None:
    text, run = movable / "agreement.txt", movable / "runs" / "again"
    words_now = text.read_text(encoding="utf-8").replace("(1)甲方欠费", "(1)甲方不欠费")
    text.write_text(words_now, encoding="utf-8")
    request = Request(movable / "export")
    shutil.rmtree(movable / "runs" / "one")
    leave(audit(request), run, asked=asked(request, run, read_document(text, text.name)))
    opening = Opening(movable / "runs", language=language)
    finding = findings.filter(pl.col("nearest") == "3-2-9.1").row(0, named=True)
    address = {"finding": finding["fingerprint"]} if screen == "violations" else {}
    shown = words(opening.screen(screen, **address))
    assert phrase("clause-not-reviewed", language) in shown
    assert "(1)甲方不欠费" in shown


@pytest.mark.parametrize("language", Language)
def test_an_export_that_is_gone_leaves_the_cause_and_says_why_no_more(
    movable: Path, findings: pl.DataFrame, language: Language
) -> None:
    shutil.rmtree(movable / "export")
    finding = findings.row(0, named=True)
    opening = Opening(movable / "runs", language=language)
    shown = words(opening.screen("violations", finding=finding["fingerprint"]))
    assert finding[f"remedy_{language}"] in shown
    assert phrase("recall-no-export", language, export=str(movable / "export")) in shown


def test_a_finding_that_the_run_does_not_have_is_said(cited: Opening) -> None:
    shown = words(cited.screen("violations", finding="0" * 64))
    assert phrase("no-such-finding", Language.en, finding="0" * 64) in shown


def test_a_run_that_is_broken_says_so_first(movable: Path) -> None:
    with (movable / "runs" / "one" / "edges.parquet").open("ab") as file:
        file.write(b"x")
    shown = words(Opening(movable / "runs").screen("violations"))
    assert phrase("verify-changed", Language.en, file="edges.parquet") in shown


def test_a_run_without_findings_says_so(tmp_path: Path) -> None:
    keep(Path(str(consent_schemas.path("starter"))), tmp_path / "clean")
    assert "This run has no findings" in words(Opening(tmp_path).screen("violations"))


# ---- who may see what


@pytest.mark.parametrize("language", Language)
def test_a_viewer_sees_aggregates_and_no_single_flow(
    cited: Opening, findings: pl.DataFrame, language: Language
) -> None:
    finding = findings.row(0, named=True)
    viewer = replace(cited, role=Role.viewer, language=language)
    app = viewer.screen("violations", finding=finding["fingerprint"])
    shown = words(app)
    assert phrase("violations-viewer", language) in shown
    assert phrase("violations-why", language) not in shown
    for flow in findings["examples"].explode().unique():
        assert str(flow) not in shown
    few = [row for row in table(app) if row["suppressed"]]
    assert few
    assert all(
        pl.Series([row["flows"]]).is_null().all() or row["flows"] != row["flows"] for row in few
    )


def test_an_officer_sees_the_single_flows(cited: Opening, findings: pl.DataFrame) -> None:
    finding = findings.row(0, named=True)
    officer = replace(cited, role=Role.officer)
    shown = words(officer.screen("violations", finding=finding["fingerprint"]))
    assert finding["examples"][0] in shown


@pytest.mark.parametrize("language", Language)
def test_too_many_findings_for_a_workbook_are_told_before_anybody_waits(
    cited: Opening, findings: pl.DataFrame, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    def excel(app: AppTest) -> bool:
        (button,) = [each for each in app.get("download_button") if each.proto.label == "Excel"]
        return not button.proto.disabled

    opening = replace(cited, language=language)
    assert excel(opening.screen("violations"))
    monkeypatch.setattr(exporting, "MOST_IN_A_WORKBOOK", findings.height - 1)
    app = opening.screen("violations")
    assert not excel(app)
    assert sentence(exporting.too_many(findings.height), language) in words(app)
