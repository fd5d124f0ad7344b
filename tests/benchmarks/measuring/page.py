"""The page on the speed, from what was measured; what was not is said."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from tests.benchmarks.measuring.costs import Machine
from tests.benchmarks.measuring.figures import (
    FIGURES,
    HUGE,
    LARGE,
    SMALL,
    Figure,
    MissingError,
    Rows,
    cpu,
    found,
    loop_rate,
    rate,
)
from tests.benchmarks.measuring.plan import SIZES

_HEAD = """\
# How fast it is

Written by `make bench` (1M flows) and `make bench-large` (up to 100M) from what was measured
{when}: {cores} cores of {model}, {memory:.0f} GB, Python {python}. Medians{times}.

Only ratios are worth comparing between machines. The rows of a table were measured by turns. CPU is
of all processes that a row starts; so is the peak of memory.{scaled}

The export is made by `tests/benchmarks/generate.py` from `tests/benchmarks/scenarios.toml`: 300
parties, 1 million subjects, 2 million consents, 200,000 rows of evidence, 3 % of the flows faulty;
Parquet. Every clause of the agreement's pack decides some of them. But where it says otherwise, the
registers are there as an earlier run compiled them."""
_PEERS = """\
DuckDB, pandas and Spark judge the contract's layer under the same three values, and every verdict
is the same as ours; they leave out the checks of rows, the deciding clauses, the graph, the
findings and the files. Spark, being slow, judges a hundred thousand flows; much of what it takes is
planning and the registers, which are whole, so that a million would take less than ten times that.
The last two columns are of CPU."""
_SAMPLES = """\
A sample of 2,000 flows, with only the rows of the registers that these need; the verdicts were the
same, the interpreter's deciding clauses too. The interpreter is the one that the tests hold the
engine to: it is written to be read, not to be fast. Cedar (cedarpy) is handed every fact, and asked
a second time where it denies, since it knows two values."""
_CHECKS = """\
The product compiles the same JSON Schema; its figure includes reading the file and giving every
cell its type. Both found the same flows faulty."""
_WHOLE_PROCESS = """\
The whole process, with starting and ending, took {cpu:.2f} CPU seconds, {wall:.2f} by the clock and
{peak_mb:,.0f} MB (medians); its steps:"""
_LINE = "| {} | {} | {} | {} | {} | {} |"
_WHOLE = {
    "floor": "floor: every column read, an id and a word written",
    "kept": "`consent-audit run`: checks, verdicts, graph, findings, files",
    "cold": "the same with `--no-cache`: registers read, checked and compiled",
    "two layers": "the statute's pack as a second layer",
    "duckdb": "DuckDB, expert SQL: verdicts alone",
}
_ENGINES = {
    "local": "one process",
    "spark": "`--engine spark`, two workers: the same bytes",
    "daft": "`--engine daft`, two workers: the same bytes",
}
_GROWTH = {
    "as it is": "the carrier as it is",
    "parties": "30,000 parties instead of 300",
    "signatures": "every flow of a signature of its own (categories, channel)",
    "subjects": "10 million subjects and 11 million consents",
    "25 clauses": "a synthetic pack of 25 clauses",
    "400 clauses": "a synthetic pack of 400 clauses",
}
_STEPS = {
    "validating": "jsonschema checks each flow",
    "judging": "the reference interpreter judges it",
    "edges": "networkx takes its edges",
}


def page(rows: Rows, machine: Machine, scale: int) -> str:
    """The page, in Markdown."""
    days = sorted({date.fromisoformat(row.date) for row in rows.values()})
    when = " and ".join(dict.fromkeys(f"on {day}" for day in (days[0], days[-1]))) if days else ""
    scaled = f"\n\n**Every size is a {scale}th: this page only tries itself.**" * (scale > 1)
    head = _HEAD.format(**vars(machine), when=when, times=_times(rows), scaled=scaled)
    return "\n\n".join([head, *_wanted(rows), *_tables(rows)]) + "\n"


def _times(rows: Rows) -> str:
    """How often the rows of each size were measured, but for peers and growth."""
    floors = (row for row in rows.values() if row.key.endswith("/floor") and row.costs)
    many = {row.key.partition("/")[0]: len(row.costs) for row in floors}
    told = [f"{size} {many[size]}" for size in SIZES if size in many]
    return f": runs at {', at '.join(told)}, of peers and growth fewer" if told else ""


def _wanted(rows: Rows) -> Iterator[str]:
    lines, explained = [], dict[str, list[str]]()
    for figure in FIGURES:
        said, missed = _judged(figure, rows)
        lines.append(f"| {figure.what} | {figure.wanted} | {said} |")
        if missed:
            explained.setdefault(figure.run, []).append(figure.what)
    yield "## Figures to reach"
    yield "\n".join(["| what | wanted | measured | |", "| --- | ---: | ---: | --- |", *lines])
    if explained:
        yield "## Where it goes in what is missed"
    for key, missed_figures in explained.items():
        yield f"Missed: {'; '.join(missed_figures)}."
        yield _WHOLE_PROCESS.format(**vars(rows[key].cost))
        yield f"```text\n{rows[key].profile}\n```"


def _judged(figure: Figure, rows: Rows) -> tuple[str, bool]:
    """What was measured, and whether it was and is missed."""
    try:
        value = figure.asked(rows)
    except MissingError as why:
        return f"not measured{': ' * bool(str(why))}{why} |", False
    met = figure.met(value)
    return f"{figure.told.format(value)} | {'met' if met else '**missed**'}", not met


def _tables(rows: Rows) -> Iterator[str]:
    for size in (SMALL, LARGE, HUGE):
        over = f"{size}/floor"
        yield f"## The whole process, {size} flows"
        names = {name: word for name, word in _WHOLE.items() if f"{size}/{name}" in rows}
        yield _table(rows, {f"{size}/{name}": word for name, word in names.items()}, over)
    yield "## Other engines that judge"
    yield _PEERS
    yield _peers(rows)
    yield "## One flow after the other"
    yield _SAMPLES
    for size in (SMALL, LARGE):
        if f"{size}/loop" in rows:
            yield f"Out of {size} flows:"
            yield _loop(rows, size)
    yield "## Checking alone"
    yield _CHECKS
    yield _checking(rows)
    yield f"## Growth, {SMALL} flows"
    keys = {f"{SMALL}/growth {name}": label for name, label in _GROWTH.items()}
    clauses = {key: keys.pop(key) for key in [*keys] if key.endswith("clauses")}
    yield _table(rows, keys, next(iter(keys)))
    yield _table(rows, clauses, next(iter(clauses)))
    yield "## From CSV, and on the workers of an engine, 10M flows"
    engines = {f"{LARGE}/{name}": word for name, word in _ENGINES.items()}
    keys = {**engines, f"{LARGE}/gb18030": "one process, all tables as GB18030 CSV"}
    yield _table(rows, keys, f"{LARGE}/local")


def _table(rows: Rows, labels: dict[str, str], over: str) -> str:
    """A line for each row that there is or that is missing."""
    heads = ("", "CPU s", "wall s", "flows/s", "peak MB", "CPU over the first")
    lines = [_LINE.format(*heads), "| --- |" + " ---: |" * 5]
    for key, label in labels.items():
        lines.append(_LINE.format(label, *_or_why(lambda key=key: _cells(rows, key, over), 5)))  # type: ignore[misc]
    return "\n".join(lines) if labels else "Not measured."


def _cells(rows: Rows, key: str, over: str) -> list[str]:
    row = found(rows, key)
    cost, many = row.cost, row.flows
    try:
        ratio = f"{cpu(key, over)(rows):.2f}"
    except MissingError:
        ratio = ""
    shown = [f"{cost.cpu:,.2f}", f"{cost.wall:,.2f}", f"{many / cost.wall:,.0f}"]
    return [*shown, f"{cost.peak_mb:,.0f}", ratio]


def _or_why(cells: Callable[[], Sequence[str]], many: int) -> Sequence[str]:
    """The cells, or why there are none."""
    try:
        return cells()
    except MissingError as why:
        return [f"not measured{': ' * bool(str(why))}{why}", *[""] * (many - 1)]


def _peers(rows: Rows) -> str:
    heads = ("", "flows", "CPU s", "peak MB", "a million flows", "times the product")
    lines = [_LINE.format(*heads), "| --- |" + " ---: |" * 5]
    for key, label in (
        (f"{SMALL}/duckdb", "DuckDB, expert SQL"),
        (f"{LARGE}/duckdb", "DuckDB, expert SQL"),
        (f"{SMALL}/pandas", "pandas"),
        (f"{LARGE}/spark sql", "Spark SQL, the same statements, two cores"),
    ):
        size = key.partition("/")[0]
        cells = _or_why(lambda key=key, size=size: _peer(rows, key, size), 5)  # type: ignore[misc]
        lines.append(_LINE.format(label, *cells))
    return "\n".join(lines)


def _peer(rows: Rows, key: str, size: str) -> list[str]:
    row, ours = found(rows, key), 1e6 / rate(rows, f"{size}/kept")
    each = row.cost.cpu / row.flows * 1e6
    shown = [f"{row.flows:,}", f"{row.cost.cpu:,.1f}", f"{row.cost.peak_mb:,.0f}", f"{each:,.1f}"]
    return [*shown, f"{each / ours:,.2f}"]


def _loop(rows: Rows, size: str) -> str:
    lines = ["| | flows per CPU s | the product, everything, does so many times more |"]
    lines.append("| --- | ---: | ---: |")
    try:
        ours, row = rate(rows, f"{size}/kept"), found(rows, f"{size}/loop")
    except MissingError:
        return "Not measured."
    rates = {word: row.told("flows") / row.told(step) for step, word in _STEPS.items()}
    rates["the three together"] = loop_rate(rows, size)
    if (cedar := rows.get(f"{size}/cedar")) and cedar.said:
        rates["Cedar, facts handed to it"] = cedar.told("flows") / cedar.told("cedar")
    lines += [f"| {word} | {each:,.0f} | {ours / each:,.1f} |" for word, each in rates.items()]
    return "\n".join(lines)


def _checking(rows: Rows) -> str:
    row = rows.get(f"{SMALL}/validation")
    if row is None or not row.said:
        return "Not measured."
    plain = row.told("flows") / row.told("jsonschema")
    compiled = row.told("checked") / row.told("product")
    some = f"jsonschema, the schema in force on {row.told('flows'):,.0f} flows"
    all_of_them = "the compiled schema, on all flows"
    lines = ["| | flows per CPU s | |", "| --- | ---: | ---: |", f"| {some} | {plain:,.0f} | 1.0 |"]
    lines.append(f"| {all_of_them} | {compiled:,.0f} | {compiled / plain:,.0f} |")
    return "\n".join(lines)
