"""The findings of a filter as a file for a spreadsheet, in the words of a language."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl
from pyarrow.parquet import ParquetFile

from audit.casework.findings import FIRST, Filter, places_of
from audit.casework.indexing import SEPARATOR
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer, Verdict
from audit.findings.finding import Severity
from audit.problems import Problem, UsageRefused
from audit.reports.neutralising import neutral
from audit.sources.zones import offset
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_PLAIN = 50_000  # rows of a CSV that is handed out as it is; a longer one comes in an archive
MOST_IN_A_WORKBOOK = 100_000  # rows: half a minute; a million take ten, and a browser gives up
_LONGEST_CELL = 32_767
_WIDE, _NARROW = 60, 16
_SENTENCES = ("cause", "remedy")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_CLOCK = datetime(1980, 1, 1, tzinfo=UTC)
# Row by row onto the disk; a text that looks like a formula, an address or a number stays a text.
_AS_WRITTEN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_COLUMNS = (
    "severity",
    "layer",
    "verdict",
    "clause",
    "sender",
    "sender_name",
    "recipient",
    "recipient_name",
    "recipient_role",
    "purpose",
    "operation",
    "categories",
    "flows",
    "subjects",
    "whole_base",
    "records",
    "first_seen",
    "last_seen",
    "cause",
    "remedy",
    "examples",
    "fingerprint",
)
_OF_PARTIES = ("sender_name", "recipient_name", "recipient_role")
_OF_FINDINGS = tuple(name for name in _COLUMNS if name not in _OF_PARTIES)


class Form(StrEnum):
    """The files that a spreadsheet opens."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Export:
    """A file to hand out."""

    name: str
    mime: str
    body: bytes


def export(run: KeptRun, reader: Reader, asked: Filter, form: Form, language: Language) -> Export:  # noqa: PLR0913
    """All findings of the filter, gravest first; no cell of the file is ever a formula.

    CSV is UTF-8 with a byte order mark, in a ZIP archive where it is long. Times are in the zone of
    the run. For officers. Raises UsageRefused where the findings are too many for a workbook.
    """
    reader.needs(Role.officer)
    places = places_of(run, reader, asked, FIRST)
    if form is Form.XLSX and places.len() > MOST_IN_A_WORKBOOK:
        raise UsageRefused(too_many(places.len()))
    parties, zone = _parties(run), str(run.manifest["options"]["timezone"])
    pieces = (_told(rows, parties, zone, language) for rows in _pieces(run, places, language))
    name = f"findings-{run.run_id[:12]}"
    match form:
        case Form.XLSX:
            return _workbook(name, pieces, language)
        case Form.CSV:
            return _csv(name, pieces, places.len(), language)


def too_many(rows: int) -> Problem:
    """That so many findings are not written into a workbook, and what to do instead."""
    facts = {"rows": f"{rows:,}", "most": f"{MOST_IN_A_WORKBOOK:,}"}
    return Problem("export-too-many", facts)


def _pieces(run: KeptRun, places: pl.Series, language: Language) -> Iterator[pl.DataFrame]:
    """The findings at these places, group by group as they lie in the file: little memory."""
    file = ParquetFile(run.file("findings.parquet"))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    starts = pl.Series(accumulate(sizes, initial=0), dtype=pl.UInt32)
    columns = [f"{name}_{language}" if name in _SENTENCES else name for name in _OF_FINDINGS]
    group = (starts.search_sorted(places, side="right") - 1).alias("group")
    rows = places.alias("place").to_frame().with_columns(group)
    for (number,), part in rows.group_by("group", maintain_order=True):
        read = pl.DataFrame(file.read_row_group(number, columns=columns, use_threads=False))
        yield read[part["place"] - starts[number]].rename(
            {f"{name}_{language}": name for name in _SENTENCES}
        )


def _parties(run: KeptRun) -> pl.DataFrame:
    parties = pl.read_parquet(run.file("parties.parquet"), glob=False)
    return parties.select("party_id", "name", "role")


def _told(rows: pl.DataFrame, parties: pl.DataFrame, zone: str, language: Language) -> pl.DataFrame:
    """The findings in words; numbers stay numbers, the rest is text."""
    for side in ("sender", "recipient"):
        named = parties.select(
            pl.col("party_id").alias(side),
            pl.col("name").alias(f"{side}_name"),
            pl.col("role").alias(f"{side}_role"),
        )
        rows = rows.join(named, on=side, how="left", validate="m:1", maintain_order="left")
    return neutral(
        rows.with_columns(
            *(_worded(name, words) for name, words in _words(language).items()),
            *(_worded_list(name, words) for name, words in _lists(language).items()),
            _everybody(language),
            pl.when(~pl.col("whole_base") | (pl.col("subjects") > 0)).then("subjects"),
            *(_in_zone(name, zone) for name in ("first_seen", "last_seen")),
            examples=pl.col("examples").list.join(f"{SEPARATOR} "),
        ).select(_COLUMNS)
    )


