"""What the record of processing holds, and what it says of registers that flows contradict."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import polars as pl
import pytest

from audit.outcome import Audit
from audit.reports.ropa import band, record_of
from audit.reports.ropa_words import RecordWords
from audit.vocabulary import CUSTOMER, HOME_COUNTRY, Listing, load_vocabulary
from audit.wording import Language
from tests.judged import DAWN, Flow, audited, carrier, judgement, parties, partner
from tests.reported import example


@cache
def words(language: Language = Language.en) -> RecordWords:
    return RecordWords(example(), language)


def of(audit: Audit, party: str) -> dict[str, list[str]]:
    found = record_of(audit).contradictions.filter(party=party)
    return {
        f"{row['kind']} {row['listing'] or ''}".strip(): row["codes"] for row in found.to_dicts()
    }


def seen(*flows: Flow, **told: object) -> Audit:
    """These flows, and a partner whose row of the register says this."""
    plain = audited(judgement(*flows), parties(carrier(), partner("PTR-1", "service")))
    mine = pl.col("party_id") == "PTR-1"
    changed = [
        pl.when(mine).then(pl.lit(value, plain.parties.schema[name])).otherwise(name).alias(name)
        for name, value in told.items()
    ]
    nodes = [each for each in changed if each.meta.output_name() in plain.graph.nodes.columns]
    graph = replace(plain.graph, nodes=plain.graph.nodes.with_columns(nodes))
    return replace(plain, parties=plain.parties.with_columns(changed), graph=graph)


def test_every_relation_that_was_seen_is_part_of_an_activity() -> None:
    recorded = {
        (row["holder"], row["purpose"], operation, category)
        for row in record_of(example()).activities.to_dicts()
        for operation in row["operations"]
        for category in row["categories"]
    }
    for edge in example().edges.to_dicts():
        holders = {edge["sender"], edge["recipient"]} - {CUSTOMER}
        held = {
            (each, edge["purpose"], edge["operation"], edge["data_category"]) for each in holders
        }
        assert held & recorded, edge


def test_every_recipient_abroad_or_of_no_known_country_is_a_supply_abroad() -> None:
    abroad = example().graph.nodes.filter(pl.col("country").ne_missing(HOME_COUNTRY))["party_id"]
    edges = example().edges.filter(
        pl.col("recipient").is_in(abroad.implode()), pl.col("sender") != pl.col("recipient")
    )
    told = record_of(example()).transfers
    key = ["sender", "recipient", "purpose"]
    assert sorted(told.select(key).rows()) == sorted(edges.select(key).unique().rows())
    assert None in told["country"].to_list()


def test_grounds_are_clauses_that_allow_and_the_gravest_verdict_is_told() -> None:
    for row in record_of(example()).activities.to_dicts():
        if row["verdict"] in {"permitted", "excepted"}:
            assert row["grounds"], row
        assert not [each for each in row["grounds"] if each.endswith("/no-ground")]


def test_what_people_hand_over_is_the_activity_of_who_receives_it() -> None:
    people = load_vocabulary().roles_of_people("yes")
    persons = {row["party_id"] for row in example().parties.to_dicts() if row["role"] in people}
    assert persons & set(example().edges["sender"])
    assert not persons & set(record_of(example()).activities["holder"])


def test_the_carrier_comes_first_and_parties_that_act_for_others_stand_apart() -> None:
    told = record_of(example())
    assert told.activities["holder"][0] == "CARRIER"
    acting = set(told.activities.filter("acts_for_others")["holder"])
    registered = example().parties.filter(pl.col("legal_role") == "processor")["party_id"]
    assert acting <= set(registered) | {"SUB-FITTER"}
    assert "PTR-INSTALL" in set(told.entrusted["processor"])


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (0, "0"),
        (1, "<5"),
        (4, "<5"),
        (5, "5–99"),
        (99, "5–99"),
        (100, "100–999"),
        (999_999, "100,000–999,999"),
        (1_000_000, "≥1,000,000"),
        (None, "0"),
    ],
)
def test_people_are_bands(people: int | None, told: str) -> None:
    frame = pl.DataFrame({"people": [people]}, schema={"people": pl.Int64()})
    assert frame.select(band(pl.col("people"))).item() == told


def test_no_day_no_customer_and_no_natural_person_is_named() -> None:
    people = set(load_vocabulary().roles_of_people("yes"))
    roles = {entry.label.zh for entry in load_vocabulary().entries[Listing.roles].values()}
    register = example().parties.to_dicts()
    names = [row["name"] for row in register if row["role"] in people and row["name"] not in roles]
    assert names
    for language in Language:
        for table in words(language).tables():
            of_contract = [n for n, each in enumerate(table.columns) if each == "contract"]
            cells = [
                cell for row in table.rows for n, cell in enumerate(row) if n not in of_contract
            ]
            text = "\n".join(cells)
            assert not re.search(r"\d{4}-\d\d-\d\d", text)
            assert not re.search(r"\bS-\d{4}\b", text)
            assert not [name for name in names if name and name in text]


def test_the_example_contradicts_its_register() -> None:
    told = {
        f"{row['party']} {row['kind']}" for row in record_of(example()).contradictions.to_dicts()
    }
    assert {
        "ADNET-Q unregistered",
        "PTR-GRID rejected",
        "PTR-BACKUP unseen",
        "AFF-CLOUD after",
        "PTR-CALL outside",
        "PTR-CALL unclear",
        "TAX-HZ no-country",
        "PTR-METER no-standing",
    } <= told
    assert not [each for each in told if each.startswith(("CARRIER ", "CUSTOMER "))]


def test_what_is_declared_and_what_came_are_compared_by_what_covers_what() -> None:
    flow = Flow(
        "F1", purpose="marketing", units={"contact.phone": Flow("F").units["contact.phone"]}
    )
    told = of(seen(flow, purposes=["service"], data_categories=["contact", "health"]), "PTR-1")
    assert told["outside purposes"] == ["marketing"]
    assert told["unused purposes"] == ["service"]
    assert told["unused categories"] == ["health"]
    assert "outside categories" not in told
    vague = of(seen(flow, purposes=["marketing.own"]), "PTR-1")
    assert vague["unclear purposes"] == ["marketing"]
    assert "unused purposes" not in vague


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"agreement_from": datetime(2025, 1, 2, tzinfo=UTC)}, "before"),
        ({"agreement_until": DAWN}, "after"),
        ({"legal_role": None}, "no-standing"),
        ({"country": None}, "no-country"),
        ({"role": "processor", "legal_role": "handler"}, "standing"),
        ({"role": "third_party", "legal_role": "processor"}, "standing"),
        ({"legal_role": "processor", "data_categories": None}, "undeclared categories"),
    ],
)
def test_a_row_that_its_flows_contradict_is_told(told: dict[str, object], kind: str) -> None:
    sound = {
        "agreement_from": DAWN,
        "agreement_until": datetime(2026, 1, 1, tzinfo=UTC),
        "legal_role": "handler",
        "country": HOME_COUNTRY,
    }
    assert kind not in of(seen(Flow("F1"), **sound), "PTR-1")
    assert kind in of(seen(Flow("F1"), **{**sound, **told}), "PTR-1")


def test_words_have_the_labels_of_the_vocabulary() -> None:
    row = record_of(example()).activities.row(0, named=True)
    (table,) = (each for each in words(Language.zh).tables() if each.name == "activities")
    label = load_vocabulary().label(Listing.purposes, row["purpose"]).zh
    assert table.rows[0][table.columns.index("purpose")] == label
    assert "未记录" in table.rows[0]


def test_a_contract_is_told_with_its_last_day() -> None:
    table = next(each for each in words().tables() if each.name == "parties")
    contract = table.columns.index("contract")
    told = {row[0]: row[contract] for row in table.rows}
    assert next(said for party, said in told.items() if "PTR-INSTALL" in party) == (
        "2024-01-01 – 2025-09-30"
    )
