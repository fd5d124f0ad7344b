"""An export found: by the names in a folder, or as a source file says."""

import os
from pathlib import Path

import pytest
import xlsxwriter

from audit.problems import InputRefused, Refusal, UsageRefused
from audit.sources.export import Export
from audit.sources.opening import open_export

SOUND = {"flows.csv": "a", "parties.csv": "a", "consents.csv": "a", "evidence.csv": "a"}


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a\n", encoding="utf-8")
    return folder


def names(export: Export) -> dict[str, list[str]]:
    return {table: [file.name for file in files] for table, files in export.tables.items() if files}


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_files_are_found_by_their_names_in_either_language(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "Flows-2.csv.gz",
        "flows.jsonl",
        "流转（补）.json",
        "参与方.csv",
        "主体-2.csv",
        "consents_2025.csv",
    )
    lay(tmp_path, "evidence/b/2.csv", "evidence/a.csv", "evidence/_SUCCESS", "evidence/.a.csv.crc")
    assert names(open_export(tmp_path)) == {
        "flows": ["Flows-2.csv.gz", "flows.jsonl", "流转（补）.json"],
        "parties": ["主体-2.csv", "参与方.csv"],
        "consents": ["consents_2025.csv"],
        "evidence": ["evidence/a.csv", "evidence/b/2.csv"],
    }


def test_what_belongs_to_no_table_is_left_with_a_notice(tmp_path: Path) -> None:
    lay(tmp_path, *SOUND, "flowsheet.csv", "同意书.csv", "README.md", "~$flows.xlsx", "docs/a.md")
    lay(tmp_path, ".consents.csv", "_flows.csv", "._notes.csv", "more/consents.csv")
    export = open_export(tmp_path)
    assert names(export) == {table: [f"{table}.csv"] for table in export.tables}
    (notice,) = export.notices
    told = ".consents.csv, _flows.csv, flowsheet.csv, more, 同意书.csv"
    assert notice.facts["files"] == told


def test_registers_may_be_missing_with_a_notice_but_not_the_flows(tmp_path: Path) -> None:
    notices = open_export(lay(tmp_path, "flows.csv")).notices
    assert [notice.facts["table"] for notice in notices] == ["parties", "consents", "evidence"]
    with pytest.raises(InputRefused) as refusal:
        open_export(lay(tmp_path / "empty", "parties.csv"))
    assert codes(refusal) == ["flows-missing"]


@pytest.mark.parametrize("name", ["flows.xls", "flows.txt", "flows.csv.zip", "flows/part.avro"])
def test_a_file_of_a_table_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_export(lay(tmp_path, "flows.csv", name))
    assert codes(refusal) == ["file-kind"]


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "flows.csv")
    with pytest.raises(InputRefused) as refusal:
        open_export(tmp_path)
    assert codes(refusal) == ["file-special"]


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flows.csv").symlink_to("nowhere.csv")
    with pytest.raises(InputRefused) as refusal:
        open_export(tmp_path)
    assert codes(refusal) == ["file-unreachable"]


@pytest.mark.parametrize(("name", "code"), [("none", "export-missing"), ("a.csv", "export-kind")])
def test_a_path_that_is_no_export_is_refused(tmp_path: Path, name: str, code: str) -> None:
    lay(tmp_path, "a.csv")
    with pytest.raises(InputRefused) as refusal:
        open_export(tmp_path / name)
    assert codes(refusal) == [code]


def book(path: Path, *sheets: str) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        for sheet in sheets:
            workbook.add_worksheet(sheet)
    return path


def test_sheets_are_found_by_their_names(tmp_path: Path) -> None:
    path = book(tmp_path / "all.xlsx", "流转", "parties 2025", "Consents", "notes")
    lay(tmp_path, "evidence.csv")
    expected = {
        "flows": ["all.xlsx[流转]"],
        "parties": ["all.xlsx[parties 2025]"],
        "consents": ["all.xlsx[Consents]"],
    }
    assert names(open_export(path)) == expected
    assert names(open_export(tmp_path)) == {**expected, "evidence": ["evidence.csv"]}


