"""How many persons were supplied abroad, a line a year; no verdict rests on it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.cli.page import Block, Heading, Line, Tone
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Audit

_COUNTRIES = 8
_COUNTS = ("persons", "possible_persons", "sensitive_persons", "possible_sensitive_persons")


def exports_page(audit: "Audit", language: Language) -> Iterator[Block]:
    """The years in which something may have gone abroad; nothing where there are none."""
    from audit.reports.exports import exports_told

    for told in exports_told(audit):
        if not told["years"]:
            continue
        yield Heading(phrase("exports-heading", language))
        yield from (line for year in told["years"] for line in _year(year, language))
        if not told["complete"]:
            yield Line(phrase("exports-incomplete", language), Tone.doubt, indent=1)


def _year(year: Mapping[str, Any], language: Language) -> Iterator[Line]:
    tiers = year["tier"]
    same = tiers["at_least"] == tiers["at_most"]
    named = {name: phrase(f"exports-tier-{tier}", language) for name, tier in tiers.items()}
    counts = {name: f"{year[name]:,}" for name in _COUNTS}
    tier = phrase("exports-tier" if same else "exports-tiers", language, **named)
    yield Line(
        phrase("exports-year", language, year=str(year["year"]), tier=tier, **counts), indent=1
    )
    listed = sorted(
        year["countries"], key=lambda each: (-each["possible_persons"], -each["persons"])
    )
    told = [_country(each, language) for each in listed[:_COUNTRIES]]
    more = len(listed) - _COUNTRIES
    if more > 0:
        told.append(phrase("exports-more", language, left=more))
    yield Line(phrase("clause-list", language).join(told), indent=2)


def _country(each: Mapping[str, Any], language: Language) -> str:
    from audit import Listing, coded

    code = each["country"]
    unknown = phrase("exports-unknown", language)
    people = each["possible_persons"] or each["possible_sensitive_persons"]
    return phrase(
        "exports-country",
        language,
        country=coded(Listing.countries, code, language) if code else unknown,
        flows=f"{each['possible_flows']:,}",
        people=f"{people:,}",
    )
