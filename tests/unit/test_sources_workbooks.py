"""Excel workbooks: a good one, and one for each way in which it can be bad."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
import xlsxwriter

from audit.sources import confined, workbooks
from audit.sources.cells import moment, number
from audit.sources.ooxml import DAY_ZERO, DAY_ZERO_OF_1904, Style, style, unescaped
from tests.reading import Told, refusal, told

HEADINGS = ("party_id", "name", "role", "licence")
SHEET = "parties"
BAD = "\ufffd"
MORNING = dt.datetime(2025, 3, 1, 8, 30, 15)  # noqa: DTZ001 - Excel knows no zones


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def write(file: Path, *rows: tuple[Any, ...], **options: Any) -> None:  # noqa: ANN401
    """Rows below the headings; a cell may be a pair of a value and its number format."""
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(SHEET)
        for place, row in enumerate([HEADINGS, *rows]):
            for column, cell in enumerate(row):
                value, shown = cell if isinstance(cell, tuple) else (cell, "General")
                sheet.write(place, column, value, book.add_format({"num_format": shown}))


def read(file: Path) -> Told:
    return told(file, sheet=SHEET)


def licences(file: Path) -> list[Any]:
    return read(file).column("licence")


def licence(file: Path, cell: object) -> Any:  # noqa: ANN401
    write(file, ("a", "b", "c", cell))
    return licences(file)[0]


def test_rows_know_their_place_and_empty_ones_are_none(file: Path) -> None:
    write(file, ("007", "甲", "carrier", None), (), (" ",), ("a", "b"))
    assert read(file).rows == [
        {"position": 2, "party_id": "007", "name": "甲", "role": "carrier", "licence": None},
        {"position": 5, "party_id": "a", "name": "b", "role": None, "licence": None},
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (13800000000, "13800000000"),
        (35.5, "35.5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (-3.0, "-3"),
        ((7, "00000"), "00007"),
        (True, "true"),
        ("a_x0041_b", "a_x0041_b"),
        ((dt.date(2025, 3, 1), "yyyy-mm-dd"), "2025-03-01"),
        ((dt.date(2025, 3, 1), 'yyyy"年"m"月"d"日"'), "2025-03-01"),
        ((MORNING, "yyyy/m/d h:mm"), "2025-03-01T08:30:15"),
        ((MORNING.replace(microsecond=250_000), "yyyy-mm-dd"), "2025-03-01T08:30:15.250"),
        ((dt.date(2025, 3, 1), "yyyy-mm-dd hh:mm"), "2025-03-01T00:00:00"),
        ((dt.date(9999, 12, 31), "d.m.yyyy"), "9999-12-31"),
    ],
    ids=str,
)
def test_cells_say_what_excel_shows(file: Path, cell: object, expected: str) -> None:
    assert licence(file, cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        440106199901011234,  # past 2^53: digits are lost already
        (0.5, "h:mm"),  # a time of no day
        (59, "yyyy-mm-dd"),  # before the 29th of February 1900 that never was
        (-1, "yyyy-mm-dd"),
    ],
    ids=str,
)
def test_what_excel_could_not_keep_is_no_empty_cell(file: Path, cell: object) -> None:
    assert licence(file, cell).startswith(BAD)


def test_formulas_say_their_value_and_errors_are_no_empty_cells(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, HEADINGS)
        for row, (formula, value) in enumerate(
            [("=1+1", 2), ('="x"&"y"', "xy"), ("=NA()", "#N/A"), ("=1/0", "#DIV/0!"), ('=""', "")],
            1,
        ):
            sheet.write_row(row, 0, ("a", "b", "c"))
            sheet.write_formula(row, 3, formula, None, value)
    assert licences(file)[:4] == ["2", "xy", f"{BAD}#N/A", f"{BAD}#DIV/0!"]


def test_a_formula_that_was_never_computed_is_no_empty_cell(file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = SHEET
    book.active.append(HEADINGS)
    book.active.append(("a", "b", "c", "=1+1"))
    book.save(file)
    assert licences(file) == [f"{BAD}="]


def test_texts_rich_shared_or_inline(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, HEADINGS)
        bold = book.add_format({"bold": True})
        sheet.write_row(1, 0, ("a", "b", "c"))
        sheet.write_rich_string(1, 3, "one ", bold, "two", " three")
    assert licences(file) == ["one two three"]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append(HEADINGS)
    sheet.append(("a", "b", "c", "x & <y>"))
    book.save(file)
    assert licences(file) == ["x & <y>"]


def test_a_row_wider_than_the_headings_is_spoiled_however_far(file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for row in (HEADINGS, ("a", "b", "c", "d"), ("a", "b", "c", "d", "e")):
        book.active.append(row)
    book.active["XFD1048576"] = "far"
    book.save(file)
    assert read(file).column("position") == [2]
    assert read(file).spoiled == {3: "row-width", 1048576: "row-width"}


def test_merged_cells_below_the_headings_are_refused(file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for row in (HEADINGS, ("a", "b", "c", "d"), ("e", None, "f", "g")):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(file)
    assert refusal(file, sheet=SHEET)["cells"] == "B2:B3"


def test_hidden_sheets_are_none(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("流转")
        book.add_worksheet("parties").hide()
    assert workbooks.sheets(file, file.name) == ("流转",)
    assert refusal(file, sheet="parties")["code"] == "sheet-missing"
    assert refusal(file, sheet="流转")["code"] == "heading-missing"


def test_days_count_from_1904_where_the_workbook_says_so(file: Path) -> None:
    write(file, ("a", "b", "c", (dt.date(2025, 3, 1), "yyyy-mm-dd")), date_1904=True)
    assert licences(file) == ["2025-03-01"]


def parts(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change(file: Path, name: str, how: Callable[[bytes], bytes]) -> None:
    write(file, ("a", "b", "c", "d"))
    changed = {**parts(file), name: how(parts(file)[name])}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in changed.items():
            archive.writestr(each, content)


WORKBOOK, ROWS = "xl/workbook.xml", "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (depth, b"&l%d;" % (depth - 1) * 10 if depth else b"ha")
    for depth in range(12)
)


def laughing(content: bytes) -> bytes:
    head, _, body = content.partition(b"?>")
    return head + b"?><!DOCTYPE x [" + LAUGHS + b"]>" + body.replace(b"<t>a<", b"<t>&l11;<")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        (ROWS, lambda content: content[:-30]),
        (ROWS, lambda content: content.replace(b'r="2"', b'r="1"')),
        (ROWS, lambda content: content.replace(b'r="A2"', b'r="2A"')),
        (ROWS, lambda content: content.replace(b"<v>4</v>", b"<v>99</v>")),
        (ROWS, lambda content: content.replace(b"<v>4</v>", b"<v>x</v>")),
        (ROWS, lambda content: content.replace(b't="s"', b's="99"')),
        (WORKBOOK, lambda content: content.replace(b'r:id="rId1"', b'r:id="rId77"')),
        (WORKBOOK, lambda _: b""),
        (STRINGS, laughing),
        ("_rels/.rels", lambda _: b"<a/>"),
    ],
)
def test_a_damaged_workbook_is_refused(
    file: Path, name: str, how: Callable[[bytes], bytes]
) -> None:
    change(file, name, how)
    assert refusal(file, sheet=SHEET)["code"] == "file-damaged"


def test_what_is_no_workbook_is_refused(file: Path) -> None:
    for content in (b"", b"party_id,name\n", b"PK\x03\x04" + b"\0" * 40):
        file.write_bytes(content)
        assert refusal(file, sheet=SHEET)["code"] == "file-damaged"
    file.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 100)
    assert refusal(file, sheet=SHEET)["code"] == "workbook-locked"


def test_a_workbook_that_asks_for_too_much_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred times its size in text, held against a tenth of the usual limit."""
    monkeypatch.setattr(confined, "MEMORY", 200 << 20)
    write(file, ("a", "b", "c", "d"))
    changed = parts(file)
    text = b"<si><t>" + b"d" * 32_000 + b"</t></si>"
    head, tail = changed.pop(STRINGS).split(b"<si>", 1)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in changed.items():
            archive.writestr(name, content)
        with archive.open(STRINGS, "w", force_zip64=True) as part:
            part.write(head)
            for _ in range(70):
                part.write(text * 100)
            part.write(b"<si>" + tail)
    assert refusal(file, sheet=SHEET)["code"] == "file-overwhelms"


