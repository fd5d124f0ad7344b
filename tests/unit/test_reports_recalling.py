"""A run is recalled as it was asked, and only while its inputs and packs are what they were."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import consent_schemas
from audit.clauses.citations import read_document
from audit.problems import InputRefused, UsageRefused
from audit.reports.recalling import asked, recall, recall_agreement, recall_id
from audit.reports.run_folder import leave
from audit.running import Request, audit, explained
from audit.wording import Language
from tests.databases import example_tables, source_file


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "export"
    folder.mkdir(parents=True)
    for each in consent_schemas.path("starter").iterdir():
        (folder / each.name).write_bytes(each.read_bytes())
    return folder


def left(request: Request, folder: Path) -> Path:
    """The folder of the run that this request asks for."""
    leave(audit(request), folder, asked=asked(request, folder))
    return folder


def test_what_is_kept_is_relative_to_the_run(export: Path, tmp_path: Path) -> None:
    kept = asked(Request(export), tmp_path / "runs" / "one")
    assert kept == {"export": "../../data/export", "packs": ["telecom_agreement"]}


def test_the_same_request_comes_back(export: Path, tmp_path: Path) -> None:
    request = Request(export, timezone="+09:00", language=Language.en)
    run = left(request, tmp_path / "run")
    again = recall(run)
    assert again.export.samefile(export)
    assert (again.packs, again.timezone, again.language) == (
        *(("telecom_agreement",), "+09:00", Language.en),
    )
    assert audit(again).run_id == recall_id(run)


def test_what_is_judged_then_is_what_was_looked_at_and_no_later_state(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "carrier.db")) as database:
        for name, rows in example_tables(lists=False).items():
            columns, cells = ", ".join(rows.columns), ", ".join("?" * rows.width)
            database.execute(f"CREATE TABLE {name} ({columns})")
            database.executemany(f"INSERT INTO {name} VALUES ({cells})", rows.rows())  # noqa: S608
        database.commit()
        tables = {name: {"table": name} for name in example_tables(lists=False)}
        source = source_file(tmp_path, tables, "sqlite:///carrier.db")
        run = left(Request(source), tmp_path / "run")
        told = explained(Request(source), "F-0101")
        recalled = recall(run)
        database.execute("DELETE FROM consents")
        database.commit()
        assert explained(recalled, "F-0101") == told
    with pytest.raises(InputRefused):
        recall(run)


def test_a_run_is_recalled_through_a_link_too(export: Path, tmp_path: Path) -> None:
    left(Request(export), tmp_path / "deep" / "down" / "run")
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "down" / "run")
    assert recall(tmp_path / "link").export.samefile(export)


def test_a_pack_of_ones_own_is_found_again_and_must_be_the_same(
    export: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "own.toml"
    text = consent_schemas.path("packs", "telecom_agreement.toml").read_text(encoding="utf-8")
    pack.write_text(text, encoding="utf-8")
    run = left(Request(export, packs=(str(pack),)), tmp_path / "run")
    assert Path(*recall(run).packs).samefile(pack)
    pack.write_text(f"{text}\n# one more line\n", encoding="utf-8")
    with pytest.raises(InputRefused):
        recall(run)


def test_a_register_declared_complete_later_is_another_question(
    export: Path, tmp_path: Path
) -> None:
    source = export / "export.toml"
    run = left(Request(source), tmp_path / "run")
    assert recall(run).export.samefile(source)
    text = source.read_text(encoding="utf-8")
    source.write_text(
        text.replace("incomplete = []", 'incomplete = ["consents"]'), encoding="utf-8"
    )
    with pytest.raises(InputRefused):
        recall(run)


def test_an_export_elsewhere_will_do_if_it_is_the_same(export: Path, tmp_path: Path) -> None:
    run = left(Request(export), tmp_path / "run")
    shutil.move(export, tmp_path / "elsewhere")
    with pytest.raises(UsageRefused):
        recall(run)
    assert recall(run, tmp_path / "elsewhere").export == tmp_path / "elsewhere"
    (tmp_path / "elsewhere" / "flows.csv").write_text("flow_id\n", encoding="utf-8")
    with pytest.raises(InputRefused):
        recall(run, tmp_path / "elsewhere")


@pytest.mark.parametrize("word", ["request", "options", "inputs", "packs"])
def test_a_manifest_that_lacks_a_word_is_no_manifest(
    export: Path, tmp_path: Path, word: str
) -> None:
    run = left(Request(export), tmp_path / "run")
    said = json.loads((run / "manifest.json").read_bytes())
    del said[word]
    (run / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(UsageRefused):
        recall(run)


def with_agreement(export: Path, run: Path, text: Path) -> Path:
    request = Request(export)
    leave(audit(request), run, asked=asked(request, run, read_document(text, text.name)))
    return run


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "papers" / "agreement.txt"
    file.parent.mkdir()
    file.write_text("第一条 总则\n(一)一句不该留在结果里的话。\n", encoding="utf-8")
    return file


def test_of_an_agreement_only_its_place_and_digest_are_kept(
    export: Path, tmp_path: Path, text: Path
) -> None:
    run = with_agreement(export, tmp_path / "runs" / "one", text)
    kept = json.loads((run / "manifest.json").read_bytes())["request"]["agreement"]
    assert kept == {
        "path": "../../papers/agreement.txt",
        "digest": hashlib.sha256(text.read_bytes()).hexdigest(),
    }
    for file in run.iterdir():
        assert "不该留在结果里" not in file.read_bytes().decode(errors="replace")
    told = recall_agreement(run)
    assert told is not None
    assert told.file.samefile(text)


def test_the_agreement_is_no_part_of_what_the_run_is(
    export: Path, tmp_path: Path, text: Path
) -> None:
    run = with_agreement(export, tmp_path / "with", text)
    assert recall_id(run) == recall_id(left(Request(export), tmp_path / "without"))
    assert recall_agreement(tmp_path / "without") is None


def test_an_agreement_that_changed_or_is_gone_is_said(
    export: Path, tmp_path: Path, text: Path
) -> None:
    run = with_agreement(export, tmp_path / "run", text)
    text.write_text("第一条 总则\n(一)改过的话。\n", encoding="utf-8")
    with pytest.raises(InputRefused):
        recall_agreement(run)
    text.unlink()
    with pytest.raises(UsageRefused):
        recall_agreement(run)
