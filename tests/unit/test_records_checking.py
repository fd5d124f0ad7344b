"""Tables checked: cells understood, rows rejected with reasons, registers and their taints."""

import csv
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.problems import InputRefused, UsageRefused
from audit.records.checking import FlowBatches, Registers, check_registers, flow_batches, reasons
from audit.records.rejecting import REJECTED
from audit.records.tables import table
from audit.sources import heading
from audit.sources.export import TABLES, Export
from audit.sources.opening import open_export
from audit.vocabulary import EvidenceKind, load_vocabulary
from audit.wording import Language

Row = Mapping[str, Any]

SOUND: dict[str, Row] = {
    "flows": {
        "flow_id": "F-1",
        "occurred_at": "2025-03-01T08:30:00+08:00",
        "subject_id": "13800138000",
        "sender": "CARRIER",
        "recipient": "P-1",
        "data_categories": "identity.name;contact.phone",
        "purpose": "service.notice",
        "operation": "share",
    },
    "parties": {"party_id": "P-1", "name": "甲", "role": "authorized_partner"},
    "consents": {
        "consent_id": "C-1",
        "subject_id": "13800138000",
        "document": "d",
        "kind": "agreement",
        "given_at": "2024-01-01",
    },
    "evidence": {"evidence_id": "E-1", "kind": "arrears", "valid_from": "2024-01-01"},
}


def export(folder: Path, **tables: Sequence[Row]) -> Export:
    """An export in CSV; each row says only what differs from the sound one."""
    for name in TABLES:
        rows = [{**SOUND[name], **row} for row in tables.get(name, [{}])]
        columns = [column.name for column in table(name).columns]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    return open_export(folder)


def registers(folder: Path, **tables: Sequence[Row]) -> Registers:
    return check_registers(export(folder, **tables), load_vocabulary())


def flows(folder: Path, *rows: Row, exclude: frozenset[str] | None = None) -> FlowBatches:
    return flow_batches(export(folder, flows=rows), load_vocabulary(), exclude)


def parts(batches: FlowBatches) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = list(batches)
    return pl.concat(batch.frame for batch in found), pl.concat(batch.rejected for batch in found)


def codes(rejected: pl.DataFrame) -> list[tuple[int, str | None, str]]:
    return rejected.select("position", "column", "code").rows()


def test_a_sound_flow_is_typed(tmp_path: Path) -> None:
    frame, rejected = parts(flows(tmp_path, {"records": "120"}))
    assert rejected.is_empty()
    assert rejected.schema == REJECTED
    assert frame.to_dicts() == [
        {
            "file": "flows.csv",
            "position": 2,
            **SOUND["flows"],
            "occurred_at": datetime(2025, 3, 1, 0, 30, tzinfo=UTC),
            "data_categories": ["identity.name", "contact.phone"],
            **dict.fromkeys(["basis", "evidence_id", "channel"]),
            "records": 120,
        }
    ]


