"""A register in many parts is one register: the same rows valid, rejected, dropped and at odds."""

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from audit.records.checking import Registers, check_registers
from audit.sources import columnar
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary

TIMES = ["2024-01-01T08:00:00+08:00", "2024-01-01T00:00:00Z", "2024-01-02", "soon"]


def consents(seed: int) -> pl.DataFrame:
    """Rows of which some are said twice, some share an id, and some are at fault."""
    rng = Random(seed)
    rows = [
        {
            "consent_id": f"C-{rng.randrange(30)}",
            "subject_id": rng.choice(["13800138000", "13900139000", "a b"]),
            "document": "d",
            "recipient": rng.choice([None, "P-1"]),
            "purposes": rng.choice([None, ["service"], ["service", "credit"]]),
            "kind": rng.choice(["agreement", "separate", "written", "none"]),
            "given_at": rng.choice(TIMES),
            "expires_at": rng.choice([None, *TIMES[2:3]]),
        }
        for _ in range(60)
    ]
    return pl.DataFrame(rows + rng.sample(rows, 20))


def parties(rows: int) -> pl.DataFrame:
    names = [*(f"P-{number}" for number in range(rows)), "carrier", "CUSTOMER"]
    return pl.DataFrame({"party_id": names, "name": "n", "role": "carrier"})


def read(folder: Path) -> Registers:
    return check_registers(open_export(folder), load_vocabulary())


def told(registers: Registers) -> dict[str, Any]:
    """Everything that is known of registers, but for what their files are."""
    names = ("parties", "consents", "evidence", "rejected")
    rows = {name: getattr(registers, name).rows() for name in names}
    return rows | {
        "taints": registers.taints,
        "notices": list(map(str, registers.notices)),
        "dropped": registers.dropped,
        "unregistered": registers.unregistered_recipients,
        "valid": registers.told.valid,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_parts_make_the_same_register(
    seed: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = consents(seed)
    if kind == "parquet":
        rows.write_parquet(tmp_path / "consents.parquet")
    else:
        rows.with_columns(pl.col("purposes").list.join(";")).write_csv(tmp_path / "consents.csv")
    parties(9).write_parquet(tmp_path / "parties.parquet")
    pl.DataFrame({"flow_id": []}).write_parquet(tmp_path / "flows.parquet")
    whole = told(read(tmp_path))
    assert whole["dropped"]["consents"] >= 20
    assert {"id-conflict", "party-is-role", "customer-role"} <= {
        row[6] for row in whole["rejected"]
    }
    assert len(whole["consents"]) > 3
    monkeypatch.setattr(columnar, "BATCH_ROWS", 7)
    if kind == "csv":  # files are parts, too
        (tmp_path / "consents.csv").unlink()
        for number, piece in enumerate(rows.iter_slices(13)):
            flat = piece.with_columns(pl.col("purposes").list.join(";"))
            flat.write_csv(tmp_path / f"consents-{number}.csv")
    parts = told(read(tmp_path))
    if kind == "csv":
        places = [row[:2] + row[4:] for row in whole["rejected"]]
        assert [row[:2] + row[4:] for row in parts["rejected"]] == places
        del parts["rejected"], whole["rejected"]
    assert parts == whole


def test_one_instant_written_in_two_ways_is_not_said_twice(tmp_path: Path) -> None:
    row = {"consent_id": "C", "subject_id": "S", "document": "d", "kind": "agreement"}
    rows = [{**row, "given_at": time} for time in (TIMES[0], TIMES[1], TIMES[0])]
    pl.DataFrame(rows).write_csv(tmp_path / "consents.csv")
    pl.DataFrame({"flow_id": []}).write_parquet(tmp_path / "flows.parquet")
    found = told(read(tmp_path))
    assert (found["consents"], found["dropped"]["consents"]) == ([], 1)
    assert [row[6] for row in found["rejected"]] == ["id-conflict"] * 2
