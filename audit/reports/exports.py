"""What a run's manifest says of supply abroad: persons by year and country, and the tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.clauses.export import ExportTier
from audit.outcome import FLOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.evaluation.exports import Exports
    from audit.outcome import Audit


def exports_told(audit: Audit) -> list[dict[str, Any]]:
    """Per layer whose pack asks: each calendar year in which something may have gone abroad."""
    lost = audit.rows[FLOWS].rejected
    complete = FLOWS in audit.options.complete and not lost
    return [
        {
            "layer": exports.layer.value,
            "complete": complete,
            "years": [_year(exports, year, complete=complete) for year in exports.years.to_dicts()],
        }
        for exports in audit.judgement.exports
    ]


def _year(exports: Exports, year: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
    countries = exports.countries.filter(year=year["year"]).drop("year")
    return {
        **year,
        "tier": _tier(exports, year, complete=complete),
        "countries": countries.to_dicts(),
    }


def _tier(exports: Exports, year: Mapping[str, Any], *, complete: bool) -> dict[str, str]:
    """The least tier and the gravest that the year may be of (semantics, section 8)."""
    least = exports.rule.tier(year["persons"], year["sensitive_persons"])
    most = exports.rule.tier(year["possible_persons"], year["possible_sensitive_persons"])
    if year["whole_base"] or not complete:
        most = ExportTier.ASSESSMENT
    return {"at_least": least.value, "at_most": most.value}
