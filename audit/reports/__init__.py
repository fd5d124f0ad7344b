"""The formats in which a run is told: each gives its files as name and writer.

The module of a format is loaded when something is told in it: an audit writes few of them, and
help none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language

    Render = Callable[[Audit, Key, Language], Mapping[str, Writer]]


def _render(module: str, *told: Any, **fonts: Any) -> Mapping[str, Writer]:  # noqa: ANN401
    """What the format's own `render` gives."""
    files: Mapping[str, Writer] = import_module(f"{__name__}.{module}").render(*told, **fonts)
    return files


# Given how persons are named, and the language of what is written in sentences.
FORMATS: Mapping[str, Render] = {
    "baseline": partial(_render, "as_baseline"),
    "csv": partial(_render, "as_csv"),
    "graphml": partial(_render, "as_graphml"),
    "html": partial(_render, "as_html"),
    "json": partial(_render, "as_json"),
    "junit": partial(_render, "as_junit"),
    "parquet": partial(_render, "as_parquet"),
    "pdf": partial(_render, "as_pdf"),
    "ropa": partial(_render, "as_ropa"),
    "ropa-html": partial(_render, "as_ropa_html"),
    "ropa-jsonld": partial(_render, "as_ropa_jsonld"),
    "ropa-pdf": partial(_render, "as_ropa_pdf"),
    "sarif": partial(_render, "as_sarif"),
    "workpaper": partial(_render, "as_workpaper"),
    "workpaper-pdf": partial(_render, "as_workpaper_pdf"),
    "xlsx": partial(_render, "as_xlsx"),
}
# Those of them that are set in fonts; `font_files` names some besides the machine's.
TYPESET: Mapping[str, Callable[..., Mapping[str, Writer]]] = {
    name: FORMATS[name] for name in ("pdf", "ropa-pdf", "workpaper-pdf")
}
