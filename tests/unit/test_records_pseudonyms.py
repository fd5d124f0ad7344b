"""Pseudonyms need their key, and the key is its owner's alone."""

import hashlib
import hmac
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.problems import UsageRefused
from audit.records.pseudonyms import KEY_BYTES, pseudonym, pseudonym_key

KEY = bytes(range(32))


def test_a_pseudonym_is_the_keyed_digest_of_the_id() -> None:
    told = hmac.new(KEY, b"13800138000", hashlib.sha256).hexdigest()
    assert pseudonym(KEY, "13800138000") == told[:32]


def test_another_key_gives_another_pseudonym() -> None:
    assert pseudonym(KEY, "S-1") != pseudonym(bytes(32), "S-1")
    assert pseudonym(KEY, "S-1") != pseudonym(KEY, "S-2")


def test_the_whole_base_is_nobody() -> None:
    assert pseudonym(KEY, "*") == "*"


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "pseudonyms.key"
    before = os.umask(0)
    try:
        key = pseudonym_key(file)
    finally:
        os.umask(before)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert pseudonym_key(file) == key
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_two_who_make_it_at_once_have_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    file = tmp_path / "pseudonyms.key"
    makers = [threading.Thread(target=lambda: keys.append(pseudonym_key(file))) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def written(content: bytes, mode: int) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_bytes(content)
        file.chmod(mode)

    return write


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (written(KEY, 0o644), "pseudonym-key-open"),
        (written(KEY, 0o620), "pseudonym-key-open"),
        (written(KEY[:-1], 0o600), "pseudonym-key-length"),
        (written(KEY + b"\n", 0o600), "pseudonym-key-length"),
        (written(b"", 0o600), "pseudonym-key-length"),
        (lambda file: os.mkfifo(file, 0o600), "pseudonym-key-length"),
        (lambda file: file.symlink_to("nowhere"), "pseudonym-key-unusable"),
        (lambda file: file.mkdir(0o700), "pseudonym-key-unusable"),
    ],
    ids=["open to all", "open to the group", "short", "long", "empty", "pipe", "link", "folder"],
)
def test_a_key_that_cannot_be_trusted_is_refused(
    spoil: Callable[[Path], object], code: str, tmp_path: Path
) -> None:
    file = tmp_path / "pseudonyms.key"
    spoil(file)
    with pytest.raises(UsageRefused) as refusal:
        pseudonym_key(file)
    assert [problem.code for problem in refusal.value.problems] == [code]
