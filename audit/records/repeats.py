"""Ids that occur more than once, found without keeping the ids: 8 bytes a record, most on the disk.

Every id leaves its 64-bit hash; hashes that occur twice are suspects, and only if there are any are
the ids themselves compared. After partition-based duplicate elimination (Bitton and DeWitt, 1983).
"""

import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.ipc

from audit.sources.spool import let_go

Hashes = npt.NDArray[np.uint64]

_ID = "id"
_PARTS = 64
_IN_MEMORY = 64 << 20
_EDGES = np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(64 - 6)


class SeenIds:
    """The hashes of all ids seen so far, sorted run by run."""

    def __init__(self) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, let_go, self._spool)
        self._runs: list[tuple[int, npt.NDArray[np.int64]]] = []

    def add(self, ids: pl.Series) -> None:
        """Remember these ids; null is none."""
        run = np.sort(hashes_of(ids.drop_nulls()))
        bounds = np.concatenate([[0], np.searchsorted(run, _EDGES), [len(run)]])
        self._runs.append((self._spool.seek(0, 2), bounds))
        self._spool.write(run.tobytes())

    def suspects(self) -> Hashes:
        """The hashes that occurred more than once, in order."""
        return np.concatenate([repeated(self._part(part)) for part in range(_PARTS)])

    def _part(self, part: int) -> Hashes:
        """What all runs have of one range of hashes."""
        return np.concatenate([np.zeros(0, np.uint64), *self._pieces(part)])

    def _pieces(self, part: int) -> Iterator[Hashes]:
        for start, bounds in self._runs:
            self._spool.seek(start + 8 * int(bounds[part]))
            size = int(bounds[part + 1] - bounds[part])
            yield np.frombuffer(self._spool.read(8 * size), np.uint64)


class KeptIds:
    """The ids of a file of which it takes long to read them again, laid on the disk meanwhile.

    `whole` is false where the disk had no room for them: then the file is read again.
    """

    def __init__(self) -> None:
        self.whole = True
        with self._if_there_is_room():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
            weakref.finalize(self, let_go, self._file)
            self._schema = pa.schema({_ID: pa.large_string()})
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(self._file, self._schema, options=options)

    def add(self, ids: pl.Series) -> None:
        """Keep these ids as well."""
        if self.whole:
            batch = pa.RecordBatch.from_arrays([ids.to_arrow()], schema=self._schema)
            with self._if_there_is_room():
                self._writer.write_batch(batch)

    def end(self) -> None:
        """None can be added from now on."""
        if self.whole:
            with self._if_there_is_room():
                self._writer.close()
                self._file.flush()

    def __iter__(self) -> Iterator[pl.Series]:
        """All that were added, in order, after the end."""
        self._file.seek(0)
        return (pl.Series(each.column(_ID)) for each in pa.ipc.open_stream(self._file))

    @contextmanager
    def _if_there_is_room(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self.whole = False


def hashes_of(ids: pl.Series) -> Hashes:
    """The 64-bit hashes of ids; equal ids have equal hashes within a process."""
    return ids.hash(seed=0).to_numpy()


def among(hashes: Hashes, some: Hashes) -> npt.NDArray[np.bool_]:
    """Which of the hashes are among some in order, one at least; to search these sorts nothing."""
    places = np.minimum(np.searchsorted(some, hashes), len(some) - 1)
    found: npt.NDArray[np.bool_] = some[places] == hashes
    return found


def repeated(hashes: Hashes) -> Hashes:
    """The hashes that occur more than once."""
    ordered = np.sort(hashes, kind="stable")  # runs in order, most of the time
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
