"""Uploaded files put where an audit can read them: names made harmless, sizes bounded, private."""

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audit.problems import Problem, UsageRefused
from audit.sources.export import READABLE, format_of

MOST_FILES = 100
MOST_BYTES = 4 << 30  # of all files together; what is larger is audited from its folder
MOST_TEXT = 64 << 20  # of a text; one that is read is smaller still
_CHUNK = 1 << 20
_LONGEST_NAME = 180  # bytes; the file system takes 255
_PLAIN = frozenset("._-()[]（）【】 ")
_HIDDEN = "._~$- "  # what a name may not begin with: such files are passed over


@dataclass(frozen=True)
class Upload:
    """One file as somebody sent it: the name they gave it, and its bytes."""

    name: str
    content: BinaryIO


def stage(uploads: Iterable[Upload], folder: Path, most: int = MOST_BYTES) -> tuple[str, ...]:
    """Write the files into the folder, which is there; their names as they were made harmless.

    Raises UsageRefused, with every fault at once, where a file is of no kind that is read, two have
    one name, there are none, too many or too large ones.
    """
    sent = list(uploads)
    names = [harmless(upload.name) for upload in sent]
    if faults := _faults(names, [upload.name for upload in sent]):
        raise UsageRefused(*faults)
    left = most
    for name, upload in zip(names, sent, strict=True):
        left -= _write(folder / name, upload.content, left, most)
    return tuple(names)


def stage_text(text: Upload, folder: Path) -> str:
    """Write the text of an agreement into the folder; its name as it was made harmless.

    Raises UsageRefused where it is too large to be one. Whether it is one the check tells.
    """
    name = harmless(text.name)
    if not name or len(name.encode()) > _LONGEST_NAME:
        name = "agreement.txt"
    _write(folder / name, text.content, MOST_TEXT, MOST_TEXT)
    return name


def harmless(name: str) -> str:
    """The last part of a name with nothing in it that a system could take for something else."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter if _is_plain(letter) else "_" for letter in last).lstrip(_HIDDEN)
    stem, dot, suffix = plain.partition(".")
    room = _LONGEST_NAME - len((dot + suffix).encode())
    return stem.encode()[: max(room, 0)].decode(errors="ignore") + dot + suffix


def _is_plain(letter: str) -> bool:
    return letter.isalnum() or letter in _PLAIN


def _faults(names: list[str], sent: list[str]) -> list[Problem]:
    if not names:
        return [Problem("upload-none")]
    if len(names) > MOST_FILES:
        return [Problem("upload-many", {"files": len(names), "most": MOST_FILES})]
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    return [
        *(
            Problem("upload-kind", {"file": shown(given), "known": READABLE})
            for name, given in zip(names, sent, strict=True)
            if format_of(Path(name)) is None or len(name.encode()) > _LONGEST_NAME
        ),
        *(Problem("upload-twice", {"file": name}) for name in twice),
    ]


def shown(name: str) -> str:
    """A name as somebody gave it, fit for a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]


def _write(path: Path, content: BinaryIO, left: int, most: int) -> int:
    """The bytes written, all of them."""
    content.seek(0)
    written = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := content.read(_CHUNK):
            written += len(chunk)
            if written > left:
                raise UsageRefused(Problem("upload-large", {"most": f"{most / (1 << 20):,.0f}"}))
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return written
