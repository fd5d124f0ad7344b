"""The graph of parties as GraphML, for Gephi and for networkx."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from audit.flowgraph.building import plain
from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports.duties import Key
from audit.wording import Language

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(
    audit: Audit, _key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """graph.graphml: a node per party, an edge per row of the graph's edges."""
    nodes = audit.graph.nodes.with_columns(label=pl.coalesce("name", "party_id"))
    edges = audit.graph.edges.with_columns(weight=pl.col("flows").cast(pl.Float64))
    return {"graph.graphml": partial(_write, nodes, edges)}


def _write(nodes: pl.DataFrame, edges: pl.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_lines(nodes, edges))


def _lines(nodes: pl.DataFrame, edges: pl.DataFrame) -> Iterator[str]:
    yield _HEAD
    yield from _keys("node", nodes.drop("party_id"))
    yield from _keys("edge", edges.drop("sender", "recipient"))
    yield '<graph id="flows" edgedefault="directed">\n'
    for row in nodes.iter_rows(named=True):
        yield _element("node", {"id": row.pop("party_id")}, row)
    for number, row in enumerate(edges.iter_rows(named=True)):
        ends = {"source": row.pop("sender"), "target": row.pop("recipient")}
        yield _element("edge", {"id": f"e{number}", **ends}, row)
    yield "</graph>\n</graphml>\n"


def _keys(kind: str, table: pl.DataFrame) -> Iterator[str]:
    for name, dtype in table.schema.items():
        names = {"id": f"{kind}_{name}", "for": kind, "attr.name": name, "attr.type": _type(dtype)}
        yield f"<key {_attributes(names.items())}/>\n"


def _type(dtype: pl.DataType) -> str:
    match dtype:
        case pl.Boolean():
            return "boolean"
        case pl.Float64():
            return "double"
        case _:
            return "long" if dtype.is_integer() else "string"


def _element(kind: str, names: Mapping[str, str], row: Mapping[str, Any]) -> str:
    data = "".join(
        f'<data key="{kind}_{name}">{_text(value)}</data>'
        for name, value in row.items()
        if value is not None
    )
    return f"<{kind} {_attributes(names.items())}>{data}</{kind}>\n"


def _attributes(names: Iterable[tuple[str, str]]) -> str:
    return " ".join(f"{name}={quoteattr(_legal(value))}" for name, value in names)


def _text(value: object) -> str:
    scalar = value if isinstance(value, float) else plain(value)
    spelled = str(scalar).lower() if isinstance(scalar, bool) else str(scalar)
    return escape(_legal(spelled), {"\r": "&#13;"})


def _legal(text: str) -> str:
    """The text with the characters that XML does not have written out."""
    return _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