def test_a_text_without_end_is_refused(file: Path) -> None:
    change(
        file,
        STRINGS,
        lambda content: content.replace(b"<t>d</t>", b"<t>" + b"d" * 99_999 + b"</t>"),
    )
    assert refusal(file, sheet=SHEET)["code"] == "file-damaged"


def test_a_child_that_lingers_is_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, ("a", "b", "c", "d"))
    monkeypatch.setattr(confined, "SECONDS", 0.5)
    monkeypatch.setattr(confined, "_START", "import time; time.sleep(60) # {module}")
    assert refusal(file, sheet=SHEET)["code"] == "file-overwhelms"


WRITING = "open(json.loads(sys.stdin.readline())[0], 'wb').write(b'x' * 9999)"


def test_a_child_writes_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = confined._START.partition("from {module}")[0]
    monkeypatch.setattr(confined, "_START", start + WRITING)
    with pytest.raises(confined.ChildFailed):
        list(confined.answers("any", str(file)))
    assert not file.read_bytes()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("General", Style()),
        ("@", Style()),
        ("0.00E+00", Style()),
        ("yyyy-mm-dd", Style(day=True)),
        ("[$-804]yyyy年m月d日", Style(day=True)),
        ("mmm", Style(day=True)),
        ("mm:ss", Style(clock=True)),
        ("[h]:mm", Style(clock=True)),
        ("yyyy/m/d hh:mm;@", Style(day=True, clock=True)),
        ('"day" 0', Style()),
        ("[Red]0.00", Style()),
        ("000000", Style(digits=6)),
    ],
)
def test_number_formats(code: str, expected: Style) -> None:
    assert style(200, code) == expected


def test_days_and_escapes() -> None:
    assert moment(61, Style(day=True), DAY_ZERO) == "1900-03-01"
    assert moment(0, Style(day=True), DAY_ZERO_OF_1904) == "1904-01-01"
    assert number("2.5", Style(), DAY_ZERO) == "2.5"
    assert unescaped("a_x000D_b_xD800_") == f"a\rb{BAD}"
