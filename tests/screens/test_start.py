"""Starting an audit on the screen: what is chosen, what validation says, where it lands."""

import csv
import hashlib
import io
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role, Workspace
from tests.commanding import command
from tests.example_run import EXAMPLE, HOUSE
from tests.screens.opening import Opening, assert_drawn, words

TABLES = ("flows", "parties", "consents", "evidence")
PATIENCE = 90  # seconds that a worker may take on a machine on which many tests run at once


def until(app: AppTest, there: Callable[[AppTest], bool]) -> AppTest:
    """The screen drawn again, as its fragment does once a second, until something is there."""
    end = time.monotonic() + PATIENCE
    while not there(app):
        assert time.monotonic() < end, words(app)
        time.sleep(0.2)
        app.run()
    return app


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [each for each in app.button if each.label == label]
    return button.click().run()


def has(label: str) -> Callable[[AppTest], bool]:
    return lambda app: any(each.label == label for each in app.button)


def on_folder(opening: Opening, folder: Path) -> AppTest:
    """A folder chosen and validated."""
    app = opening.screen("start")
    app.button_group(key="start-kind").set_value("folder").run()
    (path,) = [each for each in app.text_input if each.label.startswith("Full path")]
    path.set_value(str(folder))
    return press(app, "Validate first")


def test_the_example_is_offered_validated_audited_and_landed_on(nothing_yet: Opening) -> None:
    app = press(nothing_yet.screen("start"), "Audit the example")
    app = until(app, has("Start the audit"))
    assert "rows that would be rejected and not judged: 11" in words(app)
    app = press(app, "Start the audit")
    app = until(app, lambda drawn: bool(drawn.metric))
    assert_drawn(app, "overview")
    (run,) = Workspace(nothing_yet.runs).runs().runs
    assert run.manifest["rows"]["flows"]["judged"] == 242
    assert str(app.query_params["run"]).strip("[']") == run.run_id[:12]


def test_validation_says_what_the_command_line_says(nothing_yet: Opening) -> None:
    shown = words(until(on_folder(nothing_yet, EXAMPLE), has("Start the audit")))
    said = command("check", EXAMPLE, "--lang", "en").out
    sentences = [line.strip() for line in said.splitlines() if ", row " in line]
    assert len(sentences) == 11
    for sentence in sentences:
        assert sentence in shown


def test_an_export_that_is_refused_says_what_the_command_line_says(
    nothing_yet: Opening, tmp_path: Path
) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "flows.csv").write_text("a,b\n1,2\n", "utf-8")
    app = until(on_folder(nothing_yet, torn), has("Validate again"))
    done = command("check", torn, "--lang", "en")
    assert done.code == 3
    said = done.err.splitlines()
    refused = [line for line in said if line.strip() and not line.endswith("...")]
    assert refused
    for line in refused:
        assert line.strip() in words(app)
    assert not has("Start the audit")(app)


def as_xlsx(table: pl.DataFrame) -> bytes:
    kept = io.BytesIO()
    table.write_excel(kept)
    return kept.getvalue()


def as_parquet(table: pl.DataFrame) -> bytes:
    kept = io.BytesIO()
    as_lists(table).write_parquet(kept)
    return kept.getvalue()


def as_lists(table: pl.DataFrame) -> pl.DataFrame:
    """The table with its lists as lists, where a kind of file has them."""
    return table.with_columns(pl.col("^purposes|data_categories$").str.split(";"))


WAYS: dict[str, Callable[[pl.DataFrame], bytes]] = {
    "xlsx": as_xlsx,
    "jsonl": lambda table: as_lists(table).write_ndjson().encode(),
    "parquet": as_parquet,
}


