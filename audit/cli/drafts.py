"""What drafts would change, a line each: they decided nothing of what the summary told before."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.cli.page import Block, Heading, Line
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Audit


def drafts_page(audit: "Audit", language: Language) -> Iterator[Block]:
    """The drafts of the packs that would move a flow; nothing where there are none."""
    from audit.reports.drafts import drafts_told

    moving = [each for each in drafts_told(audit) if each["flows"]]
    if moving:
        yield Heading(phrase("drafts-heading", language))
    yield from (Line(_draft(each, language), indent=1) for each in moving)


def _draft(told: Mapping[str, Any], language: Language) -> str:
    from audit import Listing, moves_told, people_told
    from audit.evaluation.telling import called

    first = told["relations"][0]
    return phrase(
        "drafts-line",
        language,
        clause=told["clause"],
        layer=phrase(f"layer-{told['layer']}", language),
        flows=f"{told['flows']:,}",
        people=people_told(told["subjects"], told["whole_base"], language),
        moves=moves_told(told["changes"], language),
        most=f"{first['sender']} → {first['recipient']}",
        operation=called(Listing.operations, first["operation"], language),
        purpose=called(Listing.purposes, first["purpose"], language),
        count=f"{first['flows']:,}",
    )
