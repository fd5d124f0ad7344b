"""Parts of an entry that come one by one: spelled at once, held in a file without a name."""

from __future__ import annotations

import mmap
import tempfile
import weakref
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from audit.keeping.entry import Spelt, write_entry
from audit.keeping.spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.keeping.shelf import Shelf
    from audit.keeping.spelling import Spelled

_PACKED = "lz4"


class Spool:
    """An entry in the making; where there is no room for it, it is given up, and nothing is kept.

    Memory does not grow with what is added.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._parts: dict[str, tuple[Any, list[tuple[int, int]]]] = {}
        with suppress(OSError):
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this value is
            weakref.finalize(self, self._file.close)

    def add(self, name: str, value: object) -> None:
        """Another part of the entry."""
        if self._file is None:
            return
        speller = Speller({}, _PACKED)
        told = speller.spelled(value)
        try:
            places = []
            for buffer in speller.buffers:
                places.append((self._file.tell(), buffer.nbytes))
                self._file.write(buffer)
            self._parts[name] = told, places
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """Forget what was added, and whatever may come."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file, self._parts = None, {}

    def put(self, shelf: Shelf, name: str) -> bool:
        """Lay the entry on the shelf under this name; false where it does not lie there then."""
        if self._file is None:
            return False
        with suppress(OSError):
            self._file.flush()
            held = memoryview(_mapped(self._file))
            parts = {
                part: partial(_spelt, told, held, places)
                for part, (told, places) in self._parts.items()
            }
            shelf.put(name, lambda file: write_entry(file, parts))
            self._give_up()
            shelf.take(name).close()
            return True
        return False


def _spelt(told: Spelled, held: memoryview, places: Sequence[tuple[int, int]]) -> Spelt:
    return told, [held[start : start + size] for start, size in places]


def _mapped(file: IO[bytes]) -> mmap.mmap | bytes:
    """The bytes of the file; one that is empty cannot be mapped."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.tell() else b""
