"""A stream of another encoding as one of UTF-8, a piece at a time, held to strictly."""

import codecs
import io
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 20
_DENSE = 32  # bytes to one that is not ASCII, at most, for all of them to be decoded at once
_ASCII = 0x7F


def recoded(raw: BinaryIO, encoding: str) -> BinaryIO:
    """The stream as UTF-8; reading raises UnicodeError where its bytes are not of the encoding."""
    return io.BufferedReader(_Recoded(raw, encoding), _PIECE)


class _Recoded(io.RawIOBase):
    """A stream that holds ASCII as bytes of its own, or UTF-16."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._wide = encoding == "utf-16"
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer as far as a piece goes; 0 at the end."""
        while not self._ready:
            piece = self._raw.read(_PIECE)
            self._ready = memoryview(self._as_utf8(piece))
            if not piece and not self._ready:
                return 0
        room = memoryview(buffer).cast("B")
        size = min(len(room), len(self._ready))
        room[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def close(self) -> None:
        """Close the stream below as well."""
        self._raw.close()
        super().close()

    def _as_utf8(self, piece: bytes) -> bytes:
        """What the piece says; but for lines that are not ASCII it is left as it is."""
        if self._wide or not piece:
            return self._decoder.decode(piece, final=not piece).encode()
        foreign = np.flatnonzero(np.frombuffer(piece, np.uint8) > _ASCII)
        if len(foreign) * _DENSE > len(piece):
            return self._decoder.decode(piece).encode()
        return b"".join(self._by_lines(piece, foreign.tolist()))

    def _by_lines(self, piece: bytes, foreign: list[int]) -> Iterator[bytes]:
        """The piece, decoded from where a line ceases to be ASCII to the line's end."""
        begun, _ = self._decoder.getstate()  # a character that the last piece cut
        if begun:
            foreign = [0, *foreign]
        done, turn = 0, 0
        while turn < len(foreign):
            place = foreign[turn]
            end = piece.find(b"\n", place) + 1 or len(piece)
            yield piece[done:place]
            yield self._decoder.decode(piece[place:end]).encode()
            done, turn = end, bisect_left(foreign, end, turn)
        yield piece[done:]
