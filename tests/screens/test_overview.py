"""The overview tells the very counts of the run, and what spoils them stands beside them."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import consent_schemas
from audit import Language, Role, phrase
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, unescaped, words

VERDICTS = ("violation", "indeterminate", "excepted", "permitted")


def manifest(opening: Opening) -> dict[str, object]:
    (file,) = opening.runs.glob("*/manifest.json")
    told: dict[str, object] = json.loads(file.read_bytes())
    return told


def starter(folder: Path, change: Callable[[list[str]], list[str]] = list) -> Path:
    """The starter's export, whose one flow is permitted; `change` is done to the lines of flows."""
    folder.mkdir(parents=True)
    for each in consent_schemas.path("starter").iterdir():
        (folder / each.name).write_bytes(each.read_bytes())
    flows = folder / "flows.csv"
    lines = change(flows.read_text(encoding="utf-8").splitlines())
    flows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", Language)
def test_the_counts_are_those_of_the_verdicts(opening: Opening, language: Language) -> None:
    app = replace(opening, language=language).screen("overview")
    verdicts = pl.read_parquet(next(opening.runs.glob("*/verdicts.parquet")))
    counted = Counter(verdicts["contract_verdict"].to_list())
    assert [metric.value for metric in app.metric] == [f"{counted[each]:,}" for each in VERDICTS]
    labels = [unescaped(metric.label).partition(" ")[2] for metric in app.metric]
    assert labels == [phrase(f"verdict-{each}", language) for each in VERDICTS]
    shares = [float(metric.delta.rstrip("%")) for metric in app.metric]
    assert sum(shares) == pytest.approx(100, abs=0.3)


@pytest.mark.parametrize("language", Language)
def test_no_notice_of_the_run_is_left_out(opening: Opening, language: Language) -> None:
    shown = words(replace(opening, language=language).screen("overview"))
    told = manifest(opening)
    warnings = told["warnings"]
    assert isinstance(warnings, list)
    assert warnings
    for warning in warnings:
        assert warning[language] in shown
    rows = told["rows"]
    assert isinstance(rows, dict)
    assert f"{rows['flows']['rejected']} " in shown
    assert all(rows[table]["rejected"] for table in ("flows", "parties", "evidence"))


@pytest.mark.parametrize("language", Language)
def test_the_gravest_causes_are_the_first_findings_with_their_remedy(
    opening: Opening, language: Language
) -> None:
    shown = words(replace(opening, language=language).screen("overview"))
    findings = pl.read_parquet(next(opening.runs.glob("*/findings.parquet")))
    for finding in findings.head(5).to_dicts():
        assert finding[f"cause_{language}"] in shown
        assert finding[f"remedy_{language}"] in shown
    assert findings["cause_en"][40] not in shown
    assert str(findings.height) in shown


def test_the_roles_of_recipients_add_up_to_all_flows(opening: Opening) -> None:
    app = opening.screen("overview")
    table = next(each.value for each in app.dataframe if "violation" in each.value.columns)
    verdicts = pl.read_parquet(next(opening.runs.glob("*/verdicts.parquet")))
    counted = Counter(verdicts["contract_verdict"].to_list())
    assert {each: int(table[each].sum()) for each in VERDICTS} == {
        each: counted[each] for each in VERDICTS
    }
    assert "not registered" in set(table["name"])


def test_one_run_has_no_trend_and_two_have_one(opening: Opening, tmp_path: Path) -> None:
    assert "the only run so far" in words(opening.screen("overview"))
    shutil.copytree(opening.runs / "small_carrier", tmp_path / "old")
    keep(starter(tmp_path / ".export"), tmp_path / "new")
    app = Opening(tmp_path).screen("overview")
    assert "the only run so far" not in words(app)
    trend = [each.value for each in app.dataframe if "violation" in each.value.columns][-1]
    assert trend["violation"].to_list() == [97, 0]
    assert trend["permitted"].to_list() == [70, 1]


def test_a_viewer_sees_no_small_count_and_no_way_to_single_findings(opening: Opening) -> None:
    app = replace(opening, role=Role.viewer).screen("overview")
    shown = words(app)
    assert "too few people to tell" in shown
    assert "why, and which flows" not in shown
    assert "Download the rejected rows" not in shown
    assert "why, and which flows" in words(opening.screen("overview"))


def test_a_run_without_findings_says_so(tmp_path: Path) -> None:
    keep(starter(tmp_path / ".export"), tmp_path / "clean")
    shown = words(Opening(tmp_path).screen("overview"))
    assert "No findings: every flow judged is permitted" in shown
    assert "Every row was judged" in shown


def test_a_run_that_judged_nothing_is_no_clean_run(tmp_path: Path) -> None:
    export = starter(
        tmp_path / ".export", lambda lines: [line.replace("T", " at ") for line in lines]
    )
    keep(export, tmp_path / "nothing")
    shown = words(Opening(tmp_path).screen("overview"))
    assert "Not one flow could be judged" in shown


def test_a_run_that_was_touched_is_not_shown_as_sound(tmp_path: Path) -> None:
    folder = keep(starter(tmp_path / ".export"), tmp_path / "touched")
    with (folder / "rejected.csv").open("a", encoding="utf-8") as file:
        file.write("one,more,line\n")
    shown = words(Opening(tmp_path).screen("overview"))
    assert "cannot be relied on" in shown
    assert "rejected.csv" in shown


def test_text_of_the_data_is_no_markdown(tmp_path: Path) -> None:
    image = "![x](http://evil.example/x.png)"

    def spoilt(lines: list[str]) -> list[str]:
        names = lines[0].split(",")
        cells = lines[1].split(",")
        cells[names.index("purpose")] = image
        return [lines[0], ",".join(cells)]

    keep(starter(tmp_path / ".export", spoilt), tmp_path / "hostile")
    app = Opening(tmp_path).screen("overview")
    read_as_markdown = [each.value for each in (*app.markdown, *app.error, *app.warning, *app.info)]
    assert any("evil" in unescaped(each) for each in read_as_markdown)
    assert not [each for each in read_as_markdown if "![" in each.replace(r"\!\[", "")]


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example judged under the agreement and the statute."""
    folder = tmp_path_factory.mktemp("layered")
    keep(EXAMPLE, folder / "both", "telecom_agreement", "cn_statute")
    return folder


@pytest.mark.parametrize("language", Language)
def test_the_layers_that_disagree_come_first_with_clauses_and_examples(
    layered: Path, language: Language
) -> None:
    verdicts = pl.read_parquet(layered / "both" / "verdicts.parquet").filter("conflict")
    app = Opening(layered, language=language).screen("overview")
    told = [each.value for each in app.dataframe if "forbidden_by" in each.value.columns]
    verdict = words(app).index(phrase("verdict-permitted", language))
    for layer, frame in zip(("statute", "contract"), told, strict=True):
        violating = verdicts.filter(pl.col(f"{layer}_verdict") == "violation")
        assert frame["flows"].sum() == violating.height > 0
        shown = phrase(f"run-conflict-{layer}", language, flows=violating.height)
        assert words(app).index(unescaped(shown)) < verdict


def test_a_viewer_is_told_no_flow_on_which_the_layers_disagree(layered: Path) -> None:
    app = Opening(layered, Role.viewer).screen("overview")
    assert not [each for each in app.dataframe if "forbidden_by" in each.value.columns]
    assert "F-0" not in words(app)
