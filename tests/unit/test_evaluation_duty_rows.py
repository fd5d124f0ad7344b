"""Duties shared out and laid on the disk are the same, row for row and byte for byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import polars as pl
import pytest

from audit.evaluation import duty_rows, nameless, runs, sharing
from audit.evaluation.duties import DUTIES
from audit.evaluation.duty_rows import DutyRows, DutySpool, in_order
from audit.outcome import Audit
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests import reference_duties
from tests.exporting import Export, exported
from tests.properties import owing
from tests.reference_duties import Row

EXAMPLE = Path(__file__).parents[2] / "examples" / "small_carrier"
PACKS = ("telecom_agreement", "cn_statute")


@contextmanager
def little(share: int = 32_000, most: int = 20) -> Iterator[None]:
    """Shares are of few flows, few rows are held, and few are read at a time."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            *((sharing, "MOST", share), (sharing, "_ROWS", 7), (nameless, "MOST", 2_000)),
            *((duty_rows, "MOST", most), (runs, "_BLOCK", 5), (runs, "_RANGE", 2)),
        ):
            patch.setattr(module, name, value)
        yield


def drawn(rng: Random, duty: str, count: int) -> pl.DataFrame:
    """What was told of a duty: events of one id with several parties and persons among them."""
    rows = [
        (
            *("contract", duty, "flow", f"F-{rng.randrange(count)}"),
            *(rng.choice([None, "*", "S1", "S2"]), rng.choice([None, "P1", "P2"]), None, None),
            *(rng.choice(["pending", "breached"]), rng.choice([None, "flow:F-1"]), None, 1),
        )
        for _ in range(count)
    ]
    return pl.DataFrame(rows, schema=DUTIES, orient="row")


def spooled(parts: list[pl.DataFrame]) -> DutyRows:
    spool = DutySpool()
    for part in parts:
        spool.add(part)
    return spool.rows()


@pytest.mark.parametrize("most", [0, 20, 90, 1000])
def test_rows_come_back_in_the_order_of_the_table(most: int) -> None:
    rng = Random(most)
    parts = [drawn(rng, rng.choice("abc"), size) for size in (30, 0, 1, 50, 17)]
    whole = DutyRows(pl.concat(parts))
    with little(most=most):
        rows = spooled(parts)
        pieces = list(rows.pieces())
        assert (rows.laid is None) == (most == 1000)
        assert most == 1000 or len(pieces) > 5
    assert pl.concat(pieces).equals(pl.concat(parts).sort(DUTIES.names()))
    assert rows.height == whole.height == sum(map(len, parts))
    assert sorted(rows.counts.rows()) == sorted(whole.counts.rows())
    assert rows.name_persons


def test_rows_that_their_key_tells_apart_are_sorted_as_all_are() -> None:
    rows = drawn(Random(1), "a", 200)
    for some in (rows, rows.unique("event_id"), rows.clear()):
        assert in_order(some).equals(some.sort(DUTIES.names()))


def test_nobody_is_named_where_all_are_owed_to_nobody() -> None:
    rows = drawn(Random(2), "a", 40)
    nobody = rows.filter(pl.col("subject").is_null() | (pl.col("subject") == "*"))
    assert not DutyRows(nobody).name_persons
    assert not DutyRows().name_persons


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_duties_told_share_by_share_are_those_of_the_reference(seed: int) -> None:
    rng = Random(f"shares {seed}")
    tables = owing.tables(rng, 60, losses=seed == 3)
    packs = [owing.document(rng, layer) for layer in ("contract", "statute")[: 1 + seed % 2]]
    with exported(tables, packs, Export(parts=3)) as (_, request):
        whole = audit(request)
        with little():
            parts = audit(request)
            said = parts.duties
    assert whole.duty_rows.laid is None
    assert parts.duty_rows.laid is not None
    assert said.equals(whole.duties)
    assert [Row(*row) for row in said.iter_rows()] == reference_duties.duties_of(
        tables, packs, owing.VOCABULARY
    )
    assert parts.findings.equals(whole.findings)
    assert parts.calendar_lacking == whole.calendar_lacking


def test_a_run_leaves_the_same_bytes(tmp_path: Path) -> None:
    formats = ("csv", "json", "html")
    leave(audited(), tmp_path / "whole", formats)
    with little():
        found = audited()
        assert found.duty_rows.laid is not None
        leave(found, tmp_path / "parts", formats)
    whole, parts = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("whole", "parts")
    )
    assert "duties.parquet" in whole
    assert whole.keys() == parts.keys()
    assert [name for name in whole if whole[name] != parts[name]] == []


def audited() -> Audit:
    return audit(Request(EXAMPLE, PACKS))