def test_a_workbook_of_one_table_needs_one_sheet_or_one_of_its_name(tmp_path: Path) -> None:
    book(tmp_path / "flows.xlsx", "Sheet1")
    book(tmp_path / "parties.xlsx", "Sheet1", "parties")
    assert names(open_export(tmp_path)) == {
        "flows": ["flows.xlsx[Sheet1]"],
        "parties": ["parties.xlsx[parties]"],
    }
    book(tmp_path / "consents.xlsx", "Sheet1", "Sheet2")
    with pytest.raises(InputRefused) as refusal:
        open_export(tmp_path)
    assert codes(refusal) == ["sheet-unclear"]


def describe(folder: Path, text: str) -> Path:
    file = lay(folder, "in/a-1.csv", "in/a-2.csv", "late/b.jsonl") / "export.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_source_file_says_where_everything_lies(tmp_path: Path) -> None:
    file = describe(
        tmp_path,
        """
        timezone = "Asia/Shanghai"
        complete = ["evidence.arrears"]
        incomplete = ["consents"]
        [tables.flows]
        paths = ["in/*.csv", "in/a-1.csv", "late"]
        [tables.parties]
        paths = ["late/b.jsonl"]
        [columns.flows]
        "客户号" = "subject_id"
        """,
    )
    export = open_export(file)
    assert names(export) == {
        "flows": ["in/a-1.csv", "in/a-2.csv", "late/b.jsonl"],
        "parties": ["late/b.jsonl"],
    }
    assert export.timezone == "Asia/Shanghai"
    assert export.complete == {"evidence.arrears"}
    assert export.columns == {"flows": {"客户号": "subject_id"}}
    assert open_export(file, "+09:00").timezone == "+09:00"


def test_consents_are_complete_by_default(tmp_path: Path) -> None:
    export = open_export(describe(tmp_path, '[tables.flows]\npaths = ["in"]'))
    assert export.complete == {"consents"}
    assert export.timezone == "+08:00"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("colour = 1", ["colour"]),
        ("timezone = 8", ["timezone"]),
        ('complete = "consents"', ["complete"]),
        ('complete = ["parties"]\nincomplete = ["evidence."]', ["complete", "incomplete"]),
        ("tables = 1\ncolumns = 1", ["tables", "columns"]),
        ('[tables.people]\npaths = ["a"]', ["tables.people"]),
        ("[tables.flows]", ["tables.flows.paths"]),
        ("[tables]\nflows = 1", ["tables.flows.paths"]),
        ('[tables.flows]\npaths = "a.csv"', ["tables.flows.paths"]),
        ('[tables.flows]\npaths = [""]', ["tables.flows.paths"]),
        ('[tables.flows]\npaths = ["a"]\nurl = "b"', ["tables.flows.url"]),
        ("[columns.people]", ["columns.people"]),
        ("[columns]\nflows = 1", ["columns.flows"]),
        ('[columns.flows]\na = ["b"]', ["columns.flows"]),
    ],
)
def test_every_mistake_in_a_source_file_is_told(
    tmp_path: Path, text: str, places: list[str]
) -> None:
    with pytest.raises(UsageRefused) as refusal:
        open_export(describe(tmp_path, text))
    assert [problem.facts["place"] for problem in refusal.value.problems] == places


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[tables", "source-file-unreadable"),
        ('timezone = "Mars"\n[tables.flows]\npaths = ["in"]', "zone-unknown"),
        ('[tables.flows]\npaths = ["gone/*.csv"]', "pattern-empty"),
        ('[tables.flows]\npaths = ["gone.csv"]', "file-unreachable"),
        ('[tables.parties]\npaths = ["in"]', "flows-missing"),
    ],
)
def test_a_source_file_that_leads_nowhere_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        open_export(describe(tmp_path, text))
    assert codes(refusal) == [code]
