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

_CHUNK = 1 << 20
# Records seldom shrink past 1:50; a long run of nothing shrinks 1:1000.
_MOST_RATIO = 200
_RATIO_FROM = 256 << 20


class Encoding(StrEnum):
    """The encodings that are read."""

    utf8 = "utf-8"
    gb18030 = "gb18030"


@dataclass(frozen=True)
class Writing:
    """What one pass over a text file tells."""

    encoding: Encoding
    quotes: int


def survey(path: Path, name: str) -> Writing:
    """The file's encoding: strict UTF-8, else GB18030 (held to it strictly while it is read).

    Raises InputRefused for UTF-16 and its kin, for a file whose mark says UTF-8 and whose bytes do
    not, and for a compressed file that is damaged or swells beyond reason.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, utf8, quotes = b"", True, 0
    for chunk in _chunks(path, name):
        head = head or chunk
        quotes += chunk.count(b'"')
        utf8 = utf8 and _decodes(decoder, chunk)
    utf8 = utf8 and _decodes(decoder, b"", final=True)
    # A zero byte in the heading is UTF-16 without a mark; further down it spoils only its record.
    wide = b"\0" in head.partition(b"\n")[0] or head[:2] in {
        codecs.BOM_UTF16_LE,
        codecs.BOM_UTF16_BE,
    }
    if wide or (head.startswith(codecs.BOM_UTF8) and not utf8):
        raise InputRefused(Problem("encoding-unknown", {"file": name}))
    return Writing(Encoding.utf8 if utf8 else Encoding.gb18030, quotes)


def opened(path: Path) -> BinaryIO:
    """The file's bytes, decompressed where its name says that it is compressed."""
    if path.suffix.lower() == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _chunks(path: Path, name: str) -> Iterator[bytes]:
    size, seen = max(path.stat().st_size, 1), 0
    try:
        with opened(path) as file:
            while chunk := file.read(_CHUNK):
                seen += len(chunk)
                if seen > _RATIO_FROM and seen / size > _MOST_RATIO:
                    raise InputRefused(Problem("file-swells", {"file": name}))
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise InputRefused(Problem("file-damaged", {"file": name})) from fault


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
