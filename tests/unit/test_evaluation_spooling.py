"""Flows past what is held lie on the disk, and what comes of a run is the same to the byte."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from random import Random

import polars as pl
import pytest

from audit.evaluation import meeting, nameless, runs, spooling, tallying
from audit.evaluation.ordered import cut
from audit.evaluation.part import FLOWS
from audit.evaluation.spooling import LaidDown, Spool
from audit.outcome import Unaccounted
from audit.reports import verdict_file
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests.judged import Flow, judgement

HOUSE = Path(__file__).parents[2]
EXAMPLE = HOUSE / "examples" / "small_carrier"
SMALL = (
    *((spooling, "MOST", 40), (runs, "_BLOCK", 7), (runs, "_RANGE", 3), (spooling, "FIRST", 9)),
    *((tallying, "_HELD", 1), (tallying, "_FEW", 3)),
)
FULL = """
import resource, sys
from audit.evaluation import duty_rows, meeting, nameless, spooling
from audit.__main__ import main

laid = {"flows": spooling, "people": meeting, "duties": nameless, "told": duty_rows}
laid[sys.argv[4]].MOST = 3
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
told = ["run", sys.argv[2], "--out", sys.argv[3], "--no-cache", "--quiet"]
sys.argv = ["consent-audit", "--lang", "en", *told]
main()
"""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few flows are held, and few are read at a time."""
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)


def files(folder: Path) -> dict[str, bytes]:
    """Every file that a run left."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def spooled(flows: pl.DataFrame, rows: int) -> Spool:
    spool = Spool()
    for batch in flows.iter_slices(rows):
        spool.add(batch)
    return spool


def drawn(seed: int, count: int) -> pl.DataFrame:
    """Flows in a random order, the ids of unlike lengths, beginnings and letters."""
    rng = Random(seed)
    names = [f"{rng.choice(['F-', 'f', '流', ''])}{number}" for number in range(count)]
    rows = [
        (name, rng.randrange(4), rng.randrange(3), rng.choice([None, "E1"]), ["C1"] * (place % 3))
        for place, name in enumerate(rng.sample(names, count))
    ]
    return pl.DataFrame(rows, schema=FLOWS, orient="row")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("rows", [1, 13, 500])
def test_flows_come_back_in_the_order_of_their_ids(rows: int) -> None:
    flows = drawn(rows, 400)
    spool = spooled(flows, rows)
    assert spool.laid is not None
    spool.lay_down()
    pieces = list(spool.laid.merged())
    assert rows == 500 or len(pieces) > 5
    wanted = sorted(flows.iter_rows(), key=lambda row: str(row[0]).encode())
    assert pl.concat(pieces).rows() == wanted
    assert spool.signed.sum() == 400


@pytest.mark.usefixtures("small")
def test_flows_on_the_disk_go_through_pickle_as_they_are() -> None:
    flows = drawn(1, 200)
    told = pickle.loads(pickle.dumps(spooled(flows, 9).part()))  # noqa: S301 (our own)
    assert sorted(pl.concat([*told]).rows()) == sorted(flows.rows())


def test_few_flows_stay_in_memory() -> None:
    assert spooled(drawn(1, 200), 9).laid is None


@pytest.mark.parametrize("rows", [1, 4, 99, 100, 101])
def test_pieces_are_cut_to_one_size(rows: int) -> None:
    flows = drawn(2, 100)
    pieces = list(cut(iter([flows.head(3), flows.slice(3, 90), flows.slice(93)]), rows))
    assert [each.height for each in pieces[:-1]] == [rows] * (len(pieces) - 1)
    assert 0 < pieces[-1].height <= rows
    assert pl.concat(pieces).equals(flows)


def test_a_run_leaves_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict_file, "ROWS_IN_A_GROUP", 30)
    leave(audit(Request(EXAMPLE)), tmp_path / "held", ["csv"])
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)
    for module, name in ((meeting, "MOST"), (meeting, "SUBJECTS"), (nameless, "MOST")):
        monkeypatch.setattr(module, name, 0)
    found = audit(Request(EXAMPLE))
    assert isinstance(found.judgement.flows, LaidDown)
    assert found.judgement.met.subjects.file is not None
    leave(found, tmp_path / "laid", ["csv"])
    held, laid = files(tmp_path / "held"), files(tmp_path / "laid")
    assert held.keys() == laid.keys()
    assert [name for name in held if held[name] != laid[name]] == []


def test_a_flow_with_two_verdicts_is_never_written(tmp_path: Path) -> None:
    twice = judgement(Flow("F1"), Flow("F2"), Flow("F2"))
    with pytest.raises(Unaccounted):
        verdict_file.write_verdicts(twice, tmp_path / "verdicts")


@pytest.mark.parametrize(
    ("laid", "bytes_", "code"),
    [
        *(("flows", 2_000, 5), ("people", 200, 5), ("duties", 500, 5), ("told", 500, 5)),
        *(("flows", 100_000_000, 1), ("people", 100_000_000, 1)),
    ],
)
def test_a_disk_without_room_ends_the_run_with_one_sentence(
    laid: str, bytes_: int, code: int, tmp_path: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(bytes_), str(EXAMPLE), str(tmp_path / "run"), laid],
        cwd=HOUSE,
        env=os.environ | {"PYTHONPATH": str(HOUSE), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == code, told.stderr
    assert (tmp_path / "run").exists() == (code == 1)
    assert {path.name for path in tmp_path.iterdir()} <= {"run", ".pseudonyms.key"}
    assert code == 1 or len(told.stderr.strip().splitlines()) == 1
    assert str(tmp_path / "run") not in told.stderr  # it was not met as late as in the writing