def test_blanks_around_cells_and_items_are_not_meant(tmp_path: Path) -> None:
    row = {"flow_id": " F-1\u3000", "data_categories": " a ; b ;", "basis": "  ", "channel": "\t"}
    frame, _ = parts(flows(tmp_path, row))
    (told,) = frame.to_dicts()
    assert told["flow_id"] == "F-1"
    assert told["data_categories"] == ["a", "b"]
    assert told["basis"] is told["channel"] is None


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"flow_id": ""}, "flow_id", "cell-required"),
        ({"flow_id": "a\x00b"}, "flow_id", "cell-pattern"),
        ({"flow_id": "a\u200bb"}, "flow_id", "cell-pattern"),
        ({"flow_id": "\ufffd#N/A"}, "flow_id", "cell-pattern"),
        ({"flow_id": "x" * 257}, "flow_id", "cell-maxlength"),
        ({"occurred_at": ""}, "occurred_at", "cell-required"),
        ({"occurred_at": "2025-03-01"}, "occurred_at", "cell-instant"),
        ({"occurred_at": "2025-02-30T08:00Z"}, "occurred_at", "cell-instant"),
        ({"subject_id": " "}, "subject_id", "cell-required"),
        ({"sender": ""}, "sender", "cell-required"),
        ({"recipient": ""}, "recipient", "cell-required"),
        ({"data_categories": ""}, "data_categories", "cell-required"),
        ({"data_categories": ";"}, "data_categories", "cell-required"),
        ({"data_categories": "a;;b"}, "data_categories", "item-minlength"),
        ({"data_categories": ";a"}, "data_categories", "item-minlength"),
        ({"data_categories": "a;b\x07"}, "data_categories", "item-pattern"),
        ({"purpose": ""}, "purpose", "cell-required"),
        ({"operation": ""}, "operation", "cell-required"),
        ({"records": "-1"}, "records", "cell-minimum"),
        ({"records": "1.5"}, "records", "cell-integer"),
        ({"records": "many"}, "records", "cell-integer"),
        ({"records": "9000000001"}, "records", "cell-maximum"),
    ],
)
def test_a_flow_is_rejected_for_any_cell_that_cannot_be_read(
    tmp_path: Path, row: Row, column: str, code: str
) -> None:
    frame, rejected = parts(flows(tmp_path, {"flow_id": "F-0"}, row))
    assert codes(rejected) == [(3, column, code)]
    assert frame["flow_id"].to_list() == ["F-0"]


@pytest.mark.parametrize(("records", "read"), [("5.0", 5), ("007", 7), ("0", 0), ("", None)])
def test_whole_numbers(tmp_path: Path, records: str, read: int | None) -> None:
    frame, _ = parts(flows(tmp_path, {"records": records}))
    assert frame["records"].to_list() == [read]


def test_all_faults_of_a_record_are_one_reason_and_values_are_masked(tmp_path: Path) -> None:
    row = {"occurred_at": "13800138000", "subject_id": "", "records": "-120"}
    _, rejected = parts(flows(tmp_path, row))
    assert codes(rejected) == [(2, "occurred_at", "cell-instant")]
    assert rejected["value"].to_list() == ["13…0"]
    for language in Language:
        (reason,) = reasons(rejected, language)
        assert all(f"`{name}`" in reason for name in ("occurred_at", "subject_id", "records"))
        assert "13800138000" not in reason


@pytest.mark.parametrize(
    ("value", "shown"),
    [("abc", "…"), ("abcd", "a…"), ("abcdefgh", "ab…h"), ("甲乙丙\n丁戊己庚", "甲乙…庚")],
)
def test_masks(tmp_path: Path, value: str, shown: str) -> None:
    _, rejected = parts(flows(tmp_path, {"occurred_at": value}))
    assert rejected["value"].to_list() == [shown]


def test_rows_of_another_width_are_rejected_with_their_line(tmp_path: Path) -> None:
    export(tmp_path)
    with (tmp_path / "flows.csv").open("a") as file:
        file.write("short,row\n")
    frame, rejected = parts(flow_batches(open_export(tmp_path), load_vocabulary()))
    assert codes(rejected) == [(3, None, "row-width")]
    assert frame.height == 1
    assert reasons(rejected, Language.en).str.contains("has 2 cells, the heading 12").all()


