"""The tables as their schemas tell them: columns, headings, and the order of both."""

import json

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.problems import UsageRefused
from audit.records.tables import Kind, table
from audit.sources.export import TABLES
from audit.vocabulary import Listing

EXPECTED = {
    "flows": "flow_id occurred_at subject_id sender recipient data_categories purpose operation"
    " basis? evidence_id? channel? records?",
    "parties": "party_id name role purposes? data_categories? agreement_from? agreement_until?"
    " country? legal_role? licence? parent?",
    "consents": "consent_id subject_id document version? recipient? purposes? data_categories?"
    " kind given_at withdrawn_at? expires_at? effect?",
    "evidence": "evidence_id kind subject_id? issued_by? valid_from valid_until? amount?"
    " reference?",
}


@pytest.mark.parametrize("name", TABLES)
def test_columns(name: str) -> None:
    told = [column.name + "?" * (not column.required) for column in table(name).columns]
    assert " ".join(told) == EXPECTED[name]


@pytest.mark.parametrize("name", TABLES)
def test_schemas_are_schemas_in_both_languages(name: str) -> None:
    schema = json.loads(consent_schemas.path("records", f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, registry=Registry())
    for described in (schema, *schema["properties"].values()):
        zh, separator, en = described["description"].partition(" · ")
        assert separator
        assert not zh.isascii()
        assert en.isascii()


@pytest.mark.parametrize("name", TABLES)
def test_every_heading_names_one_column_and_every_column_has_a_chinese_one(name: str) -> None:
    about = table(name)
    layout = about.layout({})
    headings = [heading for column in about.columns for heading in (column.name, *column.aliases)]
    assert len(layout.spellings) == len(set(headings)) == len(headings)
    assert all(column.aliases for column in about.columns)


@pytest.mark.parametrize("name", TABLES)
def test_codes_come_from_lists_that_exist(name: str) -> None:
    listings = {column.listing for column in table(name).columns} - {None}
    assert listings <= set(Listing)


def test_what_a_bare_date_means() -> None:
    kinds = {
        column.name: column.kind
        for name in TABLES
        for column in table(name).columns
        if column.kind.is_time
    }
    assert kinds == {
        "occurred_at": Kind.instant,
        **dict.fromkeys(
            ["agreement_from", "given_at", "withdrawn_at", "valid_from"], Kind.day_start
        ),
        **dict.fromkeys(["agreement_until", "expires_at", "valid_until"], Kind.day_end),
    }


def test_a_rename_goes_before_the_aliases_and_must_aim_at_a_column() -> None:
    layout = table("flows").layout({"Name of Sender": "recipient", "sender": "subject_id"})
    assert layout.column("nameofsender") == "recipient"
    assert layout.column("SENDER") == "subject_id"
    assert layout.column("提供方") == "sender"
    with pytest.raises(UsageRefused):
        table("flows").layout({"a": "colour"})
