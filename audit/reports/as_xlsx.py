"""A run as a workbook: a sheet for each table, in words, no cell of which is ever computed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.duties import DutyState
from audit.findings.finding import SENTENCES, Severity
from audit.outcome import REJECTED, Audit, product_version
from audit.reports.conclusion import conclusion
from audit.reports.duties import duty_table, imposed
from audit.reports.neutralising import neutral
from audit.reports.parties import parties_told
from audit.reports.standings import marked
from audit.sources.zones import offset
from audit.triage.standing import Why
from audit.triage.state import State
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from audit.publishing import Writer
    from audit.reports.duties import Key

MOST_ROWS = 1_048_575  # of a sheet, without its headings; what is more goes into a further sheet
_LONGEST_CELL = 32_767
_WIDE, _NARROW = 60, 16
_SENTENCES = frozenset({"cause", "remedy", "reason", "rejected", "said", "triage_reason"})
_NO_CLOCK = datetime(1980, 1, 1, tzinfo=UTC)
# Row by row onto the disk; a text that looks like a formula, an address or a number stays a text.
_AS_WRITTEN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LISTINGS = {
    "purpose": Listing.purposes,
    "purposes": Listing.purposes,
    "operation": Listing.operations,
    "categories": Listing.categories,
    "data_categories": Listing.categories,
    "data_category": Listing.categories,
    "role": Listing.roles,
    "legal_role": Listing.legal_roles,
    "country": Listing.countries,
}
_CODES = {
    "severity": (Severity, "severity"),
    "layer": (Layer, "layer"),
    "verdict": (Verdict, "verdict"),
    "state": (DutyState, "duty-state"),
    "triage_state": (State, "triage-state"),
    "triage_why": (Why, "triage-why"),
}
_JOINT = ";"


def render(audit: Audit, key: Key = None, language: Language | None = None) -> Mapping[str, Writer]:
    """report.xlsx: summary, findings, duties, edges, parties, rejected.

    Times are in the zone of the run; a table longer than a sheet goes on in further ones.
    """
    return {"report.xlsx": partial(_write, audit, key, language or audit.options.language)}


def _write(audit: Audit, key: Key, language: Language, path: Path) -> None:
    # A fifth of a second, for which what writes no workbook need not wait.
    from xlsxwriter import Workbook  # noqa: PLC0415
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    body = BytesIO()  # packed already; a file that fails would be closed by its collector, loudly
    try:
        with Workbook(body, _AS_WRITTEN) as workbook:
            workbook.use_zip64()
            workbook.set_properties({"created": _NO_CLOCK})
            for name, table in _tables(audit, key, language):
                _fill(workbook, name, _worded(table, audit.options.timezone, language), language)
    except FileCreateError as error:
        raise error.args[0] from error  # what the system said: a full disk, as a rule
    path.write_bytes(body.getbuffer())


def _tables(audit: Audit, key: Key, language: Language) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "summary", _summary(audit, language)
    told = {"cause": f"cause_{language}", "remedy": f"remedy_{language}"}
    spoken = marked(audit).with_columns(**{name: pl.col(of) for name, of in told.items()})
    yield "findings", spoken.drop(SENTENCES)
    if imposed(audit):
        yield "duties", duty_table(audit, key)
    yield "edges", audit.edges
    rejected = pl.col(f"rejected_{language}").alias("rejected")
    parties = parties_told(audit).with_columns(rejected)
    yield "parties", parties.drop("rejected_zh", "rejected_en")
    yield "rejected", audit.rejected.sort(REJECTED.names(), nulls_last=True)


def _summary(audit: Audit, language: Language) -> pl.DataFrame:
    """What was audited and what came of it, a line each: what, of what, and what is said of it."""
    rows = [*_about(audit, language), *_counts(audit, language)]
    notices = (*audit.notices, *audit.graph.notices)
    told = dict.fromkeys(sentence(notice, language) for notice in notices)
    rows += [("notices", "", notice) for notice in told]
    named = [(phrase(f"sheet-about-{what}", language), of, said) for what, of, said in rows]
    plain = [tuple(map(_utf8, row)) for row in named]
    return pl.DataFrame(
        plain, schema=dict.fromkeys(("what", "of", "said"), pl.String), orient="row"
    )


def _utf8(text: str) -> str:
    """A path may hold bytes that are no text."""
    return text.encode(errors="backslashreplace").decode()


def _about(audit: Audit, language: Language) -> Iterator[tuple[str, str, str]]:
    yield "conclusion", "", conclusion(audit, language)[0]
    yield "run", "", audit.run_id
    yield "version", "", f"consent-audit {product_version()}"
    yield "zone", "", audit.options.timezone
    yield "complete", "", ", ".join(audit.options.complete)
    yield "as-of", "", audit.as_of.isoformat() if audit.as_of else ""
    for pack in audit.packs:
        named = f"{pack.title.into(language)} ({pack.id} {pack.version})"
        yield "pack", named, f"SHA-256 {pack.digest}"
    for file in sorted(audit.inputs, key=lambda file: (file.table, file.name)):
        yield "input", f"{file.table}: {file.name} ({file.rows:,})", f"SHA-256 {file.digest}"


def _counts(audit: Audit, language: Language) -> Iterator[tuple[str, str, str]]:
    for layer, counts in audit.counts.items():
        for verdict in reversed(Verdict):
            named = phrase(f"layer-{layer}", language), phrase(f"verdict-{verdict}", language)
            yield "verdicts", ": ".join(named), f"{counts[verdict]:,}"
    for severity, count in audit.severities.items():
        yield "findings", phrase(f"severity-{severity}", language), f"{count:,}"
    if audit.triaged:
        for state, count in audit.triaged.counts.items():
            yield "triage", phrase(f"triage-state-{state}", language), f"{count:,}"
    for table, rows in sorted(audit.rows.items()):
        facts = {name: f"{getattr(rows, name):,}" for name in ("rows", "judged", "rejected")}
        repeated = f"{rows.repeated:,}"
        yield "rows", table, phrase("sheet-rows-told", language, repeated=repeated, **facts)


def _worded(table: pl.DataFrame, zone: str, language: Language) -> pl.DataFrame:
    """Codes as words, lists and instants as text, numbers as numbers; nothing that computes."""
    return neutral(
        table.select(_column(name, kind, zone, language) for name, kind in table.schema.items())
    )


def _column(name: str, kind: pl.DataType, zone: str, language: Language) -> pl.Expr:
    column = pl.col(name)
    words = _words(name, language)
    match kind:
        case pl.Datetime():
            return _in_zone(name, zone)
        case pl.Boolean():
            yes, no = phrase("sheet-yes", language), phrase("sheet-no", language)
            return pl.when(column).then(pl.lit(yes)).when(~column).then(pl.lit(no)).alias(name)
        case pl.List():
            return column.list.eval(pl.element().replace(words)).list.join(f"{_JOINT} ")
        case pl.String() if name in {"purpose", "operation"}:
            several = column.str.split(_JOINT).list.eval(pl.element().replace(words))
            return several.list.join(f"{_JOINT} ")
        case pl.String() if words:
            return column.replace(words)
    return column


def _words(name: str, language: Language) -> dict[str, str]:
    """Code -> word for a column of codes."""
    if name in _CODES:
        codes, stem = _CODES[name]
        return {each.value: phrase(f"{stem}-{each.value}", language) for each in codes}
    if name in _LISTINGS:
        entries = load_vocabulary().entries[_LISTINGS[name]]
        return {code: entry.label.into(language) for code, entry in entries.items()}
    return {}


def _in_zone(name: str, zone: str) -> pl.Expr:
    """The instant in the zone, with its distance from UTC."""
    ahead = offset(zone)
    if ahead is None:
        return pl.col(name).dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M:%S%:z")
    told = (pl.col(name) + ahead).dt.strftime("%Y-%m-%d %H:%M:%S")
    return pl.concat_str(told, pl.lit("+00:00" if zone in {"Z", "UTC"} else zone)).alias(name)


def _fill(workbook: Workbook, name: str, table: pl.DataFrame, language: Language) -> None:
    """As many sheets as the table needs, each with the headings; an empty table has one."""
    title = phrase(f"sheet-{name}", language)
    for number, start in enumerate(range(0, max(table.height, 1), MOST_ROWS), start=1):
        rows = table.slice(start, MOST_ROWS)
        sheet = workbook.add_worksheet(title if number == 1 else f"{title} ({number})")
        _head(workbook, sheet, table.columns, language)
        sheet.autofilter(0, 0, rows.height, table.width - 1)
        for place, row in enumerate(rows.iter_rows(), start=1):
            _write_row(sheet, place, row)


def _head(workbook: Workbook, sheet: Worksheet, columns: Sequence[str], language: Language) -> None:
    """The headings, which stay in sight."""
    bold = workbook.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDE if column in _SENTENCES else _NARROW)
        sheet.write_string(0, place, _heading(column, language), bold)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _heading(column: str, language: Language) -> str:
    """What a column is called; a count of verdicts by its layer and verdict."""
    layer, _, rest = column.partition("_")
    if layer not in set(Layer):
        return phrase(f"sheet-column-{column.replace('_', '-')}", language)
    named = phrase(f"layer-{layer}", language)
    if rest in set(Verdict):
        return f"{named}: {phrase(f'verdict-{rest}', language)}"
    return f"{named}: {phrase('sheet-column-decided-by', language)}"


def _write_row(sheet: Worksheet, place: int, row: tuple[Any, ...]) -> None:
    for column, cell in enumerate(row):
        match cell:
            case str():
                sheet.write_string(place, column, _cut(cell))
            case int():
                sheet.write_number(place, column, cell)


def _cut(text: str) -> str:
    """What a cell can hold; a longer text ends in a mark."""
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
