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
    name: partial(_render, f"as_{name.replace('-', '_')}")
    for name in (
        *("baseline", "csv", "graphml", "html", "json", "junit", "parquet", "pdf"),
        *("ropa", "ropa-html", "ropa-jsonld", "ropa-pdf", "sarif"),
        *("workpaper", "workpaper-pdf", "xlsx"),
    )
}
# Those of them that are set in fonts; `font_files` names some besides the machine's.
TYPESET: Mapping[str, Callable[..., Mapping[str, Writer]]] = {
    name: FORMATS[name] for name in ("pdf", "ropa-pdf", "workpaper-pdf")
}
