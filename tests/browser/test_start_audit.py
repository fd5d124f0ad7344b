"""An audit from an upload in a real browser: validated, watched, landed on; a bad one explained."""

import os
import re
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import expect

from audit import Workspace
from audit.casework.jobfiles import JobFiles, Step
from tests.browser.conftest import Look, Start
from tests.browser.looking import Looking
from tests.commanding import command
from tests.example_run import EXAMPLE

TABLES = ("flows", "parties", "consents", "evidence")
RUN_ID = re.compile(r"run=[0-9a-f]{12}")


@pytest.fixture
def tab(look: Look, start: Start, tmp_path: Path) -> Looking:
    """A tab on a workspace of its own, in which no run was left yet."""
    return look(start(tmp_path / "runs", "--lang", "en").url)


def upload(tab: Looking, files: Sequence[Path]) -> None:
    """The files chosen and sent for validation."""
    tab.open("start")
    chooser = tab.page.locator(".st-key-start-files")
    chooser.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)
    for file in files:
        expect(tab.page.get_by_text(file.name, exact=True).first).to_be_visible()
    tab.page.get_by_role("button", name="Validate first").click()


def big(folder: Path, flows: int) -> list[Path]:
    """The example with so many flows more that its progress can be seen."""
    folder.mkdir()
    table = pl.read_csv(EXAMPLE / "flows.csv", infer_schema=False).head(1)
    more = pl.select(
        pl.format("X-{}", pl.int_range(flows)).alias("flow_id"),
        *(pl.lit(table[name][0], pl.String).alias(name) for name in table.columns[1:]),
    )
    more.write_csv(folder / "flows.csv")
    return [folder / "flows.csv", *(EXAMPLE / f"{name}.csv" for name in TABLES[1:])]


def test_an_upload_is_validated_audited_and_landed_on(tab: Looking, tmp_path: Path) -> None:
    upload(tab, [EXAMPLE / f"{name}.csv" for name in TABLES])
    ready = tab.page.get_by_role("button", name="Start the audit")
    expect(ready).to_be_enabled()
    expect(tab.page.get_by_text("rows that would be rejected and not judged: 11")).to_be_visible()
    tab.keep("start-validated")
    assert not tab.barriers()
    ready.click()
    tab.drawn("overview")
    assert RUN_ID.search(tab.address())
    tab.keep("start-landed")
    (run,) = Workspace(tmp_path / "runs").runs().runs
    assert run.manifest["rows"]["flows"]["judged"] == 242


def test_what_is_too_large_is_never_left_out_in_silence(tab: Looking, tmp_path: Path) -> None:
    """Streamlit drops such a file; the others alone would make an audit that lacks its rows."""
    more = tmp_path / "flows_more.csv"
    with more.open("wb") as file:
        file.truncate(501 << 20)
    tab.open("start")
    form = tab.page.get_by_test_id("stForm")
    send = tab.page.get_by_role("button", name="Validate first")
    warning = form.get_by_text("The file marked red did not arrive")
    expect(form.get_by_text("At most 500 MB a file")).to_be_visible()
    chooser = form.locator(".st-key-start-files").get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files([more, *(EXAMPLE / f"{name}.csv" for name in TABLES)])
    expect(warning).to_be_visible()
    expect(send).to_be_hidden()
    tab.keep("start-too-large")
    form.get_by_role("button", name="Remove flows_more.csv").click()
    expect(warning).to_be_hidden()
    send.click()
    expect(tab.page.get_by_role("button", name="Start the audit")).to_be_enabled()


def test_validation_shows_the_sentences_of_the_command_line(tab: Looking) -> None:
    upload(tab, [EXAMPLE / f"{name}.csv" for name in TABLES])
    shown = tab.page.get_by_test_id("stMain")
    said = command("check", EXAMPLE, "--lang", "en").out
    sentences = [line.strip() for line in said.splitlines() if ", row " in line]
    assert len(sentences) == 11
    for sentence in sentences:
        expect(shown).to_contain_text(sentence)


def test_a_bad_upload_is_refused_in_the_words_of_the_command_line(
    tab: Looking, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "flows.csv").write_text("编号,时间\n1,2\n", "utf-8")
    upload(tab, [bad / "flows.csv"])
    expect(tab.page.get_by_role("button", name="Validate again")).to_be_visible()
    shown = tab.page.get_by_test_id("stMain")
    done = command("check", bad, "--lang", "en")
    assert done.code == 3
    refused = [line.strip() for line in done.err.splitlines() if not line.endswith("...")]
    assert refused
    for line in refused:
        expect(shown).to_contain_text(line)
    assert tab.page.get_by_role("button", name="Start the audit").count() == 0
    tab.keep("start-refused")


def test_a_file_of_no_known_kind_is_refused_before_anything_is_kept(
    tab: Looking, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.docx"
    letter.write_bytes(b"PK")
    upload(tab, [letter])
    expect(tab.page.get_by_text("is no kind of file that is read")).to_be_visible()
    jobs = tmp_path / "runs" / ".jobs"
    assert not jobs.exists() or not [each for each in jobs.iterdir() if each.name[0] != "."]


def stop_once_it_tells(jobs: Path) -> None:
    """Stop the worker when it first says how many rows it has read: else it is done before us."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for lock in jobs.glob("[!.]*/lock"):
            files = JobFiles(lock.parent)
            worker, told = files.worker(), files.progress(Step.CHECK)
            if worker and told and told.rows:
                os.kill(worker, signal.SIGSTOP)
                return
        time.sleep(0.002)
    pytest.fail("the worker told of no row")


def test_progress_is_shown_and_the_audit_can_be_cancelled(tab: Looking, tmp_path: Path) -> None:
    upload(tab, big(tmp_path / "big", 400_000))
    stop_once_it_tells(tmp_path / "runs" / ".jobs")
    cancel = tab.page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    expect(tab.page.get_by_text(re.compile(r"rows read, [\d,]+ a second")).first).to_be_visible()
    tab.keep("start-progress")
    cancel.click()
    expect(tab.page.get_by_role("heading", name="cancelled, no result was left")).to_be_visible()
    assert not Workspace(tmp_path / "runs").runs().runs


def test_a_folder_is_chosen_without_a_mouse(look: Look, start: Start, tmp_path: Path) -> None:
    tab = look(start(tmp_path / "runs", "--lang", "zh").url).open("start")
    shutil.copytree(EXAMPLE, tmp_path / "export")
    tab.page.get_by_role("radio", name="服务器上的文件夹").press("Space")
    tab.page.get_by_label("文件夹或数据源说明文件").fill(str(tmp_path / "export"))
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("button", name="开始审计")).to_be_enabled()