def _everybody(language: Language) -> pl.Expr:
    """Where the whole customer base is concerned, that it is; nobody named is then no number."""
    said = pl.lit(phrase("people-everybody", language))
    return pl.when("whole_base").then(said).alias("whole_base")


def _words(language: Language) -> dict[str, dict[str, str]]:
    """Column -> code -> word, for columns of one code."""
    return {
        "severity": {each.value: phrase(f"severity-{each}", language) for each in Severity},
        "layer": {each.value: phrase(f"layer-{each}", language) for each in Layer},
        "verdict": {each.value: phrase(f"verdict-{each}", language) for each in Verdict},
        "recipient_role": _labels(Listing.roles, language),
    }


def _lists(language: Language) -> dict[str, dict[str, str]]:
    """The same for columns of several."""
    return {
        "purpose": _labels(Listing.purposes, language),
        "operation": _labels(Listing.operations, language),
        "categories": _labels(Listing.categories, language),
    }


def _labels(listing: Listing, language: Language) -> dict[str, str]:
    entries = load_vocabulary().entries[listing]
    return {code: entry.label.into(language) for code, entry in entries.items()}


def _worded(column: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace(dict(words))


def _worded_list(column: str, words: Mapping[str, str]) -> pl.Expr:
    codes = pl.col(column)
    several = codes if column == "categories" else codes.str.split(SEPARATOR)
    return several.list.eval(pl.element().replace(dict(words))).list.join(f"{SEPARATOR} ")


def _in_zone(column: str, zone: str) -> pl.Expr:
    """The instant in the zone, with its distance from UTC."""
    ahead = offset(zone)
    if ahead is None:
        return pl.col(column).dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M:%S%:z")
    told = (pl.col(column) + ahead).dt.strftime("%Y-%m-%d %H:%M:%S")
    return pl.concat_str(told, pl.lit("+00:00" if zone in {"Z", "UTC"} else zone)).alias(column)


def _headings(language: Language) -> list[str]:
    return [phrase(f"export-{name.replace('_', '-')}", language) for name in _COLUMNS]


def _csv(name: str, pieces: Iterator[pl.DataFrame], rows: int, language: Language) -> Export:
    file = f"{name}.csv"
    if rows <= MOST_PLAIN:
        return Export(file, "text/csv", b"".join(_lines(pieces, language)))
    body = io.BytesIO()
    with (
        zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(_entry(file), "w", force_zip64=True) as inside,
    ):
        inside.writelines(_lines(pieces, language))
    return Export(f"{file}.zip", "application/zip", body.getvalue())


def _entry(file: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(file)  # dated 1980: no clock is in it
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _lines(pieces: Iterator[pl.DataFrame], language: Language) -> Iterator[bytes]:
    """The file piece by piece: a byte order mark and our headings first, then the rows."""
    headings = pl.DataFrame(schema=dict.fromkeys(_headings(language), pl.String))
    yield _written(headings, include_bom=True)
    for piece in pieces:
        yield _written(piece, include_header=False)


def _written(
    rows: pl.DataFrame, *, include_bom: bool = False, include_header: bool = True
) -> bytes:
    part = io.BytesIO()
    rows.write_csv(
        part, include_bom=include_bom, include_header=include_header, line_terminator="\r\n"
    )
    return part.getvalue()


def _workbook(name: str, pieces: Iterator[pl.DataFrame], language: Language) -> Export:
    # A fifth of a second, for which a page that exports nothing need not wait.
    from xlsxwriter import Workbook  # noqa: PLC0415

    body = io.BytesIO()
    with Workbook(body, _AS_WRITTEN) as workbook:
        workbook.set_properties({"created": _NO_CLOCK})
        sheet = _sheet(workbook, language)
        for place, row in enumerate((row for piece in pieces for row in piece.iter_rows()), 1):
            _write(sheet, place, row)
    return Export(f"{name}.xlsx", _XLSX, body.getvalue())


def _sheet(workbook: "Workbook", language: Language) -> "Worksheet":
    """An empty sheet with its headings, which stay in sight."""
    sheet = workbook.add_worksheet(phrase("export-sheet", language))
    for column, heading in enumerate(_headings(language)):
        sheet.write_string(0, column, heading, workbook.add_format({"bold": True}))
        sheet.set_column(column, column, _WIDE if _COLUMNS[column] in _SENTENCES else _NARROW)
    sheet.freeze_panes(1, 0)
    return sheet


def _write(sheet: "Worksheet", place: int, row: tuple[str | int | None, ...]) -> None:
    for column, cell in enumerate(row):
        match cell:
            case str():
                sheet.write_string(place, column, cell[:_LONGEST_CELL])
            case int():
                sheet.write_number(place, column, cell)
