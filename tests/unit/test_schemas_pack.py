"""The schema of a clause pack: editors complete from it, and a slip of the pen does not pass."""

import copy
import json
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.clauses.conditions import WORDS, Argument
from audit.vocabulary import EvidenceKind, Listing, load_vocabulary
from audit.wording import sentences

SCHEMA: dict[str, Any] = json.loads(
    consent_schemas.path("clause_pack.schema.json").read_text(encoding="utf-8")
)
DEFINED: dict[str, Any] = SCHEMA["$defs"]
VALIDATOR = Draft202012Validator(SCHEMA, registry=Registry())
PACKS = [file for file in consent_schemas.path("packs").iterdir() if file.name.endswith(".toml")]
ENUMS = {
    Listing.roles: DEFINED["role"],
    Listing.operations: DEFINED["operation"],
    Listing.purposes: DEFINED["purpose"],
    Listing.categories: DEFINED["category"],
    Listing.channels: DEFINED["channel"],
    Listing.countries: DEFINED["country"],
    Listing.legal_roles: DEFINED["legal_role"],
    Listing.evidence_kinds: DEFINED["evidence_kind"]["anyOf"][0],
}
PLAIN = """
[pack]
id = "p"
version = "1.0.0"
layer = "contract"
title = { zh = "甲", en = "a" }

[triage.approver]
severity = ["critical", "high"]
clause = ["1-1"]

[[evidence_kind]]
code = "guarantee"
amount = true

[[clause]]
id = "1-1"
cite = "第一条"
effect = "permit"
exception_to = ["2-1"]
gist = { zh = "甲", en = "a" }
note = { zh = "甲", en = "a" }
draft = true
supplement = { cite = "第六条" }

[clause.when]
sender_role = ["carrier"]
recipient_role_not = ["public"]
operation = ["share", "use"]
operation_not = ["delete"]
purpose = ["service"]
purpose_not = ["service.content"]
data = ["identity"]
data_not = ["identity.biometric"]
channel = ["hall"]
channel_such_as = ["sms"]
recipient_country = ["CN"]
recipient_country_not = ["US"]
recipient_legal_role = ["processor"]
recipient_legal_role_not = ["joint"]
occurs_from = "2021-11-01"
occurs_before = "2026-01-01"
evidence_after = ["notice", "arrears"]
evidence = ["arrears", "guarantee"]
claimed = true
consented = true

[[clause]]
id = "2-1"
cite = "第二条"
effect = "forbid"
gist = { zh = "乙", en = "b" }
when = { evidence = "arrears" }
"""


def messages(document: object) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def objects(schema: object) -> Iterator[dict[str, Any]]:
    """Every schema inside this one that describes an object's keys."""
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects(part)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_packs_that_come_with_the_tool_are_valid(pack: Traversable) -> None:
    assert messages(tomllib.loads(pack.read_text(encoding="utf-8"))) == []


def test_a_pack_may_use_every_part_of_the_language() -> None:
    assert messages(tomllib.loads(PLAIN)) == []


@pytest.mark.parametrize("listing", Listing)
def test_editors_complete_from_the_vocabulary(listing: Listing) -> None:
    vocabulary = load_vocabulary()
    known = [vocabulary.entries[listing][code] for code in getattr(vocabulary, listing)]
    entries = [each for each in known if each.declared_by is None]  # the others a pack declares
    labels = [f"{entry.label.zh} · {entry.label.en}" for entry in entries]
    assert ENUMS[listing]["enum"] == [entry.code for entry in entries]
    assert ENUMS[listing]["x-taplo"]["docs"]["enumValues"] == labels


def test_the_words_are_those_of_the_language() -> None:
    words = DEFINED["when"]["properties"]
    spelt = {Argument.TRUE: "holds", Argument.EVIDENCE_KINDS: "evidence", Argument.DATE: "day"}
    expected = {name: spelt.get(word.argument, word.argument.value) for name, word in WORDS.items()}
    expected["evidence_after"] = "evidence_in_order"
    assert {name: word["$ref"].removeprefix("#/$defs/") for name, word in words.items()} == expected


