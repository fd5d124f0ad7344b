"""The formats in which a run is told: each gives its files as name and writer."""

from collections.abc import Callable, Mapping

from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports import as_csv, as_graphml, as_json, as_parquet

# Given the key under which persons have pseudonyms; without one nobody is told of by any.
FORMATS: Mapping[str, Callable[[Audit, bytes | None], Mapping[str, Writer]]] = {
    "csv": as_csv.render,
    "graphml": as_graphml.render,
    "json": as_json.render,
    "parquet": as_parquet.render,
}
