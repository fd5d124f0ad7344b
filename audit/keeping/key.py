"""The name of an entry: a digest of everything that its content depends on."""

import hashlib
import platform
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

import audit
import consent_schemas
from audit.clauses.clause import Pack
from audit.outcome import digest, product_version
from audit.records.checking import REGISTERS
from audit.sources.export import Export, TableFile
from audit.sources.reading import digest as digest_of_file

_CODE = (audit, consent_schemas)
_READ_AT_RUN = {".py", ".toml", ".json"}

Digests = tuple[str, ...]


def digests_of(export: Export) -> Digests:
    """The digests of the files of the registers, in the order in which they are read.

    Raises OSError where one cannot be read.
    """
    return tuple(digest_of_file(file) for name in REGISTERS for file in export.files(name))


def key_of(export: Export, packs: Sequence[Pack], digests: Digests) -> str:
    """The key of the registers of an export under these packs.

    Where the files lie does not matter, nor does the language: what is kept is in none.
    """
    files = [file for name in REGISTERS for file in export.files(name)]
    return digest(
        {
            "files": [_told(file, sha256) for file, sha256 in zip(files, digests, strict=True)],
            "columns": {name: dict(export.columns.get(name, {})) for name in REGISTERS},
            **_circumstances(export, packs),
        }
    )


def key_of_flows(export: Export, file: TableFile, packs: Sequence[Pack], sha256: str) -> str:
    """The key of what a run makes of a file of flows, but for the registers that it rests on."""
    columns = dict(export.columns.get(file.table, {}))
    told = {"flows": _told(file, sha256), "columns": columns}
    return digest({**told, **_circumstances(export, packs)})


def key_of_run(run: str) -> str:
    """The key of what a run, by its id, leaves for the next one."""
    return digest({"run": run, "source": _source(), "machine": _machine()})


def _told(file: TableFile, sha256: str) -> list[str | None]:
    return [file.table, file.name, file.sheet, file.format, sha256]


def _circumstances(export: Export, packs: Sequence[Pack]) -> dict[str, Any]:
    """All that is the same for every file of a run."""
    return {
        "timezone": export.timezone,
        "complete": sorted(export.complete),
        "packs": [[pack.layer, pack.id, pack.digest] for pack in packs],
        "version": product_version(),
        "source": _source(),
        "machine": _machine(),
    }


@cache
def _source() -> str:
    """A digest of our own code and data: an engine that was changed reads no older entry."""
    told = hashlib.sha256()
    for package in _CODE:
        root = Path(str(package.__file__)).parent
        for path in sorted(each for each in root.rglob("*") if each.suffix in _READ_AT_RUN):
            content = path.read_bytes()
            told.update(f"{path.relative_to(root)} {len(content)} ".encode())
            told.update(content)
    return told.hexdigest()


def _machine() -> list[str]:
    """What else decides how values are made and how they lie in memory."""
    libraries = (pl.__version__, np.__version__, pa.__version__)
    return [*libraries, platform.python_version(), platform.machine(), sys.byteorder]
