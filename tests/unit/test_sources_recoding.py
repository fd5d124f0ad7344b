"""Streams of other encodings, read as UTF-8 in pieces that cut characters anywhere."""

import io

import pytest

from audit.sources import recoding
from audit.sources.recoding import recoded

TEXT = "a,b\n甲,x\r\nlong ascii line of which nothing is strange,\n|𠮷;|,乙𠮷\n\n丙" * 3


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
@pytest.mark.parametrize("dense", [1, 1000])
@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 64, 1 << 20])
def test_nothing_is_lost_or_changed(
    monkeypatch: pytest.MonkeyPatch, encoding: str, dense: int, piece: int
) -> None:
    monkeypatch.setattr(recoding, "_PIECE", piece)
    monkeypatch.setattr(recoding, "_DENSE", dense)
    with recoded(io.BytesIO(TEXT.encode(encoding)), encoding) as stream:
        assert stream.read().decode() == TEXT


@pytest.mark.parametrize("dense", [1, 1000])
@pytest.mark.parametrize("piece", [1, 4, 64])
@pytest.mark.parametrize("stray", [b"\xff", b"a\x81\n", b"\x81,", b"\x84\x31\x95", b"\xb0"])
def test_bytes_that_are_no_character_are_told(
    monkeypatch: pytest.MonkeyPatch, dense: int, piece: int, stray: bytes
) -> None:
    monkeypatch.setattr(recoding, "_PIECE", piece)
    monkeypatch.setattr(recoding, "_DENSE", dense)
    whole = TEXT.encode("gb18030")
    for broken in (whole + stray, b"a,b,c\n" + stray + b"\n" + whole):
        with (
            recoded(io.BytesIO(broken), "gb18030") as stream,
            pytest.raises(UnicodeDecodeError),
        ):
            stream.read()
