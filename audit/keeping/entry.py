"""One file of kept values: parts that are read one by one, each trusted only if its digest holds.

The parts, an index in JSON and a tail of fixed length. A part is the buffers of a value, end to
end; the index has its place, its digest and the spelling of the value. The tail has the place and
the digest of the index, so that a file cut short anywhere is no entry.
"""

import hashlib
import json
import mmap
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, Any

import pyarrow as pa
from polars.exceptions import PolarsError

from audit.keeping.spelling import Reader

Spelt = tuple[Any, Sequence[memoryview]]  # a spelling and its buffers

_TAIL = struct.Struct("<QQ32s16s")
_SEAL = b"consent-audit\r\n\x1a"
_ALIGNED = 64
_NO_VALUE = (ValueError, TypeError, LookupError, AttributeError, ImportError, MemoryError)


class Damaged(Exception):
    """The entry is not what was written; it must not be used."""


def write_entry(file: IO[bytes], parts: Mapping[str, Callable[[], Spelt]]) -> None:
    """Write the parts, each spelled when its turn comes; raises OSError where there is no room."""
    index = {name: _written(file, *spell()) for name, spell in parts.items()}
    written = json.dumps(index, separators=(",", ":")).encode()
    seal = hashlib.sha256(written).digest()
    file.write(written + _TAIL.pack(file.tell(), len(written), seal, _SEAL))


def _written(file: IO[bytes], told: Any, buffers: Sequence[memoryview]) -> dict[str, Any]:  # noqa: ANN401
    """Where a part lies now, and what it is."""
    start, digest, ends = file.tell(), hashlib.sha256(), [0]
    for buffer in buffers:
        for piece in (buffer, bytes(-buffer.nbytes % _ALIGNED)):
            file.write(piece)
            digest.update(piece)
        ends.append(file.tell() - start)
    return {"start": start, "ends": ends, "digest": digest.hexdigest(), "told": told}


class Entry:
    """An entry open for reading; raises Damaged where it is none."""

    def __init__(self, file: IO[bytes]) -> None:
        with _sound():
            self._bytes = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            start, length, seal, mark = _TAIL.unpack(self._bytes[-_TAIL.size :])
            written = self._bytes[start : start + length]
            if mark != _SEAL or hashlib.sha256(written).digest() != seal:
                raise Damaged
            self._index = json.loads(bytes(written))
        self._trusted: set[str] = set()

    def read(self, part: str, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - what was kept
        """The value of a part; raises Damaged where its bytes are not those that were written."""
        with _sound():
            place = self._index[part]
            ends = [place["start"] + end for end in place["ends"]]
            if part not in self._trusted:
                self._demand_sound(part, self._bytes[ends[0] : ends[-1]])
            buffers = [self._bytes[start:end] for start, end in pairwise(ends)]
            return Reader(buffers, given).read(place["told"])

    def _demand_sound(self, part: str, content: memoryview) -> None:
        """Raise Damaged unless the part has the digest that was written; looked at once."""
        if hashlib.sha256(content).hexdigest() != self._index[part]["digest"]:
            raise Damaged
        self._trusted.add(part)


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever goes wrong with bytes that are not an entry means just that."""
    try:
        yield
    except (*_NO_VALUE, OSError, struct.error, pa.ArrowException, PolarsError) as fault:
        raise Damaged from fault
