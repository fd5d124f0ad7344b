"""The findings of the run as a baseline, against which later runs are held."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.baselines.baseline import FILE
from audit.baselines.writing import write_baseline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.outcome import Audit
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.wording import Language


def render(
    audit: Audit, _key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """baseline.json: fingerprints with counts; it names no party and no person."""
    return {FILE: partial(write_baseline, audit)}
