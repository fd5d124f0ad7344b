"""The points of a compliance audit: the clauses of the packs that ship belong to them."""

from audit.clauses.clause import Source
from audit.clauses.reading import load_packs
from audit.reports.points import audit_points
from audit.wording import Language

PACKS = ("telecom_agreement", "cn_statute")
# Service duties of the agreement and its service rules, of which the annex says nothing.
OUTSIDE = {"2-4d", "csr-callback-enrol", "csr-callback-complaint", "csr-allotted"}


def named() -> set[tuple[str | None, str]]:
    return {
        (pack.layer.value, each)
        for pack in load_packs(PACKS)
        for each in (*(c.id for c in pack.clauses), *(d.id for d in pack.duties))
    }


def test_clauses_and_duties_belong_to_points_but_those_that_the_annex_does_not_know() -> None:
    """A clause that is new and has no point yet is told at the end of a working paper."""
    outside = {clause for _, clause in named() - audit_points().of.keys()}
    assert outside >= OUTSIDE
    assert len(outside) < len(named()) / 10


def test_a_point_names_nothing_that_there_is_not() -> None:
    supplements = {("contract", "consent (supplement)")}
    unwritten = {("contract", "no-ground"), ("statute", "no-ground")}
    checks = {(None, each) for each in ("onward", "unreceived", "unregistered", "unseen")}
    assert audit_points().of.keys() <= named() | supplements | unwritten | checks


def test_the_points_stand_in_the_order_of_the_annex_which_nobody_checked() -> None:
    points = audit_points()
    assert [each.id for each in points.points] == [
        "legal-ground",
        "rules",
        "notice",
        "joint",
        "entrusted",
        "merger",
        "supply",
        "automated",
        "publication",
        "public-places",
        "public-data",
        "sensitive",
        "under-14",
        "export",
        "deletion",
        "rights",
        "explanations",
        "internal-rules",
        "security",
        "training",
        "officer",
        "impact",
        "plans",
        "incident",
        "platforms",
    ]
    assert points.source is Source.UNVERIFIED


def test_a_point_says_what_flows_show_where_they_show_anything() -> None:
    for point in audit_points().points:
        assert (point.tested is None) == (point.places == ())
        for told in (point.title, point.untested, *([point.tested] if point.tested else [])):
            assert all(told.into(language).strip() for language in Language)