def test_every_flow_that_carries_a_repeated_id_is_rejected(tmp_path: Path) -> None:
    rows = [
        {"flow_id": "F-1"},
        {"flow_id": "F-2"},
        {"flow_id": " F-1"},
        {"flow_id": "F-2", "sender": ""},
    ]
    first = flows(tmp_path, *rows, {"flow_id": "F-3"})
    assert first.foreseen() == frozenset({"F-1", "F-2"})  # or all would be judged twice
    first = flows(tmp_path, *rows, {"flow_id": "F-3"})
    parts(first)
    assert first.repeated() == {"F-1", "F-2"}
    again = flows(tmp_path, *rows, {"flow_id": "F-3"}, exclude=first.repeated())
    frame, rejected = parts(again)
    assert again.repeated() == first.repeated()
    assert frame["flow_id"].to_list() == ["F-3"]
    assert codes(rejected) == [(line, "flow_id", "id-repeated") for line in (2, 3, 4, 5)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_words_that_are_few_are_checked_as_cells_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Each word understood once, and each cell: the same flows, rejected for the same."""
    dice = random.Random(3)
    cells = {
        "occurred_at": ["2025-03-01T08:30:00+08:00", " 2025-03-01 08:30", "2025-03-01", "", "未知"],
        "sender": ["CARRIER", " CARRIER\u3000", "", " ", "甲"],
        "data_categories": [" a.b ; c", "a.b;c;", "c;;a", "", ";", '"x"', "甲;乙", "a\u200b"],
        "purpose": ["service.notice", "service.notice ", "", "业务需要", "\0", "p" * 129],
        "evidence_id": ["", " ", "E-1", "见\n附件"],
        "channel": ["", "ivr", "\u00a0ivr"],
        "records": ["", " 12", "12.0", "-1", "１２", "1e3"],
    }
    rows = [
        {"flow_id": f"F-{number}"}
        | {name: dice.choice(some) for name, some in cells.items() if dice.random() < 0.5}
        for number in range(2000)
    ]
    export(tmp_path, flows=rows)
    path = tmp_path / "flows.csv"
    path.write_bytes(path.read_bytes().decode().encode(encoding))
    found = open_export(tmp_path)
    by_word = parts(flow_batches(found, load_vocabulary()))
    monkeypatch.setattr(heading, "_FEWER", len(rows))
    by_cell = parts(flow_batches(found, load_vocabulary()))
    assert by_word[0].schema["sender"] == pl.Categorical
    assert by_cell[0].schema["sender"] == pl.String
    assert by_word[0].cast({pl.Categorical: pl.String}).equals(by_cell[0])
    assert by_word[1].equals(by_cell[1])
    assert 0 < by_cell[0].height < by_cell[1].height


def test_ids_are_unique_over_all_files_of_every_kind(tmp_path: Path) -> None:
    export(tmp_path, flows=[{"flow_id": "7"}, {"flow_id": "8"}])
    (tmp_path / "flows-2.jsonl").write_text(
        json.dumps({**SOUND["flows"], "flow_id": 7, "data_categories": ["a"]})
    )
    batches = flow_batches(open_export(tmp_path), load_vocabulary())
    assert parts(batches)[0].height == 3
    assert batches.repeated() == {"7"}
    assert flow_batches(open_export(tmp_path), load_vocabulary()).foreseen() is None
    assert [(file.name, file.rows) for file in batches.inputs] == [
        ("flows-2.jsonl", 1),
        ("flows.csv", 2),
    ]


def test_what_is_worth_telling_of_flows_is_counted(tmp_path: Path) -> None:
    naive = {"occurred_at": "2025-03-01T08:30"}
    strange = {"purpose": "cheese", "data_categories": "cheese;identity.name"}
    batches = flows(
        tmp_path,
        {"flow_id": "1", **naive},
        {"flow_id": "2", **naive, **strange},
        {"flow_id": "3", "channel": "owl", **strange},
    )
    list(batches)
    told = [(notice.code, *list(notice.facts.values())[1:]) for notice in batches.notices]
    assert told == [
        ("times-naive", "occurred_at", 2, "+08:00"),
        ("code-unmapped", "channel", "owl", 1),
        ("code-unmapped", "data_categories", "cheese", 2),
        ("code-unmapped", "purpose", "cheese", 2),
    ]


def test_of_many_unmapped_codes_the_first_are_told_with_exact_counts(tmp_path: Path) -> None:
    """However the flows are ordered: a code that is not told is never again among the first."""
    names = [f"c{number:02}" for number in range(40)]
    rows = [{"purpose": name} for name in [*reversed(names), *names]]
    path = tmp_path / "flows.csv"
    found = export(
        tmp_path, flows=[{"flow_id": str(place), **row} for place, row in enumerate(rows)]
    )
    lines = path.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines[1:]):
        (tmp_path / f"flows-{number:02}.csv").write_text(lines[0] + line)
    path.unlink()
    batches = flow_batches(open_export(tmp_path), load_vocabulary())
    list(batches)
    told = [notice for notice in batches.notices if notice.facts.get("column") == "purpose"]
    assert [notice.facts.get("code") for notice in told] == [*names[:20], None]
    assert {notice.facts["count"] for notice in told[:-1]} == {2}
    assert found.files("flows")


def test_times_follow_the_zone_of_the_export(tmp_path: Path) -> None:
    found = replace(export(tmp_path, flows=[{"occurred_at": "2025-03-01T08:30"}]), timezone="Z")
    frame, _ = parts(flow_batches(found, load_vocabulary()))
    assert frame["occurred_at"].to_list() == [datetime(2025, 3, 1, 8, 30, tzinfo=UTC)]


def test_columns_may_be_renamed(tmp_path: Path) -> None:
    export(tmp_path)
    path = tmp_path / "flows.csv"
    path.write_text(path.read_text().replace("subject_id", "whom"))
    found = open_export(tmp_path)
    renamed = replace(found, columns={"flows": {"Whom": "subject_id"}})
    assert parts(flow_batches(renamed, load_vocabulary()))[0].height == 1
    with pytest.raises(UsageRefused):
        flow_batches(replace(found, columns={"flows": {"a": "colour"}}), load_vocabulary())


def test_consents_end_at_the_earlier_of_withdrawal_and_expiry(tmp_path: Path) -> None:
    rows = [
        {"withdrawn_at": "2025-03-31", "expires_at": "2025-06-30"},
        {"withdrawn_at": "2025-07-02", "expires_at": "2025-06-30"},
        {"expires_at": "2025-12-31"},
        {"expires_at": "2025-06-30T24:00"[:10] + "T16:00Z"},
        {"withdrawn_at": "2025-07-01", "expires_at": "2025-06-30"},
        {"expires_at": "9999-12-31"},
        {},
    ]
    found = registers(
        tmp_path, consents=[{"consent_id": str(number), **row} for number, row in enumerate(rows)]
    ).consents.sort("consent_id")
    china = found.select(
        pl.col("ends_at", "settles_until")
        .dt.convert_time_zone("Asia/Shanghai")
        .dt.to_string("%F %H:%M")
    )
    assert china.rows()[:5] == [
        ("2025-03-31 00:00", "2025-05-01 00:00"),
        ("2025-07-01 00:00", "2025-08-01 00:00"),
        ("2026-01-01 00:00", "2026-02-01 00:00"),
        ("2025-07-01 00:00", "2025-09-01 00:00"),
        ("2025-07-01 00:00", "2025-08-01 00:00"),
    ]
    last = datetime.max.replace(tzinfo=UTC)
    assert found.select("ends_at", "settles_until").rows()[5:] == [
        (datetime(9999, 12, 31, 16, tzinfo=UTC), last),
        (None, None),
    ]
    assert found["effect"].to_list() == ["allow"] * 7


def test_the_registers_have_the_columns_that_the_audit_counts_on(tmp_path: Path) -> None:
    found = registers(tmp_path)
    assert found.parties.columns == [column.name for column in table("parties").columns]
    assert found.evidence.columns == [column.name for column in table("evidence").columns]
    assert found.consents.columns == [
        *("consent_id", "subject_id", "document", "version", "recipient", "purposes"),
        *("data_categories", "kind", "given_at", "withdrawn_at", "ends_at", "settles_until"),
        "effect",
    ]
    assert found.evidence.schema["amount"] == pl.Float64
    assert [file.table for file in found.inputs] == ["parties", "consents", "evidence"]


def test_missing_registers_are_empty_and_typed(tmp_path: Path) -> None:
    whole = registers(tmp_path)
    for name in TABLES[1:]:
        (tmp_path / f"{name}.csv").unlink()
    found = check_registers(open_export(tmp_path), load_vocabulary())
    for name in TABLES[1:]:
        assert getattr(found, name).is_empty()
        assert getattr(found, name).schema == getattr(whole, name).schema


def test_identical_repeats_are_dropped_and_others_rejected_with_their_taint(tmp_path: Path) -> None:
    rows = [
        {},
        {},
        {"consent_id": "C-2", "subject_id": "a"},
        {"consent_id": "C-2", "subject_id": "b"},
    ]
    found = registers(tmp_path, consents=rows)
    assert found.consents["consent_id"].to_list() == ["C-1"]
    assert found.dropped["consents"] == 1
    assert codes(found.rejected) == [(line, "consent_id", "id-conflict") for line in (4, 5)]
    assert found.taints.consent_subjects == {"a", "b"}
    assert "repeats-dropped" in {notice.code for notice in found.notices}


@pytest.mark.parametrize(
    ("row", "subjects", "everyone"),
    [
        ({"given_at": "soon"}, {"13800138000"}, False),
        ({"kind": "oral"}, {"13800138000"}, False),
        ({"effect": "maybe"}, {"13800138000"}, False),
        ({"recipient": "a\x00"}, {"13800138000"}, False),
        ({"subject_id": ""}, set(), True),
        ({"subject_id": "\ufffd"}, set(), True),
        ({"subject_id": "*"}, set(), True),
        ({"given_at": "soon", "subject_id": "a\x00"}, set(), True),
    ],
)
def test_a_rejected_consent_taints_whom_it_names(
    tmp_path: Path, row: Row, subjects: set[str], *, everyone: bool
) -> None:
    found = registers(tmp_path, consents=[row])
    assert found.consents.is_empty()
    assert found.rejected.height == 1
    assert found.taints.consent_subjects == subjects
    assert found.taints.all_consent_subjects is everyone
    assert not found.taints.all_evidence_subjects


@pytest.mark.parametrize(
    ("row", "subjects", "everyone"),
    [
        ({"valid_from": "soon", "subject_id": "a"}, {"a"}, False),
        ({"valid_from": "soon"}, set(), True),
        ({"valid_from": "soon", "kind": "cheese"}, set(), True),
        ({"valid_from": "soon", "kind": ""}, set(), True),
        ({"valid_from": "soon", "kind": "statute"}, set(), False),
        ({"valid_from": "soon", "kind": "novel"}, set(), False),
        ({"subject_id": "a\x00", "kind": "statute"}, set(), True),
        ({"amount": "NaN", "subject_id": "a"}, {"a"}, False),
        ({"amount": "1,000", "subject_id": "a"}, {"a"}, False),
    ],
)
def test_a_rejected_row_of_evidence_taints_its_id_and_whom_it_names(
    tmp_path: Path, row: Row, subjects: set[str], *, everyone: bool
) -> None:
    vocabulary = load_vocabulary()
    kinds = {**vocabulary.evidence_kinds, "novel": EvidenceKind(subject_optional=True)}
    declared = replace(vocabulary, evidence_kinds=kinds)
    taints = check_registers(export(tmp_path, evidence=[row]), declared).taints
    assert taints.evidence_ids == {"E-1"}
    assert taints.evidence_subjects == subjects
    assert taints.all_evidence_subjects is everyone


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"party_id": "carrier"}, "party_id", "party-is-role"),
        ({"party_id": "CUSTOMER", "role": "carrier"}, "role", "customer-role"),
        ({"party_id": "CUSTOMER", "role": "cheese"}, "role", "customer-role"),
        ({"role": ""}, "role", "cell-required"),
        ({"legal_role": "boss"}, "legal_role", "cell-enum"),
        ({"agreement_until": "2025-02-30"}, "agreement_until", "cell-day-end"),
        ({"purposes": "a;;b"}, "purposes", "item-minlength"),
    ],
)
def test_a_rejected_party_is_tainted(tmp_path: Path, row: Row, column: str, code: str) -> None:
    found = registers(tmp_path, parties=[row])
    assert codes(found.rejected) == [(2, column, code)]
    assert found.taints.parties == {row.get("party_id", "P-1")}
    assert found.parties.is_empty()


def test_the_customer_may_be_registered_as_what_it_is(tmp_path: Path) -> None:
    found = registers(tmp_path, parties=[{"party_id": "CUSTOMER", "role": "subject"}])
    assert found.parties["party_id"].to_list() == ["CUSTOMER"]
    assert not found.taints.parties


@pytest.mark.parametrize("name", TABLES[1:])
@pytest.mark.parametrize("cell", ["", "a\x00b", "x" * 257])
def test_a_row_whose_own_id_cannot_be_read_refuses_the_input(
    tmp_path: Path, name: str, cell: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        registers(tmp_path, **{name: [{}, {table(name).key: cell}]})
    (problem,) = refused.value.problems
    assert (problem.code, problem.facts["position"]) == ("register-unnamed", 3)


@pytest.mark.parametrize("name", TABLES[1:])
def test_a_row_of_a_register_that_fits_no_columns_refuses_the_input(
    tmp_path: Path, name: str
) -> None:
    export(tmp_path)
    with (tmp_path / f"{name}.csv").open("a") as file:
        file.write("short,row\n")
    with pytest.raises(InputRefused) as refused:
        check_registers(open_export(tmp_path), load_vocabulary())
    assert refused.value.problems[0].code == "register-spoiled"


def test_consents_that_allow_nothing_and_recipients_nobody_knows(tmp_path: Path) -> None:
    consents = [
        {"consent_id": "base"},
        {"consent_id": "hollow", "recipient": "P-1"},
        {"consent_id": "half", "purposes": "marketing.own", "recipient": "authorized_partner"},
        {
            "consent_id": "sound",
            "purposes": "marketing.own",
            "data_categories": "contact",
            "recipient": "P-9",
        },
        {"consent_id": "refusal", "effect": "forbid", "recipient": "P-8"},
    ]
    found = registers(tmp_path, consents=consents)
    (hollow,) = (notice for notice in found.notices if notice.code == "consents-hollow")
    assert hollow.facts == {"count": 2, "example": "half"}
    assert found.unregistered_recipients == ("P-8", "P-9")


def test_the_same_register_in_any_form_is_the_same(tmp_path: Path) -> None:
    row = {
        **SOUND["evidence"],
        "amount": "35.50",
        "valid_until": "2025-06-30",
        "subject_id": "13800138000",
    }
    expected = registers(tmp_path, evidence=[row]).evidence
    (tmp_path / "evidence.csv").unlink()
    (tmp_path / "evidence.jsonl").write_text(
        json.dumps({**row, "amount": 35.5, "subject_id": 13800138000})
    )
    assert check_registers(open_export(tmp_path), load_vocabulary()).evidence.equals(expected)
    (tmp_path / "evidence.jsonl").unlink()
    pl.DataFrame([{**row, "amount": 35.5, "subject_id": 13800138000}]).with_columns(
        pl.col("valid_from").str.to_date(), pl.col("kind").cast(pl.Categorical)
    ).write_parquet(tmp_path / "evidence.parquet")
    assert check_registers(open_export(tmp_path), load_vocabulary()).evidence.equals(expected)
