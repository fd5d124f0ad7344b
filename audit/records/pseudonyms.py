"""Keyed pseudonyms: the only form in which a subject's id leaves the tool unasked."""

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from audit.problems import Problem, UsageRefused
from audit.vocabulary import WHOLE_BASE

KEY_BYTES = 32
KEY_FILE = ".pseudonyms.key"  # beside the runs, so that a person has one pseudonym in all of them
SHOWN_BYTES = 16  # 128 bits: two subjects of a billion share one with probability 10^-21
_BLOCK = 64  # bytes of a block of SHA-256
_INNER, _OUTER = 0x36, 0x5C


def pseudonym(key: bytes, subject_id: str) -> str:
    """The subject's pseudonym under this key (HMAC-SHA256); the whole base stays `*`.

    Without the key a telephone number cannot be found by trying them all, as it can from a plain
    digest.
    """
    if subject_id == WHOLE_BASE:
        return subject_id
    return hmac.digest(key, subject_id.encode(), hashlib.sha256)[:SHOWN_BYTES].hex()


def digester(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 under one key (RFC 2104), its two first blocks digested once.

    A third of the time that `hmac.digest` takes, which begins anew with every message.
    """
    padded = key.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ _INNER for byte in padded))
    outer = hashlib.sha256(bytes(byte ^ _OUTER for byte in padded))

    def digest(message: bytes) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(message)
        around.update(within.digest())
        return around.digest()

    return digest


def pseudonym_key(file: Path) -> bytes:
    """The key in this file, made on first use and readable by its owner alone.

    Two processes that make it at once end with the same key. Raises UsageRefused where the file
    cannot be used: unreadable, open to other users, or not of the right length.
    """
    try:
        if not os.path.lexists(file):
            _make(file)
        return _read(file)
    except OSError as error:
        facts = {"file": str(file), "detail": os.strerror(error.errno or 0)}
        raise UsageRefused(Problem("pseudonym-key-unusable", facts)) from error


def _make(file: Path) -> None:
    """Write it whole under another name first; the first to link it to its place wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(secrets.token_bytes(KEY_BYTES))
            opened.flush()
            os.fsync(opened.fileno())
        _link(draft, file)
    finally:
        draft.unlink()


def _link(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return


def _read(file: Path) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as opened:
        status = os.fstat(opened.fileno())
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise UsageRefused(Problem("pseudonym-key-open", {"file": str(file)}))
        key = opened.read(KEY_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    if len(key) != KEY_BYTES:
        raise UsageRefused(Problem("pseudonym-key-length", {"file": str(file)}))
    return key
