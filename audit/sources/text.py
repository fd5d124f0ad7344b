"""How a text file is written: compressed or not, in which encoding, with how many quotes."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from audit.problems import InputRefused, Problem
from audit.sources.recoding import recoded

_CHUNK = 1 << 20
_PART = 1 << 12  # of a chunk: small, so that most parts of a table are ASCII, which is seen at once
# Records seldom shrink past 1:50; a long run of nothing shrinks 1:1000.
_MOST_RATIO = 200
_RATIO_FROM = 256 << 20


class Encoding(StrEnum):
    """The encodings that are read."""

    utf8 = "utf-8"
    gb18030 = "gb18030"
    utf16 = "utf-16"

    @property
    def opened(self) -> "Encoding":
        """What the bytes are in that `opened` gives of such a file."""
        return Encoding.utf8 if self is Encoding.utf16 else self


@dataclass(frozen=True)
class Writing:
    """What one pass over a text file tells."""

    encoding: Encoding
    quotes: int


def survey(path: Path, name: str) -> Writing:
    """The file's encoding: UTF-16 where its mark says so, strict UTF-8, else GB18030.

    The last is held to strictly while it is read. Raises InputRefused for UTF-16 without a mark and
    UTF-32, for a file whose mark says what its bytes do not, and for a compressed file that is
    damaged or swells beyond reason.
    """
    head = next(_chunks(path, name), b"")
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if marked and not head.startswith(codecs.BOM_UTF32_LE):
        return _survey_wide(path, name)
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, quotes = True, 0
    for chunk in _chunks(path, name):
        quotes += chunk.count(b'"') if b'"' in chunk else 0  # to find none is much faster
        utf8 = utf8 and all(_decodes(decoder, part) for part in _parts(chunk))
    utf8 = utf8 and _decodes(decoder, b"", final=True)
    # A zero byte in the heading is UTF-16 without a mark; further down it spoils only its record.
    wide = marked or b"\0" in head.partition(b"\n")[0]
    if wide or (head.startswith(codecs.BOM_UTF8) and not utf8):
        raise InputRefused(Problem("encoding-unknown", {"file": name}))
    return Writing(Encoding.utf8 if utf8 else Encoding.gb18030, quotes)


def _survey_wide(path: Path, name: str) -> Writing:
    decoder, quotes = codecs.getincrementaldecoder(Encoding.utf16)(), 0
    try:
        for chunk in _chunks(path, name):
            quotes += decoder.decode(chunk).count('"')
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": name})) from fault
    return Writing(Encoding.utf16, quotes)


def opened(path: Path, encoding: Encoding) -> BinaryIO:
    """The file's bytes, decompressed where its name says so, and UTF-16 as UTF-8 (`opened`)."""
    raw = _decompressed(path)
    return raw if encoding.opened is encoding else recoded(raw, Encoding.utf16)


def opened_as_utf8(path: Path, encoding: Encoding) -> BinaryIO:
    """The same, but all of it as UTF-8; reading raises UnicodeError where it is not as said."""
    raw = _decompressed(path)
    return raw if encoding is Encoding.utf8 else recoded(raw, encoding)


def _decompressed(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".gz" or (not path.suffix and _is_gzip(path)):
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _is_gzip(path: Path) -> bool:
    """Whether a file that has no name of its own begins as one that is compressed."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _chunks(path: Path, name: str) -> Iterator[bytes]:
    size, seen = max(path.stat().st_size, 1), 0
    try:
        with _decompressed(path) as file:
            while chunk := file.read(_CHUNK):
                seen += len(chunk)
                if seen > _RATIO_FROM and seen / size > _MOST_RATIO:
                    raise InputRefused(Problem("file-swells", {"file": name}))
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise InputRefused(Problem("file-damaged", {"file": name})) from fault


def _parts(chunk: bytes) -> Iterator[bytes]:
    return (chunk[start : start + _PART] for start in range(0, len(chunk), _PART))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    if chunk.isascii() and not final and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
