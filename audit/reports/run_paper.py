"""The report of a run: what was audited, what was found, and what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.outcome import Audit, product_version
from audit.reports.conclusion import conclusion
from audit.reports.duty_pages import duties_told
from audit.reports.finding_pages import clauses_told, findings_told
from audit.reports.markup import Markup, element, facts, name, table
from audit.reports.paper import Paper, Section
from audit.reports.quality_pages import drafts_shown, limits, quality
from audit.reports.verdict_pages import conflicts_told, verdicts_told
from audit.sources.zones import zone_of
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.reports.duties import Key

_MARK_LETTERS = 12


def run_paper(audit: Audit, key: Key, language: Language) -> Paper:
    """The whole report, gravest things first."""
    fields = ("html-signed-by", "html-signed-on", "html-signed-as")
    return Paper(
        title=phrase("html-title", language),
        mark=mark_of(audit),
        under=packs_named(audit, language),
        conclusion=conclusion(audit, language),
        sections=_sections(audit, key, language),
        signed=tuple(phrase(each, language) for each in fields),
        language=language,
    )


def mark_of(audit: Audit) -> str:
    """The run's id as a title bears it."""
    return audit.run_id[:_MARK_LETTERS]


def packs_named(audit: Audit, language: Language) -> str:
    """The titles of the packs that judged."""
    return phrase("html-list", language).join(pack.title.into(language) for pack in audit.packs)


def _sections(audit: Audit, key: Key, language: Language) -> tuple[Section, ...]:
    """What the report says, in the order of reading; what is empty is left out."""
    told = {
        "about": about(audit, language),
        "conflicts": conflicts_told(audit, language),
        "verdicts": verdicts_told(audit, language),
        "findings": findings_told(audit, language),
        "duties": duties_told(audit, key, language),
        "drafts": drafts_shown(audit, language),
        "quality": quality(audit, language),
        "clauses": clauses_told(audit, language),
        "limits": limits(audit, key, language),
    }
    return tuple(
        Section(own, phrase(f"html-{own}", language), inside)
        for own, inside in told.items()
        if inside
    )


def about(audit: Audit, language: Language) -> Markup:
    """What was audited, under what, and until when."""
    options = audit.options
    zone = zone_of(options.timezone)
    as_of = f"{audit.as_of.astimezone(zone):%Y-%m-%d %H:%M:%S}" if audit.as_of else ""
    told = facts(
        (
            (phrase("html-run", language), element("code", audit.run_id)),
            (phrase("html-version", language), f"consent-audit {product_version()}"),
            (phrase("html-zone", language), options.timezone),
            (phrase("html-complete", language), ", ".join(options.complete)),
            (phrase("html-as-of", language), as_of),
        )
    )
    return Markup(told + _packs(audit, language) + _inputs(audit, language))


def _packs(audit: Audit, language: Language) -> Markup:
    names = ("html-layer", "html-pack", "html-pack-version", "html-digest")
    rows = [
        (
            phrase(f"layer-{pack.layer}", language),
            f"{pack.title.into(language)} ({pack.id})",
            pack.version,
            element("code", pack.digest),
        )
        for pack in audit.packs
    ]
    heading = element("h3", phrase("html-packs", language))
    return Markup(heading + table([phrase(each, language) for each in names], rows))


def _inputs(audit: Audit, language: Language) -> Markup:
    names = ("html-table", "html-file", "html-rows", "html-digest")
    files = sorted(audit.inputs, key=lambda file: (file.table, file.name))
    rows = [
        (file.table, name(file.name), f"{file.rows:,}", element("code", file.digest))
        for file in files
    ]
    heading = element("h3", phrase("html-inputs", language))
    return Markup(heading + table([phrase(each, language) for each in names], rows, {2}))
