"""The formats in which a run is told: each gives its files as name and writer."""

from collections.abc import Callable, Mapping

from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports import (
    as_baseline,
    as_csv,
    as_graphml,
    as_html,
    as_json,
    as_junit,
    as_parquet,
    as_pdf,
    as_ropa,
    as_ropa_html,
    as_ropa_jsonld,
    as_ropa_pdf,
    as_sarif,
    as_workpaper,
    as_workpaper_pdf,
    as_xlsx,
)
from audit.reports.duties import Key
from audit.wording import Language

# Given how persons are named, and the language of what is written in sentences.
FORMATS: Mapping[str, Callable[[Audit, Key, Language], Mapping[str, Writer]]] = {
    "baseline": as_baseline.render,
    "csv": as_csv.render,
    "graphml": as_graphml.render,
    "html": as_html.render,
    "json": as_json.render,
    "junit": as_junit.render,
    "parquet": as_parquet.render,
    "pdf": as_pdf.render,
    "ropa": as_ropa.render,
    "ropa-html": as_ropa_html.render,
    "ropa-jsonld": as_ropa_jsonld.render,
    "ropa-pdf": as_ropa_pdf.render,
    "sarif": as_sarif.render,
    "workpaper": as_workpaper.render,
    "workpaper-pdf": as_workpaper_pdf.render,
    "xlsx": as_xlsx.render,
}
# Those of them that are set in fonts; `font_files` names some besides the machine's.
TYPESET: Mapping[str, Callable[..., Mapping[str, Writer]]] = {
    "pdf": as_pdf.render,
    "ropa-pdf": as_ropa_pdf.render,
    "workpaper-pdf": as_workpaper_pdf.render,
}
