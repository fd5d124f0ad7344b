"""The vocabulary: lists that hold together, and what covers what."""

import json
import shutil
import tomllib
from importlib.resources import as_file
from itertools import product
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit import vocabulary as subject
from audit.clauses.reading import load_packs
from audit.problems import Problem, UsageRefused
from audit.vocabulary import (
    Entry,
    EvidenceKind,
    Listing,
    Sensitivity,
    Truth,
    covers,
    faults,
    lineage,
    load_vocabulary,
)
from audit.wording import Bilingual

VOCABULARY = load_vocabulary()
TREES = {"purposes": VOCABULARY.purposes, "categories": VOCABULARY.categories}
FALSE, UNKNOWN, TRUE = Truth


def entry(code: str, parent: str | None = None) -> Entry:
    return Entry(code, Bilingual(zh=code, en=code), parent)


@pytest.mark.parametrize("listing", Listing)
def test_a_list_is_of_the_form_that_the_schema_asks(listing: Listing) -> None:
    schema = json.loads(consent_schemas.path("vocabulary.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    text = consent_schemas.path("vocabulary", f"{listing}.toml").read_text(encoding="utf-8")
    found = Draft202012Validator(schema, registry=Registry()).iter_errors(tomllib.loads(text))
    assert [error.message for error in found] == []


def test_no_file_of_the_folder_is_left_unread() -> None:
    files = {file.name for file in consent_schemas.path("vocabulary").iterdir()}
    assert files == {f"{listing}.toml" for listing in Listing}


@pytest.mark.parametrize("tree", TREES)
def test_a_dotted_code_stands_below_what_comes_before_its_last_dot(tree: str) -> None:
    for code, parent in TREES[tree].items():
        assert (parent or "") == code.rpartition(".")[0]


@pytest.mark.parametrize("listing", Listing)
def test_every_code_has_a_name_in_both_languages(listing: Listing) -> None:
    for code in VOCABULARY.entries[listing]:
        label = VOCABULARY.label(listing, code)
        assert label.zh.strip()
        assert label.en.strip()


def test_a_code_that_two_lists_have_is_named_by_its_list() -> None:
    as_purpose = VOCABULARY.label(Listing.purposes, "credit.report")
    as_category = VOCABULARY.label(Listing.categories, "credit.report")
    assert (as_purpose.en, as_category.en) == ("Report to a credit bureau", "Credit report")


def test_an_unmapped_code_is_called_by_itself() -> None:
    assert VOCABULARY.label(Listing.roles, "landlord") == Bilingual(zh="landlord", en="landlord")


def test_the_codes_that_mechanisms_name_are_in_the_lists() -> None:
    assert {subject.ROLE_SUBJECT, subject.ROLE_CARRIER} <= set(VOCABULARY.roles)
    assert subject.OPERATION_CONTACT in VOCABULARY.operations


def test_countries_are_the_two_letter_codes() -> None:
    assert {"CN", "HK", "MO", "TW", "SG", "US"} <= set(VOCABULARY.countries)
    assert all(len(code) == 2 and code.isupper() for code in VOCABULARY.countries)
    assert list(VOCABULARY.countries) == sorted(VOCABULARY.countries)


def test_channels_are_grouped() -> None:
    groups = {code: entry.group for code, entry in VOCABULARY.entries[Listing.channels].items()}
    assert (groups["sms"], groups["rcs"], groups["hall"]) == ("listed", "open", "data")


def test_evidence_kinds_are_matched_as_declared() -> None:
    entries = VOCABULARY.entries[Listing.evidence_kinds]
    kinds = VOCABULARY.evidence_kinds
    of_every_pack = {code: kinds[code] for code in kinds if entries[code].declared_by is None}
    assert of_every_pack == {
        "arrears": EvidenceKind(amount=True),
        "legal_request": EvidenceKind(issued_by_recipient=True),
        "public_interest": EvidenceKind(independent=True, subject_optional=True),
        "emergency": EvidenceKind(other_person=True),
        "statute": EvidenceKind(subject_optional=True),
        "notice": EvidenceKind(),
    }


def test_sensitivity_of_an_unmapped_category_is_not_known() -> None:
    assert VOCABULARY.sensitivity("location.trace") is Sensitivity.yes
    assert VOCABULARY.sensitivity("identity.name") is Sensitivity.no
    assert VOCABULARY.sensitivity("shoe_size") is None


@pytest.mark.parametrize(
    ("code", "members", "expected"),
    [
        ("service.billing", ["service.billing"], TRUE),
        ("service.billing", ["service"], TRUE),
        ("service.payment.wallet", ["service"], TRUE),
        ("service", ["service.billing"], UNKNOWN),
        ("service.billing", ["service.payment"], FALSE),
        ("service.billing", ["marketing", "service"], TRUE),
        ("service", ["marketing", "service.billing"], UNKNOWN),
        ("service.billing", ["marketing", "unmapped"], UNKNOWN),
        ("service.billing", ["unmapped", "service"], TRUE),
        ("service.billing", ["unmapped"], UNKNOWN),
        ("unmapped", ["unmapped"], UNKNOWN),
        ("unmapped", ["service"], UNKNOWN),
        (None, ["service"], UNKNOWN),
        ("service.billing", None, UNKNOWN),
        ("service.billing", [], UNKNOWN),
        ("serv", ["service"], UNKNOWN),
    ],
)
def test_covers(code: str | None, members: list[str] | None, expected: Truth) -> None:
    assert covers(VOCABULARY.purposes, code, members) is expected


@pytest.mark.parametrize("tree", TREES)
def test_a_narrower_code_never_turns_yes_into_no_or_back(tree: str) -> None:
    codes = TREES[tree]
    for code, member in product(codes, codes):
        broad = covers(codes, codes[code], [member]) if codes[code] else UNKNOWN
        assert broad in {UNKNOWN, covers(codes, code, [member])}


def test_the_lineage_starts_with_the_code_itself() -> None:
    line = lineage(VOCABULARY.purposes, "service.payment.wallet")
    assert line == ("service.payment.wallet", "service.payment", "service")


def test_all_faults_of_a_list_are_told_at_once() -> None:
    broken = [entry("a", "b"), entry("b", "a"), entry("b", "a"), entry("c", "nowhere")]
    assert faults("purposes", broken) == [
        Problem("vocabulary-twice", {"listing": "purposes", "code": "b"}),
        Problem("vocabulary-orphan", {"listing": "purposes", "code": "c", "parent": "nowhere"}),
        Problem("vocabulary-circle", {"listing": "purposes", "code": "a -> b -> a"}),
    ]


def test_a_broken_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_file(consent_schemas.path("vocabulary")) as shipped:
        shutil.copytree(shipped, tmp_path / "vocabulary")
    roles = tmp_path / "vocabulary" / "roles.toml"
    roles.write_text(
        roles.read_text(encoding="utf-8") + '[[entry]]\ncode = "carrier"\nzh = "乙"\nen = "B"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(consent_schemas, "path", tmp_path.joinpath)
    with pytest.raises(UsageRefused) as refused:
        load_vocabulary.__wrapped__()
    assert [problem.code for problem in refused.value.problems] == ["vocabulary-twice"]
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("pack", ["telecom_agreement", "cn_statute"])
def test_a_kind_of_evidence_means_the_same_with_its_pack_and_without(pack: str) -> None:
    (declaring,) = load_packs([pack])
    kinds = declaring.evidence_kinds
    assert kinds
    assert {code: VOCABULARY.evidence_kinds.get(code) for code in kinds} == kinds