@pytest.mark.parametrize("kind", WAYS)
def test_an_upload_of_every_kind_is_validated_and_audited(nothing_yet: Opening, kind: str) -> None:
    app = nothing_yet.screen("start")
    tables = {name: pl.read_csv(EXAMPLE / f"{name}.csv", infer_schema=False) for name in TABLES}
    app.file_uploader(key="start-files").set_value(
        [(f"{name}.{kind}", WAYS[kind](table), "") for name, table in tables.items()]
    )
    app = until(press(app, "Validate first"), has("Start the audit"))
    assert "rows that would be rejected and not judged: 11" in words(app)
    app = until(press(app, "Start the audit"), lambda drawn: bool(drawn.metric))
    (run,) = Workspace(nothing_yet.runs).runs().runs
    read = {each["name"].partition("[")[0] for each in run.manifest["inputs"]}
    assert read == {f"{name}.{kind}" for name in TABLES}
    with (HOUSE / "tests/golden/small_carrier_expected.csv").open(encoding="utf-8") as file:
        told = [row for row in csv.DictReader(file) if row["verdict"] != "rejected"]
    expected = {row["flow_id"]: row["verdict"] for row in told}
    verdicts = pl.read_parquet(run.file("verdicts.parquet"))
    assert dict(verdicts.select("flow_id", "contract_verdict").iter_rows()) == expected


def test_a_text_of_the_agreement_is_kept_and_its_paragraphs_are_shown(
    nothing_yet: Opening,
) -> None:
    text = (HOUSE / "examples" / "agreement.txt").read_bytes()
    app = nothing_yet.screen("start")
    app.button_group(key="start-kind").set_value("folder").run()
    (path,) = [each for each in app.text_input if each.label.startswith("Full path")]
    path.set_value(str(EXAMPLE))
    app.file_uploader(key="start-agreement").set_value(("agreement.txt", text, "text/plain"))
    app = until(press(app, "Validate first"), has("Start the audit"))
    assert "Text of the agreement: agreement.txt" in words(app)
    app = until(press(app, "Start the audit"), lambda drawn: bool(drawn.metric))
    (run,) = Workspace(nothing_yet.runs).runs().runs
    assert run.manifest["request"]["agreement"]["digest"] == hashlib.sha256(text).hexdigest()
    shown = words(nothing_yet.screen("clauses", clause="3-2-9.1"))
    assert "受托催收的第三方" in shown


def test_a_folder_that_is_not_there_is_refused(nothing_yet: Opening, tmp_path: Path) -> None:
    app = until(on_folder(nothing_yet, tmp_path / "nowhere"), has("Validate again"))
    assert "nowhere" in "\n".join(each.value for each in app.error)


def test_without_a_folder_or_file_nothing_begins(nothing_yet: Opening) -> None:
    app = press(nothing_yet.screen("start"), "Validate first")
    assert "no file was chosen" in "\n".join(each.value for each in app.error)
    app.button_group(key="start-kind").set_value("folder").run()
    assert "Type the path of the folder" in words(press(app, "Validate first"))


def test_a_job_is_found_again_and_put_away(nothing_yet: Opening) -> None:
    app = until(on_folder(nothing_yet, EXAMPLE), has("Start the audit"))
    job = str(app.query_params["job"]).strip("[']")
    assert "checked, ready to be audited" in words(nothing_yet.screen("start"))
    app = press(nothing_yet.screen("start", job=job), "Choose something else")
    assert has("Validate first")(app)
    assert "checked, ready to be audited" not in words(app)


def test_a_job_that_there_is_not_is_told_so(nothing_yet: Opening) -> None:
    assert "there is no job" in words(nothing_yet.screen("start", job="nothing1"))


@pytest.mark.parametrize("role", [Role.viewer, Role.officer])
def test_only_an_administrator_starts_audits(nothing_yet: Opening, role: Role) -> None:
    app = replace(nothing_yet, role=role).screen("start")
    assert not has("Audit the example")(app)
    assert "needs the role of administrator" in words(app)


def test_everything_is_in_chinese_too(nothing_yet: Opening, tmp_path: Path) -> None:
    opening = replace(nothing_yet, language=Language.zh)
    shown = words(opening.screen("start"))
    assert "先校验" in shown
    assert "自带的示例" in shown
    export = Path(shutil.copytree(EXAMPLE, tmp_path / "export"))
    app = opening.screen("start")
    app.button_group(key="start-kind").set_value("folder").run()
    (path,) = [each for each in app.text_input if each.label.startswith("文件夹")]
    path.set_value(str(export))
    shown = words(until(press(app, "先校验"), has("开始审计")))
    assert "会被拒收、不参与判定的行：11" in shown