def test_every_word_has_a_name_that_people_read() -> None:
    named = {key.removeprefix("word-") for key in sentences() if key.startswith("word-")}
    assert named == WORDS.keys()


def test_a_declared_kind_has_the_flags_of_evidence_kinds() -> None:
    flags = set(DEFINED["declared_kind"]["properties"]) - {"code"}
    assert flags == set(EvidenceKind.__dataclass_fields__)


def test_every_key_is_described_in_chinese_and_in_english() -> None:
    for schema in objects(SCHEMA):
        for key, described in schema["properties"].items():
            place = described if "description" in described else DEFINED[described["$ref"][8:]]
            chinese, english = place["description"].split(" · ")
            assert any("一" <= letter <= "鿿" for letter in chinese), key
            assert english.strip(), key


def test_no_object_takes_keys_that_it_does_not_name() -> None:
    assert all(schema["additionalProperties"] is False for schema in objects(SCHEMA))


WRONG = {
    "a misspelt word": (("clause", 0, "when", "purposes"), ["service"]),
    "an unmapped role": (("clause", 0, "when", "sender_role"), ["landlord"]),
    "an unmapped operation": (("clause", 0, "when", "operation"), ["sell"]),
    "an unmapped purpose": (("clause", 0, "when", "purpose"), ["service.other"]),
    "an unmapped category": (("clause", 0, "when", "data"), ["shoe_size"]),
    "an unmapped channel": (("clause", 0, "when", "channel"), ["pigeon"]),
    "an unmapped country": (("clause", 0, "when", "recipient_country"), ["cn"]),
    "a role that is no list": (("clause", 0, "when", "sender_role"), "carrier"),
    "an empty list": (("clause", 0, "when", "operation"), []),
    "a repeated code": (("clause", 0, "when", "operation"), ["use", "use"]),
    "a fact that is asked to be false": (("clause", 0, "when", "consented"), False),
    "a fact that is 1": (("clause", 0, "when", "consented"), 1),
    "no evidence kind": (("clause", 0, "when", "evidence"), []),
    "an evidence kind with a blank": (("clause", 0, "when", "evidence"), "a paper"),
    "no condition": (("clause", 0, "when"), {}),
    "an effect of our own": (("clause", 0, "effect"), "allow"),
    "a blank gist": (("clause", 0, "gist", "en"), " "),
    "a blank cite": (("clause", 0, "cite"), ""),
    "a third language": (("clause", 0, "gist", "fr"), "a"),
    "an id with a blank": (("clause", 0, "id"), "1-1 (supplement)"),
    "an id with a line end": (("clause", 0, "id"), "1-1\n"),
    "a draft that is a word": (("clause", 0, "draft"), "yes"),
    "a supplement without a place": (("clause", 0, "supplement"), {}),
    "a supplement that no consent is asked for": (("clause", 1, "supplement"), {"cite": "第六条"}),
    "a target that is no list": (("clause", 0, "exception_to"), "2-1"),
    "no clauses": (("clause",), []),
    "a version of two numbers": (("pack", "version"), "1.0"),
    "a version that is a number": (("pack", "version"), 1.0),
    "a third layer": (("pack", "layer"), "custom"),
    "a decision approved by severity": (("triage", "approver", "severity"), ["grave"]),
    "approval of nothing": (("triage", "approver"), {}),
    "an unknown part": (("rules",), []),
    "an unknown flag": (("evidence_kind", 0, "cash"), True),
}


@pytest.mark.parametrize(("path", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_slip_does_not_pass(path: tuple[Any, ...], value: object) -> None:
    document = copy.deepcopy(tomllib.loads(PLAIN))
    *way, last = path
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    assert messages(document) != []


@pytest.mark.parametrize("key", ["id", "cite", "effect", "gist", "when"])
def test_a_clause_is_complete(key: str) -> None:
    document = tomllib.loads(PLAIN)
    del document["clause"][0][key]
    assert messages(document) == [f"'{key}' is a required property"]


@pytest.mark.parametrize("key", ["id", "version", "layer", "title"])
def test_a_pack_is_complete(key: str) -> None:
    document = tomllib.loads(PLAIN)
    del document["pack"][key]
    assert messages(document) == [f"'{key}' is a required property"]
