"""fides manifests: systems as parties, declarations as flows, keys as codes where one holds."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.problems import InputRefused, UsageRefused
from audit.sources.opening import open_export
from audit.sources.strict import broken_rules, validator
from audit.sources.taxonomy import codes_of_keys
from audit.vocabulary import Listing, lineage, load_vocabulary
from tests.commanding import HOUSE
from tests.exporting import toml_file

MANIFEST = ("fides", "manifest.schema.json")
SYSTEM: dict[str, Any] = {"fides_key": "crm", "privacy_declarations": []}


def test_a_key_is_read_as_a_code_that_holds_all_that_falls_under_it() -> None:
    vocabulary = load_vocabulary()
    for listing in (Listing.categories, Listing.purposes):
        entries = vocabulary.entries[listing]
        parents = {code: entry.parent for code, entry in entries.items()}
        read = codes_of_keys(vocabulary, listing)
        assert len(read) > 10
        for key, code in read.items():
            below = [c for c, each in entries.items() if f"{each.fides}.".startswith(f"{key}.")]
            assert below
            assert all(code in lineage(parents, each) for each in below)
            assert entries[code].personal in {"yes", None}


def test_a_key_that_could_mean_several_things_is_not_read() -> None:
    vocabulary = load_vocabulary()
    categories = codes_of_keys(vocabulary, Listing.categories)
    purposes = codes_of_keys(vocabulary, Listing.purposes)
    assert not {"user", "user.financial", "user.content.private", "system.operations"} & {
        *categories
    }
    assert not {"user.unique_id.pseudonymous", "user.telemetry"} & {*categories}
    assert not {"essential.service", "marketing", "third_party_sharing", "finance"} & {*purposes}
    assert categories["user.contact.phone_number"] == "contact.phone"
    assert purposes["essential.service.operations.support"] == "service"


def source(tmp_path: Path, content: str, name: str = "m.yml") -> Path:
    (tmp_path / name).write_text(content, encoding="utf-8")
    how = {"as_of": "2025-05-06T00:00:00+08:00", "operation": "share", "subject": "*"}
    tables = {
        "flows": {"format": "fides", "paths": [name], **how},
        "parties": {"format": "fides", "paths": [name]},
    }
    return toml_file(tmp_path / "export.toml", {"tables": tables})


def rows(tmp_path: Path, content: str, table: str) -> list[dict[str, Any]]:
    (file,) = open_export(source(tmp_path, content)).files(table)
    return pl.read_parquet(file.path).to_dicts()


def test_scalars_are_text_and_what_is_not_said_is_nothing(tmp_path: Path) -> None:
    text = """
system:
  - fides_key: no
    name: ~
    privacy_declarations: []
    meta: {consent_audit: {role: "null", country: NO}}
---
system:
  - {fides_key: 1_0, name: 2024-01-01, privacy_declarations: []}
"""
    told = [
        (row["party_id"], row["name"], row["role"], row["country"])
        for row in rows(tmp_path, text, "parties")
    ]
    assert told == [("no", "no", "null", "NO"), ("1_0", "2024-01-01", None, None)]


def test_a_code_of_ours_in_a_manifest_is_a_key_of_fides_and_not_read(tmp_path: Path) -> None:
    text = """
system:
  - fides_key: crm
    egress: [{fides_key: x, type: system}]
    ingress: [{fides_key: y, type: user}]
    privacy_declarations:
      - data_use: marketing
        data_categories: [aggregate.anonymous, user.contact.email]
        data_subjects: [customer]
        egress: [x, z]
        ingress: [y]
"""
    told = {row["flow_id"]: row for row in rows(tmp_path, text, "flows")}
    assert [*told] == ["crm/1/egress/x", "crm/1/egress/fides:z", "crm/1/ingress/user:y"]
    flow = told["crm/1/egress/x"]
    assert flow["purpose"] == "fides:marketing"
    assert flow["data_categories"] == ["contact.email", "fides:aggregate.anonymous"]
    back = told["crm/1/ingress/user:y"]
    assert (back["sender"], back["recipient"]) == ("user:y", "crm")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("system: [&a {fides_key: x, privacy_declarations: []}, *a]", "yaml-broken"),
        ("system: [!!python/object:os.system {fides_key: x}]", "yaml-broken"),
        ("system: []\nsystem: []", "yaml-broken"),
        ("system: [", "yaml-broken"),
        ("? [a]\n: b", "yaml-broken"),
        ("- system", "manifest-broken"),
        ("system: [{fides_key: x}]", "manifest-broken"),
        ("system: [{fides_key: CUSTOMER, privacy_declarations: []}]", "manifest-broken"),
        ("system: [{fides_key: 'a b', privacy_declarations: []}]", "manifest-broken"),
    ],
)
def test_a_manifest_that_is_not_understood_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_export(source(tmp_path, text))
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["file"]) == (code, "m.yml")


ALIASES = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))])


@pytest.mark.parametrize("text", [ALIASES, "[" * 20_000, "{a: " * 20_000])
def test_a_bomb_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_export(source(tmp_path, text))
    assert [problem.facts["file"] for problem in refusal.value.problems]


@pytest.mark.parametrize(
    "said",
    [
        {"format": "fides", "paths": ["m.yml"]},
        {"format": "fides", "paths": ["m.yml"], "as_of": "", "operation": "share", "subject": "*"},
    ],
)
def test_what_no_manifest_tells_must_be_said(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "m.yml").touch()
    with pytest.raises(UsageRefused):
        open_export(toml_file(tmp_path / "export.toml", {"tables": {"flows": said}}))


def test_a_format_makes_only_the_tables_that_it_can(tmp_path: Path) -> None:
    said = {"consents": {"format": "fides", "paths": ["m.yml"]}}
    with pytest.raises(UsageRefused):
        open_export(toml_file(tmp_path / "export.toml", {"tables": said}))


@pytest.mark.parametrize(
    ("manifest", "is_sound"),
    [
        ({}, True),
        ({"system": None, "dataset": [{}]}, True),
        ({"system": [SYSTEM]}, True),
        ({"system": [{**SYSTEM, "meta": {"consent_audit": {"role": "carrier"}}}]}, True),
        ({"system": [{**SYSTEM, "meta": {"consent_audit": {"rôle": "carrier"}}}]}, False),
        ({"system": [{**SYSTEM, "egress": [{"fides_key": "a", "type": "person"}]}]}, False),
        ({"system": SYSTEM}, False),
        ({"system": [{**SYSTEM, "privacy_declarations": [{"data_use": "a"}]}]}, False),
    ],
)
def test_the_published_schema_says_what_is_accepted(manifest: object, is_sound: bool) -> None:  # noqa: FBT001
    assert ([*broken_rules(manifest, validator(MANIFEST))] == []) is is_sound


def test_the_example_is_in_the_schema() -> None:
    from audit.sources.yaml_values import documents

    for file in (HOUSE / "examples" / "fides" / "manifests").iterdir():
        for manifest in documents(file.read_text(encoding="utf-8")):
            assert [*broken_rules(manifest, validator(MANIFEST))] == []
