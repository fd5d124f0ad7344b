"""The signatures of a run as it leaves them, and read back: what a replay asks (ADR 0010)."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl
from pyarrow import parquet

from audit.clauses.clause import Condition
from audit.evaluation.ordered import Held
from audit.evaluation.signing import SIGNATURES, Signed

SIGNATURE_FILE, FLOW_SIGNATURE_FILE = "signatures.parquet", "flow_signatures.parquet"
_CONDITIONS = (
    b"consent-audit conditions"  # in the file's own metadata: bit by bit, word and argument
)


def conditions_told(conditions: Sequence[Condition]) -> dict[bytes, bytes]:
    """The conditions as the metadata of the file of signatures has them."""
    spelled = [[line.word, list(line.argument)] for line in conditions]
    return {_CONDITIONS: json.dumps(spelled, ensure_ascii=False).encode()}


def kept_signatures(folder: Path) -> Signed | None:
    """The signatures of the run in this folder; None where it left none."""
    files = [folder / name for name in (SIGNATURE_FILE, FLOW_SIGNATURE_FILE)]
    if not all(map(Path.is_file, files)):
        return None
    read = partial(pl.read_parquet, glob=False)
    table, flows = map(read, files)
    spelled = json.loads((parquet.read_schema(files[0]).metadata or {})[_CONDITIONS])
    conditions = tuple(Condition(word, tuple(asked)) for word, asked in spelled)
    return Signed(conditions, table.select(list(SIGNATURES)), Held(flows))
