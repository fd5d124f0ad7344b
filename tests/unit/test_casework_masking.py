"""No viewer reads the id or the name of a person who is a party, whatever is asked."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.casework import clausebook, mapping, partybook, quoting, streams
from audit.casework.comparing import Change
from audit.casework.desk import Desk
from audit.casework.exporting import Form
from audit.casework.findings import Filter, Turn
from audit.casework.journal import key_of
from audit.casework.masking import organisations, party_meant, register, telling_parties
from audit.casework.overviewing import trend
from audit.casework.roles import NotAllowed, Reader
from audit.casework.triaging import Ruling
from audit.casework.workspace import KeptRun
from audit.changes.reading import change_of
from audit.records.pseudonyms import pseudonym
from audit.triage.state import State
from audit.wording import Language
from tests.example_run import ADMIN, OFFICER, VIEWER, kept_run
from tests.judged import Flow, partner
from tests.kept import kept, several

# What belongs to people in the example: agents, a guarantor, and who is in no register.
PEOPLE = {
    *("AGENT-CHEN", "陈某", "AGENT-HE", "何某", "GUAR-WU", "吴某"),
    *("KIN-0021", "SHOP-77", "ADNET-Q", "AFF-EDU", "PTR-POWER", "PTR-GRID"),
}
MOST = Turn(size=1000)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


def texts(value: object) -> Iterator[str]:
    """Every text in an answer, however deep."""
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case _:
            for each in parts(value):
                yield from texts(each)


def parts(value: object) -> Iterable[object]:
    """What an answer is made of; a run is no answer, for its manifest is read by nobody here."""
    match value:
        case pl.DataFrame():
            return value.to_dicts()
        case dict():
            return [*value.keys(), *value.values()]
        case list() | tuple() | frozenset() | set():
            return value
        case _ if is_dataclass(value) and not isinstance(value, KeptRun):
            return [getattr(value, each.name) for each in fields(value)]
    return ()


def named(value: object) -> set[str]:
    """Who of the people stands in an answer."""
    said = "\n".join(texts(value))
    return {each for each in PEOPLE if each in said}


def called(function: Callable[..., Any], run: KeptRun, reader: Reader) -> object:
    """What a function or a method of the desk gives, asked with whatever it needs."""
    finding = Desk(run, ADMIN).page().frame.row(0, named=True)
    facts: dict[str, object] = {
        "self": Desk(run, reader),
        "run": run,
        "runs": [run],
        "reader": reader,
        "party": "AGY-COLLECT",
        "parties": sorted(PEOPLE),
        "party_id": "AGENT-CHEN",
        "asked": Filter(),
        "turn": MOST,
        "size": 1000,
        "fingerprint": finding["fingerprint"],
        "flow_id": finding["examples"][0],
        "form": Form.CSV,
        "language": Language.zh,
        "later": run,
        "findings": Desk(run, ADMIN).page().frame,
        "now": datetime(2026, 1, 1, tzinfo=UTC),
        "ruling": Ruling(State.OPEN, (), ""),
        "seen": 0,
        "identity": "no duty",
        "subject": "S-0016",
        "paper": "html",
        "change": Change.SAME,
        "supposed": change_of({"pack": [{"id": "telecom_agreement", "off": ["3-2-6"]}]}, ""),
    }
    parameters = inspect.signature(function).parameters.values()
    asked = {
        each.name: facts[each.name]
        for each in parameters
        if each.default is each.empty or each.name in {"turn", "size"}
    }
    if function is Desk.flows:
        del asked["size"]
    return function(**asked)


METHODS = [
    method
    for name, method in vars(Desk).items()
    if inspect.isfunction(method) and not name.startswith("_")
]
OTHERS = [
    *(mapping.relations_of, mapping.edges_of, mapping.cut_of, mapping.spread_of),
    *(mapping.chains_of, partybook.parties_of, partybook.received_by, streams.streams_of),
    *(clausebook.clause_books, quoting.quotable, trend),
]


@pytest.mark.parametrize("function", [*METHODS, *OTHERS], ids=lambda each: each.__name__)
def test_no_viewer_reads_who_is_a_person(run: KeptRun, function: Callable[..., Any]) -> None:
    try:
        told = called(function, run, VIEWER)
    except NotAllowed:
        return
    assert named(told) == set()


@pytest.mark.parametrize("reader", [OFFICER, ADMIN], ids=lambda each: each.role)
def test_officers_and_administrators_read_names(run: KeptRun, reader: Reader) -> None:
    assert named(Desk(run, reader).parties()) == PEOPLE
    page = Desk(run, reader).page(turn=MOST).frame
    assert {"AGENT-CHEN", "陈某", "KIN-0021"} <= named(page)
    assert "KIN-0021" in named(mapping.relations_of(run, reader))
    assert "KIN-0021" in named(mapping.chains_of(run, reader))
    assert "KIN-0021" in named(mapping.spread_of(run, reader, "AGY-COLLECT"))
    assert partybook.received_by(run, "KIN-0021", reader).height


def test_a_viewer_reads_the_role_and_a_keyed_pseudonym(run: KeptRun) -> None:
    key = key_of(run)
    mask = f"agent-{pseudonym(key, 'AGENT-CHEN')[:12]}"
    parties = Desk(run, VIEWER).parties()
    assert parties.row(by_predicate=pl.col("party_id") == mask, named=True)["name"] is None
    page = Desk(run, VIEWER).page(Filter(parties=(mask,))).frame
    assert page.height
    assert f"代理人/经办人（{mask}）" in page["cause_zh"].str.join().item()
    assert f"Agent or handler ({mask})" in page["cause_en"].str.join().item()
    stranger = f"party-{pseudonym(key, 'KIN-0021')[:12]}"
    assert stranger in Desk(run, VIEWER).facets()["parties"]["code"].to_list()


def test_organisations_are_told_as_they_are(run: KeptRun) -> None:
    told = Desk(run, VIEWER).parties()
    assert {"CARRIER", "CUSTOMER", "COURT-HZ", "PUBLIC", "LAW-FIRM"} <= set(told["party_id"])
    assert told.filter(pl.col("party_id") == "LAW-FIRM")["name"].item() == "明衡律师事务所"


def test_what_is_masked_is_who_is_a_person_or_may_be(run: KeptRun) -> None:
    masked = set(register(run)["party_id"]) - organisations(run)
    assert {each for each in PEOPLE if each.isascii()} <= masked
    told = register(run).filter(pl.col("party_id").is_in(list(masked)), pl.col("registered"))
    assert set(told["role"]) <= {"agent", "guarantor", "metering_vendor", "third_party"}


def test_a_viewer_finds_nobody_by_a_name_or_an_id(run: KeptRun) -> None:
    viewer, officer = Desk(run, VIEWER), Desk(run, OFFICER)
    for text in ("陈某", "agent-chen", "KIN-0021"):
        assert officer.page(Filter(text=text)).total
        assert viewer.page(Filter(text=text)).total == 0
    assert officer.page(Filter(parties=("AGENT-CHEN",))).total
    assert viewer.page(Filter(parties=("AGENT-CHEN",))).total == 0
    assert partybook.received_by(run, "AGENT-CHEN", VIEWER).is_empty()
    assert mapping.spread_of(run, VIEWER, "AGENT-CHEN").relations.is_empty()


def test_what_a_viewer_is_told_leads_back_to_the_same_party(run: KeptRun) -> None:
    tell = telling_parties(run, VIEWER)
    for party in register(run)["party_id"]:
        assert party_meant(run, VIEWER, tell(party)) == party
        assert party_meant(run, OFFICER, party) == party
    mine = partybook.received_by(run, "AGENT-CHEN", OFFICER)["data_category"]
    assert partybook.received_by(run, tell("AGENT-CHEN"), VIEWER)["data_category"].equals(mine)


def test_a_viewer_cannot_try_ids_on_a_fingerprint(run: KeptRun) -> None:
    told, plain = (Desk(run, reader).page(turn=MOST).frame for reader in (VIEWER, OFFICER))
    people = ~pl.all_horizontal(pl.col("sender", "recipient").is_in(list(organisations(run))))
    secret = set(plain.filter(people.fill_null(False))["fingerprint"])
    assert secret
    assert not secret & set(told["fingerprint"])
    assert set(plain["fingerprint"]) - secret <= set(told["fingerprint"])
    text = next(iter(secret))[:16]
    assert Desk(run, OFFICER).page(Filter(text=text)).total == 1
    assert Desk(run, VIEWER).page(Filter(text=text)).total == 0


def test_an_organisation_that_bears_a_persons_name_keeps_its_own(tmp_path: Path) -> None:
    rows = (
        partner("G-1", name="陈某") | {"role": "guarantor"},
        partner("PTR-3", name="陈某商行"),
    )
    flows = [
        *several("A", people=9, recipient="G-1"),
        *several("B", people=9, recipient="PTR-3", start=20),
    ]
    kept_one = kept(tmp_path / "run", flows, *rows)
    said = "".join(Desk(kept_one, VIEWER).page().frame["cause_zh"])
    assert "陈某商行（PTR-3）" in said
    assert "陈某（" not in said
    assert "G-1" not in said


@pytest.mark.parametrize("role", ["subject", "agent", "guarantor", "landlord", None])
def test_a_role_of_people_or_an_unknown_one_is_masked(tmp_path: Path, role: str | None) -> None:
    row = partner("X-1", name="周某") | {"role": role, "legal_role": None}
    made = kept(tmp_path / "run", [Flow("F1", recipient="X-1")], row)
    assert "X-1" not in organisations(made)


@pytest.mark.parametrize(
    ("role", "legal_role", "told"),
    [
        ("third_party", None, set()),
        ("third_party", "handler", {"X-1"}),
        ("landlord", "processor", {"X-1"}),
        ("guarantor", "handler", set()),
        ("carrier", None, {"X-1"}),
    ],
)
def test_the_register_may_say_that_it_is_an_organisation(
    tmp_path: Path, role: str, legal_role: str | None, told: set[str]
) -> None:
    row = partner("X-1", name="周某") | {"role": role, "legal_role": legal_role}
    made = kept(tmp_path / "run", [Flow("F1", recipient="X-1")], row)
    assert organisations(made) & {"X-1"} == told
